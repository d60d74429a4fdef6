/// A Swift source as the rules see it: code without the insides of literals and comments, and the literals apart.
struct SwiftFile {
  struct Literal: Equatable {
    /// The line of the opening quote, from 1.
    let line: Int
    /// The characters between the quotes as written; an interpolation stands as one `…`.
    let text: String
  }

  let path: String
  /// The source in which the contents of strings, regexes, raw identifiers and comments are spaces; lines keep their numbers.
  let code: [UInt8]
  let literals: [Literal]

  init(path: String, text: String) {
    self.path = path
    var scanner = LiteralScanner(text)
    scanner.scan()
    code = scanner.code
    literals = scanner.literals
  }

  /// `Sources/Store/Takes/File.swift` belongs to `Store`.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  var isTest: Bool { path.hasPrefix("Tests/") }

  /// The lines of `code`, in order.
  var codeLines: [String] {
    code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

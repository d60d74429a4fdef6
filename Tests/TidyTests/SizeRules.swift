/// Files and functions that fit in a reader's head.
enum SizeRules {
  static let longestFile = 400
  static let longestFunction = 60

  static func check(_ file: SwiftFile) -> [Violation] {
    var violations: [Violation] = []
    let count = file.code.count { $0 == .newline }
    if count > longestFile {
      violations.append(Violation(file.path, "\(count) lines; a file has at most \(longestFile)"))
    }
    for body in FunctionFinder.bodies(in: file.code) where body.lines > longestFunction {
      let message = "\(body.keyword) of \(body.lines) lines; a function has at most \(longestFunction)"
      violations.append(Violation(file.path, line: body.line, message))
    }
    return violations
  }
}

/// Finds declarations with bodies by their keyword and braces.
struct FunctionFinder {
  struct Body: Equatable {
    let keyword: String
    /// The keyword's line, from 1.
    let line: Int
    /// From the keyword's line to the closing brace's, both counted.
    let lines: Int
  }

  private struct Pending {
    let keyword: String
    let line: Int
  }

  private var bodies: [Body] = []
  /// What opened each brace that is still open; nil for braces of types, closures and statements.
  private var open: [Pending?] = []
  private var pending: Pending?
  /// Open parentheses and square brackets since the pending keyword.
  private var depth = 0
  private var line = 1

  /// Of code whose literals and comments are blank.
  static func bodies(in code: [UInt8]) -> [Body] {
    var finder = FunctionFinder()
    var at = 0
    while at < code.count {
      let start = at
      while at < code.count && isWordByte(code[at]) { at += 1 }
      if at > start {
        finder.word(code[start..<at], afterDot: start > 0 && code[start - 1] == UInt8(ascii: "."))
      } else {
        finder.punctuation(code[at])
        at += 1
      }
    }
    return finder.bodies.sorted { $0.line < $1.line }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...: true
    default: false
    }
  }

  private mutating func word(_ bytes: ArraySlice<UInt8>, afterDot: Bool) {
    guard !afterDot, depth == 0 || pending == nil else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    if ["func", "init", "deinit", "subscript", "var"].contains(text) {
      pending = Pending(keyword: text, line: line)
      depth = 0
    }
  }

  private mutating func punctuation(_ byte: UInt8) {
    switch byte {
    case .newline:
      line += 1
      // A stored property ends with its line; a function's signature may go on.
      if depth == 0 && pending?.keyword == "var" { pending = nil }
    case UInt8(ascii: "("), UInt8(ascii: "["):
      depth += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"):
      depth = max(0, depth - 1)
    case UInt8(ascii: "{"):
      openBrace()
    case UInt8(ascii: "}"):
      closeBrace()
    default:
      break
    }
  }

  private mutating func openBrace() {
    // A closure among the parameters' defaults is not the body.
    if pending != nil && depth == 0 {
      open.append(pending)
      pending = nil
    } else {
      open.append(nil)
    }
  }

  private mutating func closeBrace() {
    if depth == 0 { pending = nil }
    guard let opened = open.popLast(), let opened else { return }
    bodies.append(Body(keyword: opened.keyword, line: opened.line, lines: line - opened.line + 1))
  }
}

/// Tells code from strings, regexes, raw identifiers and comments, as far as the tidy rules need it.
///
/// It is no parser: a bare `/regex/` is told from a division by what stands before it.
struct LiteralScanner {
  private(set) var code: [UInt8]
  private(set) var literals: [SwiftFile.Literal] = []
  private let source: [UInt8]
  private var at = 0
  private var line = 1

  init(_ text: String) {
    source = Array(text.utf8)
    code = source
  }

  mutating func scan() {
    scanCode(untilClosingParenthesis: false)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    at + offset < source.count ? source[at + offset] : 0
  }

  private func starts(with text: StaticString) -> Bool {
    text.withUTF8Buffer { wanted in
      at + wanted.count <= source.count && source[at..<at + wanted.count].elementsEqual(wanted)
    }
  }

  /// Steps over bytes that are code.
  private mutating func keep(_ count: Int = 1) {
    for _ in 0..<count where at < source.count {
      if source[at] == .newline { line += 1 }
      at += 1
    }
  }

  /// Steps over bytes that are not code; line ends stay.
  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where at < source.count {
      if source[at] == .newline { line += 1 } else { code[at] = .space }
      at += 1
    }
  }

  private mutating func scanCode(untilClosingParenthesis: Bool) {
    var depth = 0
    while at < source.count {
      if scanQuoted() { continue }
      if byte() == UInt8(ascii: "(") { depth += 1 }
      if byte() == UInt8(ascii: ")") {
        depth -= 1
        if untilClosingParenthesis && depth < 0 { return }
      }
      keep()
    }
  }

  /// Steps over a comment, string, regex or raw identifier that begins here; false when none does.
  private mutating func scanQuoted() -> Bool {
    switch byte() {
    case UInt8(ascii: "/"):
      if starts(with: "//") {
        while at < source.count && byte() != .newline { blank() }
        return true
      }
      if starts(with: "/*") {
        scanBlockComment()
        return true
      }
      return scanBareRegex()
    case UInt8(ascii: "`"):
      keep()
      while at < source.count && byte() != UInt8(ascii: "`") && byte() != .newline { blank() }
      keep()
      return true
    case UInt8(ascii: "\""):
      scanString(hashes: 0)
      return true
    case UInt8(ascii: "#"):
      return scanHashed()
    default:
      return false
    }
  }

  private mutating func scanBlockComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        blank(2)
      } else if starts(with: "*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && at < source.count
  }

  private mutating func scanHashed() -> Bool {
    var hashes = 0
    while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
    switch byte(hashes) {
    case UInt8(ascii: "\""):
      keep(hashes)
      scanString(hashes: hashes)
      return true
    case UInt8(ascii: "/"):
      keep(hashes + 1)
      while at < source.count && !(byte() == UInt8(ascii: "/") && hasHashes(hashes, after: 1)) { blank() }
      keep(hashes + 1)
      return true
    default:
      return false
    }
  }

  private func hasHashes(_ count: Int, after offset: Int) -> Bool {
    (0..<count).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
  }

  private mutating func scanBareRegex() -> Bool {
    var before = at - 1
    while before >= 0 && source[before] == .space { before -= 1 }
    let opens = before < 0 || "(,=:[{!&|?;\n".utf8.contains(source[before])
    guard opens, byte(1) != .space, byte(1) != .newline else { return false }
    var length = 1
    while byte(length) != UInt8(ascii: "/") {
      if byte(length) == .newline || at + length >= source.count { return false }
      length += byte(length) == .backslash ? 2 : 1
    }
    keep()
    blank(length - 1)
    keep()
    return true
  }

  /// At the first quote of a string with that many `#` before it.
  private mutating func scanString(hashes: Int) {
    let opening = line
    let isMultiline = starts(with: "\"\"\"")
    let quotes = isMultiline ? 3 : 1
    var content: [UInt8] = []
    keep(quotes)
    while at < source.count {
      if byte() == UInt8(ascii: "\""), !isMultiline || starts(with: "\"\"\""), hasHashes(hashes, after: quotes) {
        keep(quotes + hashes)
        break
      }
      if byte() == .newline && !isMultiline { break }
      if byte() == .backslash && hasHashes(hashes, after: 1) {
        scanEscape(hashes: hashes, into: &content)
      } else {
        content.append(byte())
        blank()
      }
    }
    literals.append(SwiftFile.Literal(line: opening, text: String(decoding: content, as: UTF8.self)))
  }

  private mutating func scanEscape(hashes: Int, into content: inout [UInt8]) {
    guard byte(1 + hashes) == UInt8(ascii: "(") else {
      content += source[at..<min(at + hashes + 2, source.count)]
      blank(hashes + 2)
      return
    }
    content += Array("…".utf8)
    blank(hashes + 1)
    keep()
    scanCode(untilClosingParenthesis: true)
    keep()
  }
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let backslash = UInt8(ascii: "\\")
}

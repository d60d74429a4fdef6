/// A place in a `SourceText`: UTF-8 offsets, half open.
public struct Span: Hashable, Sendable {
  public let lower: Int
  public let upper: Int

  public init(_ lower: Int, _ upper: Int) {
    self.lower = lower
    self.upper = max(lower, upper)
  }

  /// The smallest span that holds both.
  public func joined(with other: Span) -> Span { Span(min(lower, other.lower), max(upper, other.upper)) }
}

/// What a person reads as a place: both numbers start at 1, columns count characters.
public struct Position: Hashable, Sendable {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Some text with the name by which messages call it: a file, `<stdin>`, `-c`.
///
/// This is the boundary where bytes become text: whatever comes in, `bytes` is valid UTF-8.
public struct SourceText: Hashable, Sendable {
  public let name: String
  public let bytes: [UInt8]
  /// The line number of the first line, for a piece cut out of a longer text.
  public let firstLine: Int
  /// The bytes given were not UTF-8; what could not be read is U+FFFD now.
  public let isRepaired: Bool

  public init(name: String, text: String, firstLine: Int = 1) {
    self.name = name
    self.bytes = Array(text.utf8)
    self.firstLine = firstLine
    self.isRepaired = false
  }

  public init(name: String, bytes: [UInt8], firstLine: Int = 1) {
    self.name = name
    self.firstLine = firstLine
    if String(validating: bytes, as: UTF8.self) != nil {
      self.bytes = bytes
      self.isRepaired = false
    } else {
      self.bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
      self.isRepaired = true
    }
  }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The text of a span; what lies outside the source is left out.
  public subscript(span: Span) -> String {
    let lower = min(max(span.lower, 0), bytes.count)
    let upper = min(max(span.upper, lower), bytes.count)
    return String(decoding: bytes[lower..<upper], as: UTF8.self)
  }

  /// Line and column of a UTF-8 offset; an offset past the end is the place behind the last character.
  public func position(at offset: Int) -> Position {
    let offset = min(max(offset, 0), bytes.count)
    let start = lineStart(before: offset)
    let line = bytes[..<start].count { $0 == UInt8(ascii: "\n") }
    let column = String(decoding: bytes[start..<offset], as: UTF8.self).count
    return Position(line: firstLine + line, column: column + 1)
  }

  /// The span of `length` characters at a line and column, as parsers of other formats report them.
  public func span(at position: Position, length: Int = 1) -> Span {
    var start = 0
    for _ in 0..<max(0, position.line - firstLine) {
      guard let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      start = newline + 1
    }
    let line = String(decoding: bytes[start..<lineEnd(after: start)], as: UTF8.self)
    let before = line.prefix(max(0, position.column - 1))
    let marked = line.dropFirst(before.count).prefix(max(0, length))
    return Span(start + before.utf8.count, start + before.utf8.count + marked.utf8.count)
  }

  func lineStart(before offset: Int) -> Int {
    (bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
  }

  func lineEnd(after offset: Int) -> Int {
    bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  }
}

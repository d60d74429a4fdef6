/// Where the reading of a statement stands at the end of a line, by the lexer's own rules.
struct LineState: Equatable {
  var last: Token?
  var bracketDepth = 0
  var wordsArePlain = false
  /// The line ended inside a text.
  var openQuote: UInt8?

  /// Nothing but blanks and comments so far.
  var isBlank: Bool { last == nil }

  /// The statement may end with this line.
  var mayEnd: Bool {
    openQuote == nil && bracketDepth == 0 && !(last.map { Lexer.continues($0, wordsArePlain: wordsArePlain) } ?? false)
  }

  /// The statement ended with this line, whatever the next one is.
  var hasEnded: Bool { openQuote == nil && last?.kind == .terminator }

  /// Reads one more line with its line end. Returns the first token on it, if any.
  mutating func read(_ line: [UInt8]) -> Token? {
    var rest = line
    if let quote = openQuote {
      guard let end = Self.end(of: quote, in: line) else { return last }
      rest = Array(line[end...])
      openQuote = nil
      last = last.map { Token(kind: .literal(Literal(.text, "")), span: $0.span) }
      let before = last
      _ = readTokens(rest, startsLine: false)
      return before
    }
    return readTokens(rest, startsLine: true)
  }

  private mutating func readTokens(_ bytes: [UInt8], startsLine: Bool) -> Token? {
    let lexed = Lexer.line(bytes, after: self, startsLine: startsLine)
    (last, bracketDepth, wordsArePlain, openQuote) = (
      lexed.last ?? last, lexed.bracketDepth, lexed.wordsArePlain, lexed.openQuote
    )
    return lexed.first
  }

  /// The offset behind the closing quote.
  private static func end(of quote: UInt8, in line: [UInt8]) -> Int? {
    var index = 0
    while index < line.count {
      if line[index] == quote { return index + 1 }
      index += line[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }
}

import Diagnostics

/// What can stand at a place of a text being typed. Pure: it looks at nothing but what it is given, and takes a fraction of
/// a millisecond for a statement and some thousand live values.
public struct Completer: Sendable {
  let catalogue: Catalogue
  let live: LiveValues
  /// The word at the cursor.
  private(set) var typed = TypedWord("")
  /// The most that is offered at a time.
  static let most = 1000

  public init(catalogue: Catalogue, live: LiveValues) {
    self.catalogue = catalogue
    self.live = live
  }

  /// For `text` as it stands before the cursor. Words that begin as the one at the cursor come first; where none does, those
  /// that hold its letters in order.
  public func suggestions(for text: String) -> Suggestions {
    let (tokens, word) = Self.statement(text)
    let place = PlaceFinder(catalogue: catalogue, live: live).place(tokens[...])
    if place == .path || (place == .planName && word.first.map { $0 == "\"" || $0 == "'" } ?? false) {
      return Suggestions(
        replacing: word.count, items: [], path: String(word.drop { $0 == "\"" || $0 == "'" }))
    }
    var completer = self
    completer.typed = TypedWord(word)
    return Suggestions(
      replacing: word.count, items: completer.typed.matching(completer.choices(place), by: \.label, most: Self.most))
  }

  // MARK: The word at the cursor

  /// The tokens of the last statement, and the letters before the cursor that belong to no token yet.
  static func statement(_ text: String) -> (tokens: [Token], word: String) {
    let source = SourceText(name: "", text: text)
    var tokens = Lexer.tokens(of: source).dropLast().map { $0 }
    let end = source.bytes.count
    var start = end
    // `neon-` is a word, then a minus, until the next letter makes it one.
    while let last = tokens.last, last.span.upper == start, belongsToWord(last) {
      let isDash = last.kind == .minus
      if isDash, tokens.dropLast().last?.span.upper != last.span.lower { break }
      start = last.span.lower
      tokens.removeLast()
      if !isDash { break }
    }
    let word = String(decoding: source.bytes[start..<end], as: UTF8.self)
    let statementStart = tokens.lastIndex { $0.kind == .terminator }.map { $0 + 1 } ?? 0
    return (Array(tokens[statementStart...]), word)
  }

  private static func belongsToWord(_ token: Token) -> Bool {
    switch token.kind {
    case .word, .literal, .macro, .unknown, .minus: true
    case .regex, .comparison, .openBracket, .closeBracket, .comma, .colon, .tilde, .range, .pipe, .terminator, .end:
      false
    }
  }
}

import Diagnostics

extension Parser {
  mutating func literal(_ description: String = "a value") throws(SyntaxError) -> Located<Literal> {
    let start = token.span
    if accept(.minus) {
      guard case .literal(let literal) = token.kind, let negative = literal.negated else {
        throw unexpected(["a number"])
      }
      defer { advance() }
      return Located(negative, start.joined(with: token.span))
    }
    guard let literal = Self.literal(token) else { throw unexpected([description]) }
    advance()
    return Located(literal, start)
  }

  mutating func optionalLiteral() throws(SyntaxError) -> Located<Literal>? {
    isAtEnd ? nil : try literal()
  }

  private static func literal(_ token: Token) -> Literal? {
    switch token.kind {
    case .literal(let literal): literal
    case .word(let word): Literal(word: word)
    case .regex, .macro, .comparison, .pipe, .openBracket, .closeBracket, .comma, .colon, .tilde, .range, .minus,
      .terminator,
      .end, .unknown:
      nil
    }
  }

  /// `( item, item )`.
  mutating func bracketed<Item>(
    _ item: (inout Parser) throws(SyntaxError) -> Item
  ) throws(SyntaxError) -> [Item] {
    let bracket = token.span
    try expect(.openBracket, "\"(\"")
    if token.kind == .closeBracket {
      throw error(
        .syntax, "these brackets are empty", at: bracket.joined(with: token.span),
        hints: ["put something in, or leave them out"])
    }
    let items = try list(item)
    try closeBracket(openedAt: bracket)
    return items
  }

  mutating func closeBracket(openedAt bracket: Span) throws(SyntaxError) {
    if isAtEnd || (token.startsLine && beginsStatement) {
      throw error(.syntax, "this bracket is not closed", at: bracket, hints: ["it needs a ) behind it"])
    }
    try expect(.closeBracket, "\")\"")
  }

  /// `(failed, character=Aria)`; `()` is no arguments.
  mutating func arguments() throws(SyntaxError) -> [Argument] {
    if token.kind == .openBracket, following.kind == .closeBracket {
      advance()
      advance()
      return []
    }
    return try bracketed { (parser) throws(SyntaxError) in
      if case .literal(let literal) = parser.token.kind, literal.kind == .parameter,
        parser.following.kind == .comparison(.equal)
      {
        throw parser.error(
          .syntax, "what is given has its name without the $", at: parser.token.span,
          hints: ["write  \(literal.text)=VALUE"])
      }
      guard parser.word != nil, parser.following.kind == .comparison(.equal) else {
        return Argument(name: nil, value: try parser.literal())
      }
      return try parser.option()
    }
  }

  /// `key=value key=value`, as far as they go.
  mutating func options() throws(SyntaxError) -> [Argument] {
    var options: [Argument] = []
    while word != nil, following.kind == .comparison(.equal) { options.append(try option()) }
    return options
  }

  private mutating func option() throws(SyntaxError) -> Argument {
    let name = try name("an option")
    try expect(.comparison(.equal), "\"=\"")
    return Argument(name: name, value: try literal())
  }
}

extension Literal {
  /// A word without quotes. `true`, `false` and `null` are what they say; in quotes they are texts.
  init(word: String) {
    switch word.lowercased() {
    case "true": self.init(.bool(true), "true")
    case "false": self.init(.bool(false), "false")
    case "null": self.init(.null, "null")
    default: self.init(.word, word)
    }
  }

  /// What `-` makes of a number; nil for what has no negative.
  var negated: Literal? {
    switch kind {
    case .integer(let value): Literal(.integer(-value), "-" + text)
    case .decimal(let value): Literal(.decimal(-value), "-" + text)
    case .percent(let value): Literal(.percent(-value), "-" + text)
    case .text, .word, .bool, .duration, .date, .null, .parameter: nil
    }
  }
}

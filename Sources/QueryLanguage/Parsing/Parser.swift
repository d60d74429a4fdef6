import Diagnostics

/// Text -> syntax tree. Takes any text in linear time and never fails: what it cannot read becomes a diagnostic.
public struct Parser {
  /// Longer texts are refused unread.
  public static let byteLimit = 16 << 20
  static let depthLimit = 100
  static let stageLimit = 100
  static let conditionLimit = 2_000
  static let errorLimit = 100

  let source: SourceText
  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  private var warnings: [Diagnostic] = []
  /// A bracket was left open before: the lexer's line ends cannot be relied on.
  private var linesBeginStatements = false
  /// Comparisons seen in this statement.
  var conditionCount = 0

  /// All statements of the text. A statement that cannot be read has an error and the kind `invalid`; reading goes on behind
  /// it, at the next `;`, at the end of its line, or where an unclosed bracket is followed by a line that begins a statement.
  public static func parse(_ source: SourceText) -> ParseResult {
    guard source.bytes.count <= byteLimit else {
      let problem = Diagnostic(
        code: DiagnosticCode.tooLong.rawValue, message: "this text is longer than \(byteLimit >> 20) MB",
        source: source,
        span: Span(0, 0), hints: ["split it into statements with line ends or ;"])
      return ParseResult(statements: [], other: [problem])
    }
    var parser = Parser(source)
    return ParseResult(statements: parser.statements(), other: parser.repairs())
  }

  private init(_ source: SourceText) {
    self.source = source
    self.tokens = Lexer.tokens(of: source)
  }

  private func repairs() -> [Diagnostic] {
    guard source.isRepaired else { return [] }
    let place = source.text.utf8.firstRange(of: "\u{FFFD}".utf8).map {
      source.text.utf8.distance(from: source.text.startIndex, to: $0.lowerBound)
    }
    return [
      Diagnostic(
        code: DiagnosticCode.invalidUTF8.rawValue, message: "this text is not UTF-8", source: source,
        span: Span(place ?? 0, (place ?? 0) + 3), hints: ["save the file as UTF-8"])
    ]
  }

  private mutating func statements() -> [Statement] {
    var statements: [Statement] = []
    var errors = 0
    while true {
      while token.kind == .terminator { advance() }
      if token.kind == .end { return statements }
      let statement = statement()
      statements.append(statement)
      errors += statement.kind == .invalid ? 1 : 0
      if errors >= Self.errorLimit {
        let rest = Span(token.span.lower, source.bytes.count)
        let failure = error(.tooMany, "more than \(Self.errorLimit) statements could not be read", at: rest)
        return statements + [Statement(.invalid, span: rest, source: source, diagnostics: [failure.diagnostic])]
      }
    }
  }

  private mutating func statement() -> Statement {
    let start = token.span.lower
    let first = index
    (depth, conditionCount, warnings) = (0, 0, [])
    do throws(SyntaxError) {
      let kind = try statementKind()
      guard isAtEnd else { throw unexpected(["\"|\"", "the end of the statement"]) }
      return Statement(kind, span: Span(start, previous.span.upper), source: source, diagnostics: warnings)
    } catch {
      recover(from: first)
      let span = Span(start, max(start, previous.span.upper))
      return Statement(.invalid, span: span, source: source, diagnostics: warnings + [error.diagnostic])
    }
  }

  /// Skips the rest of a statement that could not be read. A line that begins a statement ends it even inside a bracket, which then
  /// was never closed: from there on every such line does.
  private mutating func recover(from first: Int) {
    if index == first, !isAtEnd { advance() }
    while !isAtEnd {
      if token.startsLine, beginsStatement {
        linesBeginStatements = true
        return
      }
      advance()
    }
  }
}

/// What ends the reading of one statement.
struct SyntaxError: Error {
  var diagnostic: Diagnostic
}

// MARK: - Tokens

extension Parser {
  var token: Token { tokens[index] }

  /// The token behind the current one.
  var following: Token { tokens[min(index + 1, tokens.count - 1)] }

  var previous: Token { tokens[max(0, index - 1)] }

  var isAtEnd: Bool {
    token.kind == .terminator || token.kind == .end || (linesBeginStatements && token.startsLine && beginsStatement)
  }

  mutating func advance() { index = min(index + 1, tokens.count - 1) }

  /// The current word in lower case, or nil when it is no word.
  var word: String? { Self.word(token) }

  static func word(_ token: Token) -> String? {
    if case .word(let word) = token.kind { word.lowercased() } else { nil }
  }

  mutating func accept(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  mutating func accept(word wanted: String) -> Bool {
    guard word == wanted else { return false }
    advance()
    return true
  }

  mutating func expect(_ kind: Token.Kind, _ description: String) throws(SyntaxError) {
    guard accept(kind) else { throw unexpected([description]) }
  }

  mutating func expect(word wanted: String) throws(SyntaxError) {
    guard accept(word: wanted) else { throw unexpected(["\"\(wanted)\""]) }
  }

  /// A name without quotes, in lower case as the catalogue has it.
  mutating func name(_ description: String) throws(SyntaxError) -> Name {
    guard let word else { throw unexpected([description]) }
    defer { advance() }
    return Name(word, token.span)
  }

  /// One or more, with commas between them.
  mutating func list<Item>(
    _ item: (inout Parser) throws(SyntaxError) -> Item
  ) throws(SyntaxError) -> [Item] {
    var items = [try item(&self)]
    while accept(.comma) { items.append(try item(&self)) }
    return items
  }

  /// Runs `body` one level deeper, up to a limit that no person writes and no stack minds.
  mutating func nested<Item>(_ body: (inout Parser) throws(SyntaxError) -> Item) throws(SyntaxError) -> Item {
    guard depth < Self.depthLimit else {
      throw error(.tooDeep, "nested deeper than \(Self.depthLimit) levels", at: previous.span)
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }
}

// MARK: - Diagnostics

extension Parser {
  func error(_ code: DiagnosticCode, _ message: String, at span: Span, hints: [String] = []) -> SyntaxError {
    SyntaxError(
      diagnostic: Diagnostic(code: code.rawValue, message: message, source: source, span: span, hints: hints))
  }

  mutating func warn(_ code: DiagnosticCode, _ message: String, at span: Span, hint: String) {
    warnings.append(
      Diagnostic(.warning, code: code.rawValue, message: message, source: source, span: span, hints: [hint]))
  }

  /// The current token where something else has to stand.
  func unexpected(_ expected: [String], hint: String? = nil) -> SyntaxError {
    if case .unknown(let message, let ownHint) = token.kind {
      return error(.syntax, message, at: token.span, hints: [ownHint ?? hint].compactMap { $0 })
    }
    let message =
      "found \(found), expected " + Spelling.list(expected, conjunction: "or")
    let place = continuationHint ?? hint ?? quotesHint
    var failure = error(.syntax, message, at: token.span, hints: [place].compactMap { $0 })
    failure.diagnostic.expected = expected
    return failure
  }

  private var found: String {
    switch token.kind {
    case .end: "the end"
    case .terminator: source[token.span] == ";" ? "\";\"" : "the end of the line"
    default: "\"\(source[token.span].prefix(40))\""
    }
  }

  /// A statement that was not meant to go on in this line.
  var continuationHint: String? {
    guard token.startsLine, beginsStatement, index > 0 else { return nil }
    return "the line before stops in \"\(source[previous.span].prefix(20))\" and goes on here"
  }

  /// `character=Aria Vale`: two words in a row were meant as one name.
  private var quotesHint: String? {
    if token.kind == .colon { return Grammar.quotesHint }
    guard case .word(let second) = token.kind, case .word(let first) = previous.kind, index > 1,
      case .comparison = tokens[index - 2].kind
    else { return nil }
    if case .comparison = following.kind { return "conditions are joined with \"and\" or \"or\"" }
    return "a name of several words needs quotes: \"\(first) \(second)\""
  }
}

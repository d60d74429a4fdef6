import Diagnostics

/// Text -> syntax tree. Takes any text in linear time and never fails: what it cannot read becomes a diagnostic.
public struct Parser {
  /// Longer texts are refused unread.
  public static let byteLimit = 16 << 20
  static let depthLimit = 100
  static let stageLimit = 100
  static let conditionLimit = 2_000
  static let errorLimit = 100
  static let failureLimit = 20

  let source: SourceText
  private let tokens: [Token]
  /// It never goes back: reading takes linear time.
  private(set) var index = 0 { didSet { assert(index >= oldValue) } }
  private var depth = 0
  /// The keywords that would have fitted the current token, for a did-you-mean.
  private var tried: (words: [String], index: Int) = ([], 0)
  /// What was wrong with stages that were skipped.
  private var failures: [Diagnostic] = []
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
    (depth, conditionCount, warnings, failures) = (0, 0, [], [])
    var readable: Statement.Kind?
    do throws(SyntaxError) {
      let kind = try statementKind()
      if failures.isEmpty {
        guard isAtEnd else { throw unexpected(["\"|\"", "the end of the statement"]) }
        return Statement(kind, span: Span(start, previous.span.upper), source: source, diagnostics: warnings)
      }
      readable = kind
    } catch {
      failures.append(error.diagnostic)
    }
    recover(from: first)
    let span = Span(start, max(start, previous.span.upper))
    var statement = Statement(.invalid, span: span, source: source, diagnostics: warnings + failures)
    statement.readable = readable
    return statement
  }

  /// Reads a part of a pipeline. When it cannot be read, that is kept for the end, and reading goes on at the next `|`: several mistakes
  /// are told at once. Not within brackets, where a `|` may belong to whatever was meant.
  mutating func part<Part>(_ body: (inout Parser) throws(SyntaxError) -> Part) throws(SyntaxError) -> Part? {
    let first = index
    do throws(SyntaxError) {
      return try body(&self)
    } catch {
      guard depth == 0, failures.count < Self.failureLimit else { throw error }
      failures.append(error.diagnostic)
      var open = 0
      for token in tokens[first..<index] { open += token.bracketChange }
      while !isAtEnd, !(token.startsLine && beginsStatement), open > 0 || token.kind != .pipe {
        open = max(0, open + token.bracketChange)
        advance()
      }
      return nil
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
    guard let word else { return false }
    if word == wanted {
      advance()
      return true
    }
    if tried.index != index { tried = ([], index) }
    tried.words.append(wanted)
    return false
  }

  mutating func expect(_ kind: Token.Kind, _ description: String, hint: String? = nil) throws(SyntaxError) {
    guard accept(kind) else { throw unexpected([description], hint: hint) }
  }

  mutating func expect(word wanted: String, hint: String? = nil) throws(SyntaxError) {
    guard accept(word: wanted) else { throw unexpected(["\"\(wanted)\""], hint: hint) }
  }

  /// A name without quotes, in lower case as the catalogue has it.
  mutating func name(_ description: String, hint: String? = nil) throws(SyntaxError) -> Name {
    guard let word else { throw unexpected([description], hint: hint) }
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
    let place = continuationHint ?? keywordHint(expected) ?? hint ?? quotesHint ?? strayHint ?? foreignHint
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

  /// A mistyped keyword.
  private func keywordHint(_ expected: [String]) -> String? {
    guard let word, word.count > 2 else { return nil }
    let words = expected.map { $0.replacing("\"", with: "") } + triedWords
    return Spelling.suggestion(for: word, among: words, onlyMistyped: true)
  }

  /// Keywords that would have fitted the current token.
  var triedWords: [String] { tried.index == index ? tried.words : [] }

  /// A bracket that nothing opened, and what stands behind a text that was closed too late.
  private var strayHint: String? {
    if index > 0, previous.kind == .comma { return "leave out the comma before it, or put a value behind that" }
    if index > 0, previous.kind == .range { return "a range has two ends, such as  1..9;  its last one is missing" }
    if token.kind == .closeBracket { return isInBrackets ? nil : "there is no ( for it" }
    guard case .literal(let literal) = previous.kind, literal.kind == .text,
      source[previous.span].contains("\n")
    else { return nil }
    let line = source.position(at: previous.span.lower).line
    return "the text before it began in line \(line): perhaps its closing quote is missing there"
  }

  /// A bracket before the current token is still open.
  private var isInBrackets: Bool {
    tokens[..<index].reduce(0) { depth, token in
      switch token.kind {
      case .openBracket: depth + 1
      case .closeBracket: depth - 1
      case .terminator: 0
      default: depth
      }
    } > 0
  }

  /// A word of another query language, with what is meant by it here.
  var foreignHint: String? {
    switch word {
    case "limit", "head", "top": "write  | take 10"
    case "tail": "write  | take last 10"
    case "order": "write  | sort id  or  | sort -id"
    case "having", "filter": "write  | where CONDITION"
    case "from": "write  select cells"
    case _ where token.kind == .openBracket && previous.kind == .word("count"): "write  count  without brackets"
    default: nil
    }
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

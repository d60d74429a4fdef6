import Diagnostics

extension Parser {
  /// One precedence everywhere: not, comparison, and, or.
  mutating func condition() throws(SyntaxError) -> Condition {
    var operands = [try conjunction()]
    while accept(word: "or") { operands.append(try conjunction()) }
    guard operands.count > 1 else { return operands[0].condition }
    if let mixed = operands.first(where: \.isBareAnd) {
      warn(
        .mixedAndOr, "\"and\" binds before \"or\" here", at: mixed.span,
        hint: Self.shortened("it means  \(Condition.or(operands.map(\.condition)))"))
    }
    return .or(operands.map(\.condition))
  }

  private static func shortened(_ text: String) -> String { text.count > 100 ? "\(text.prefix(100))…" : text }

  private struct Conjunction {
    var condition: Condition
    var span: Span
    /// Several operands without brackets around them.
    var isBareAnd: Bool
  }

  private mutating func conjunction() throws(SyntaxError) -> Conjunction {
    let start = token.span.lower
    var operands = [try negation()]
    while accept(word: "and") { operands.append(try negation()) }
    return Conjunction(
      condition: operands.count > 1 ? .and(operands) : operands[0],
      span: Span(start, previous.span.upper), isBareAnd: operands.count > 1)
  }

  private mutating func negation() throws(SyntaxError) -> Condition {
    if word == "not", !isComparisonAhead {
      advance()
      return .not(try nested { (parser) throws(SyntaxError) in try parser.negation() })
    }
    guard token.kind == .openBracket else { return try atom() }
    let bracket = token.span
    advance()
    let inner = try nested { (parser) throws(SyntaxError) in try parser.condition() }
    try closeBracket(openedAt: bracket)
    return inner
  }

  /// The word at hand is a field, whatever else it could be: an operator follows it.
  private var isComparisonAhead: Bool {
    switch following.kind {
    case .comparison, .tilde: true
    case .word(let next): ["is", "like"].contains(next.lowercased())
    default: false
    }
  }

  private mutating func atom() throws(SyntaxError) -> Condition {
    conditionCount += 1
    guard conditionCount <= Self.conditionLimit else {
      throw error(
        .tooMany, "more than \(Self.conditionLimit) comparisons in one statement", at: token.span,
        hints: ["list the values: field in (a, b, c)"])
    }
    guard let word else { throw unexpected(["a condition"], hint: "for example  status = failed") }
    if !isComparisonAhead, let condition = try wordCondition(word) { return condition }
    let field = try name("a field")
    switch token.kind {
    case .comparison(let comparison):
      advance()
      return .comparison(field, comparison, try operand())
    case .tilde:
      advance()
      return .matches(field, try regex())
    default:
      return try worded(field)
    }
  }

  /// A condition that begins with a word of its own; nil when the word is a field.
  private mutating func wordCondition(_ word: String) throws(SyntaxError) -> Condition? {
    if word == "in", case .macro(let name) = following.kind {
      advance()
      let macro = Name(name.lowercased(), token.span)
      advance()
      return .inMacro(macro, token.kind == .openBracket ? try arguments() : [])
    }
    if let time = try timeComparison() { return .time(nil, time, try timeLiteral()) }
    if word == "true" || word == "false" {
      advance()
      return .constant(word == "true")
    }
    return nil
  }

  private mutating func timeLiteral() throws(SyntaxError) -> Located<Literal> {
    let literal = try literal("a duration or a date")
    guard let word, let unit = Self.units.first(where: { $0.words.contains(word) }) else { return literal }
    switch literal.value.kind {
    case .integer, .decimal:
      throw error(
        .syntax, "a duration is one word", at: literal.span.joined(with: token.span),
        hints: ["write  \(literal.value.text)\(unit.short)"])
    case .text, .word, .bool, .duration, .percent, .date, .null, .parameter: return literal
    }
  }

  private static let units: [(words: [String], short: String)] = [
    (["s", "sec", "secs", "second", "seconds"], "s"), (["m", "min", "mins", "minute", "minutes"], "m"),
    (["h", "hour", "hours"], "h"), (["d", "day", "days"], "d"), (["w", "week", "weeks"], "w"),
  ]

  private mutating func timeComparison() throws(SyntaxError) -> TimeComparison? {
    if accept(word: "since") { return .since }
    if accept(word: "before") { return .before }
    guard word == "older", Self.word(following) == "than" else { return nil }
    advance()
    advance()
    return .olderThan
  }

  /// What follows a field in words, or nothing: then the field itself is the condition.
  private mutating func worded(_ field: Name) throws(SyntaxError) -> Condition {
    if let time = try timeComparison() { return .time(field, time, try timeLiteral()) }
    if accept(word: "is") {
      let negated = accept(word: "not")
      if accept(word: "null") { return .isNull(field, negated: negated) }
      if accept(word: "set") { return .isNull(field, negated: !negated) }
      throw unexpected(["\"null\"", "\"set\""], hint: "write  \(field.value) is null  or  \(field.value) is set")
    }
    let negated = accept(word: "not")
    if accept(word: "in") {
      if token.kind != .openBracket, token.isValue {
        throw unexpected(["\"(\""], hint: "write  \(field.value) in (\(source[token.span].prefix(40)))")
      }
      return .membership(
        field, negated: negated, try bracketed { (parser) throws(SyntaxError) in try parser.operand() })
    }
    if accept(word: "like") { return .like(field, negated: negated, try literal("a pattern such as \"a*\"")) }
    if negated {
      throw unexpected(
        ["\"in\"", "\"like\""],
        hint: token.isValue ? "write  \(field.value) != \(source[token.span].prefix(40))" : nil)
    }
    guard endsFlag else {
      throw unexpected(
        ["\"=\"", "another operator", "\"and\"", "\"or\"", "\"|\""],
        hint: comparisonHint(field))
    }
    return .flag(field)
  }

  /// `status failed`, `older 2h`.
  private func comparisonHint(_ field: Name) -> String? {
    guard token.isValue else { return nil }
    let value = source[token.span].prefix(40)
    if word == "order" || word == "limit" { return foreignHint }
    if case .word("between") = token.kind { return "a range is written  \(field.value) = 3..7" }
    return field.value == "older" ? "write  older than \(value)" : "compare it:  \(field.value) = \(value)"
  }

  private var endsFlag: Bool {
    switch token.kind {
    case .word(let word): ["and", "or", "as"].contains(word.lowercased())
    case .literal, .regex, .macro, .unknown, .openBracket, .minus, .range, .comma, .colon: false
    case .pipe, .closeBracket, .terminator, .end, .comparison, .tilde: true
    }
  }

  private mutating func operand() throws(SyntaxError) -> Operand {
    if token.kind == .openBracket {
      throw unexpected(["a value"], hint: "several values are compared with  in (a, b)")
    }
    if case .macro(let name) = token.kind {
      throw unexpected(["a value"], hint: "a macro is rows, not a value: those among them are  where in @\(name)")
    }
    let lower = try literal()
    return accept(.range) ? .range(lower, try literal()) : .value(lower)
  }

  private mutating func regex() throws(SyntaxError) -> Located<RegexLiteral> {
    guard case .regex(let literal) = token.kind else {
      throw unexpected(
        ["a pattern between slashes: /.../"], hint: token.isValue ? "write  ~ /\(source[token.span].prefix(40))/" : nil)
    }
    defer { advance() }
    return Located(literal, token.span)
  }
}

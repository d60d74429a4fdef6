import Diagnostics

extension Parser {
  typealias StageReader = @Sendable (inout Parser) throws(SyntaxError) -> Stage

  /// By the word a stage begins with.
  static let stageReaders: [String: StageReader] = [
    "where": { (parser) throws(SyntaxError) in .filter(try parser.condition()) },
    "sort": { (parser) throws(SyntaxError) in
      .sort(try parser.list { (parser) throws(SyntaxError) in try parser.sortKey() })
    },
    "take": { (parser) throws(SyntaxError) in
      parser.accept(word: "last") ? .takeLast(try parser.literal("a number")) : .take(try parser.literal("a number"))
    },
    "offset": { (parser) throws(SyntaxError) in .offset(try parser.literal("a number")) },
    "sample": { (parser) throws(SyntaxError) in .sample(try parser.literal("a number")) },
    "pick": { (parser) throws(SyntaxError) in .pick(try parser.fields()) },
    "distinct": { (parser) throws(SyntaxError) in .distinct(try parser.fields()) },
    "count": { (_) throws(SyntaxError) in .count },
    "group": { (parser) throws(SyntaxError) in try parser.group() },
    "union": { (parser) throws(SyntaxError) in .combine(.union, try parser.operandPipeline()) },
    "except": { (parser) throws(SyntaxError) in .combine(.except, try parser.operandPipeline()) },
    "intersect": { (parser) throws(SyntaxError) in .combine(.intersect, try parser.operandPipeline()) },
    "why": { (_) throws(SyntaxError) in .why },
    "matrix": { (parser) throws(SyntaxError) in try parser.matrix() },
    "progress": { (_) throws(SyntaxError) in .progress },
    "watch": { (parser) throws(SyntaxError) in try parser.watch() },
    "export": { (parser) throws(SyntaxError) in try parser.export() },
    "expect": { (parser) throws(SyntaxError) in
      parser.accept(word: "none") ? .expectNone : .expect(try parser.condition())
    },
  ]

  private mutating func fields() throws(SyntaxError) -> [Name] {
    try list { (parser) throws(SyntaxError) in try parser.name("a field") }
  }

  private mutating func sortKey() throws(SyntaxError) -> SortKey {
    let descending = accept(.minus)
    let key = SortKey(field: try name("a field"), descending: descending)
    if word == "desc" || word == "asc" {
      throw unexpected(["\",\"", "\"|\""], hint: "write  sort \(word == "desc" ? "-" : "")\(key.field.value)")
    }
    return key
  }

  /// `group by status`, `group count, sum(gpu_seconds) by character`.
  private mutating func group() throws(SyntaxError) -> Stage {
    var aggregates: [Aggregate] = []
    if word != "by" {
      aggregates = try list { (parser) throws(SyntaxError) in try parser.aggregate() }
    }
    try expect(word: "by")
    return .group(aggregates, by: try fields())
  }

  private mutating func aggregate() throws(SyntaxError) -> Aggregate {
    let known = AggregateFunction.allCases.map(\.rawValue)
    guard let word, let function = AggregateFunction(rawValue: word) else {
      throw unexpected(
        ["\"by\""] + known, hint: following.kind == .openBracket ? nil : word.map { "write  group by \($0)" })
    }
    let located = Located(function, token.span)
    advance()
    if function == .count { return Aggregate(function: located, field: nil) }
    let bracket = token.span
    try expect(.openBracket, "\"(\"", hint: "write  \(function.rawValue)(FIELD)")
    let field = try name("a field")
    try closeBracket(openedAt: bracket)
    return Aggregate(function: located, field: field)
  }

  /// What `union`, `except` and `intersect` take: a source, or a whole pipeline in brackets.
  private mutating func operandPipeline() throws(SyntaxError) -> Pipeline {
    let bracket = token.span
    guard accept(.openBracket) else {
      let source = try nested { (parser) throws(SyntaxError) in try parser.operandSource() }
      return source
    }
    let inner = try nested { (parser) throws(SyntaxError) in try parser.pipeline() }
    try closeBracket(openedAt: bracket)
    return inner
  }

  private mutating func matrix() throws(SyntaxError) -> Stage {
    var axes: MatrixAxes?
    if let word, word != "show", word != "where" {
      let rows = try name("an axis")
      guard accept(word: "x") else { throw unexpected(["\"x\""], hint: "write  matrix characters x scene_types") }
      axes = MatrixAxes(rows: rows, columns: try name("an axis"))
    }
    return .matrix(axes: axes, show: accept(word: "show") ? try name("a field") : nil)
  }

  private mutating func watch() throws(SyntaxError) -> Stage {
    let every = accept(word: "every") ? try literal("a duration") : nil
    return .watch(every: every, until: accept(word: "until") ? try condition() : nil)
  }

  private mutating func export() throws(SyntaxError) -> Stage {
    let path = try literal("a path in quotes")
    guard path.value.kind == .text || path.value.kind == .parameter else {
      throw error(.syntax, "a path needs quotes", at: path.span, hints: ["write  export \"\(path.value.text)\""])
    }
    return .export(path: path, format: accept(word: "format") ? try name("a format") : nil)
  }
}

import Diagnostics

extension Parser {
  private typealias Reader = @Sendable (inout Parser) throws(SyntaxError) -> Statement.Kind

  /// By the word a statement begins with. What begins with any other word is a pipeline.
  private static let readers: [String: Reader] = [
    "plan": { (parser) throws(SyntaxError) in try parser.plan() },
    "explain": { (parser) throws(SyntaxError) in
      let analyze = parser.accept(word: "analyze")
      return .explain(try parser.pipeline(), analyze: analyze)
    },
    "apply": { (parser) throws(SyntaxError) in try parser.apply() },
    "use": { (parser) throws(SyntaxError) in try parser.use() },
    "create": { (parser) throws(SyntaxError) in try parser.create() },
    "deliver": { (parser) throws(SyntaxError) in try parser.deliver() },
    "pause": { (parser) throws(SyntaxError) in .pause(run: try parser.optionalLiteral()) },
    "resume": { (parser) throws(SyntaxError) in .resume(run: try parser.optionalLiteral()) },
    "budget": { (parser) throws(SyntaxError) in try parser.budget() },
    "limit": { (parser) throws(SyntaxError) in
      .limit(try parser.name("a kind of job", hint: "write  limit segment 2"), try parser.literal())
    },
    "keep": { (parser) throws(SyntaxError) in
      .keep(try parser.name("what to keep", hint: "write  keep events 30d"), try parser.literal())
    },
    "undo": { (parser) throws(SyntaxError) in try parser.undo() },
    "save": { (parser) throws(SyntaxError) in try parser.save() },
    "drop": { (parser) throws(SyntaxError) in try parser.drop() },
    "run": { (parser) throws(SyntaxError) in try parser.runScript() },
    "include": { (parser) throws(SyntaxError) in .include(try parser.path()) },
    "let": { (parser) throws(SyntaxError) in try parser.bind() },
    "set": { (parser) throws(SyntaxError) in try parser.set() },
    "show": { (parser) throws(SyntaxError) in .show(parser.isAtEnd ? nil : try parser.name("a topic")) },
    "help": { (parser) throws(SyntaxError) in .help(try parser.helpWords()) },
    "?": { (parser) throws(SyntaxError) in .help(try parser.helpWords()) },
    "check": { (parser) throws(SyntaxError) in try parser.checkMatrix() },
    "describe": { (parser) throws(SyntaxError) in
      .describe(try parser.name("an entity", hint: "\"help entities\" lists what there is"))
    },
  ]

  /// The first words of statements that are not pipelines.
  static let statementWords: [String] = readers.keys.filter { $0 != "?" }.sorted()

  var beginsStatement: Bool {
    guard let word else { return false }
    return word == "select" || Self.readers[word] != nil || Self.entityWords.contains(word)
      || Self.leadingViews.contains(word)
  }

  mutating func statementKind() throws(SyntaxError) -> Statement.Kind {
    guard let word, let reader = Self.readers[word] else { return .pipeline(try pipeline()) }
    advance()
    return try reader(&self)
  }

  private mutating func plan() throws(SyntaxError) -> Statement.Kind {
    let body = try pipeline()
    guard accept(word: "as") else { return .plan(body, name: nil) }
    return .plan(body, name: try name("a name for the plan"))
  }

  private mutating func apply() throws(SyntaxError) -> Statement.Kind {
    if case .literal(let literal) = token.kind, literal.kind == .text { return .applyFile(try path()) }
    let plan = try name("a file in quotes or the name of a plan")
    if plan.value.contains(".") {
      let file = source[plan.span]
      throw error(.syntax, "a file needs quotes", at: plan.span, hints: ["write  apply \"\(file)\""])
    }
    return .applyPlan(plan)
  }

  private mutating func use() throws(SyntaxError) -> Statement.Kind {
    if accept(word: "project") { return .useProject(try literal()) }
    if accept(word: "run") { return .useRun(try literal()) }
    throw unexpected(["\"project\"", "\"run\""], hint: "write  use project NAME  or  use run NAME")
  }

  private mutating func create() throws(SyntaxError) -> Statement.Kind {
    try expect(word: "run", hint: "write  create run NAME")
    let name = try literal("a name for the run")
    var run = CreateRun(name: Name(name.value.text, name.span))
    while !isAtEnd {
      if word != nil, following.kind == .comparison(.equal) {
        run.options += try options()
        continue
      }
      let axis = try self.name("characters, scene_types, variant_types, gpu_hours= or disk_gb=")
      let place = try axisPath(axis)
      guard run[keyPath: place] == nil else {
        throw error(.syntax, "\(axis.value) are listed twice", at: axis.span, hints: ["put them into one list"])
      }
      run[keyPath: place] = try bracketed { (parser) throws(SyntaxError) in try parser.literal() }
    }
    return .createRun(run)
  }

  private func axisPath(_ axis: Name) throws(SyntaxError) -> WritableKeyPath<CreateRun, [Located<Literal>]?> {
    switch axis.value {
    case "characters": return \.characters
    case "scene_types": return \.sceneTypes
    case "variant_types": return \.variantTypes
    default:
      let axes = ["characters", "scene_types", "variant_types"]
      throw error(
        .syntax, "a run has no axis \"\(axis.value)\"", at: axis.span,
        hints: [Spelling.suggestion(for: axis.value, among: axes) ?? "the axes are " + axes.joined(separator: ", ")])
    }
  }

  private mutating func deliver() throws(SyntaxError) -> Statement.Kind {
    let startsWithOption = word != nil && following.kind == .comparison(.equal)
    let run = startsWithOption ? nil : try optionalLiteral()
    return .deliver(run: run, options: try options())
  }

  private mutating func budget() throws(SyntaxError) -> Statement.Kind {
    let startsWithOption = word != nil && following.kind == .comparison(.equal)
    let run = startsWithOption ? nil : try optionalLiteral()
    return .budget(run: run, options: try options())
  }

  private mutating func undo() throws(SyntaxError) -> Statement.Kind {
    let startsWithOption = word != nil && following.kind == .comparison(.equal)
    let action = startsWithOption ? nil : try optionalLiteral()
    return .undo(action, options: try options())
  }

  private mutating func runScript() throws(SyntaxError) -> Statement.Kind {
    let name = try name("the name of a script")
    return .runScript(name, token.kind == .openBracket ? try arguments() : [])
  }

  private mutating func bind() throws(SyntaxError) -> Statement.Kind {
    let name = try variableName()
    try expect(.comparison(.equal), "\"=\"", hint: "write  let $\(name.value) = VALUE")
    return .bind(name, try literal())
  }

  private mutating func set() throws(SyntaxError) -> Statement.Kind {
    if isAtEnd { return .set(nil, nil) }
    let key = try name("a setting")
    _ = accept(.comparison(.equal))
    return .set(key, try optionalLiteral())
  }

  private mutating func checkMatrix() throws(SyntaxError) -> Statement.Kind {
    try expect(word: "matrix", hint: "write  check matrix")
    return .checkMatrix
  }

  private mutating func helpWords() throws(SyntaxError) -> [Name] {
    var words: [Name] = []
    while !isAtEnd {
      switch token.kind {
      case .word(let word): words.append(Name(word.lowercased(), token.span))
      case .macro(let name): words.append(Name("@" + name.lowercased(), token.span))
      case .comparison(let comparison): words.append(Name(comparison.rawValue, token.span))
      case .tilde: words.append(Name("~", token.span))
      default: throw unexpected(["a word to look up"], hint: "\"help\" alone lists what there is")
      }
      advance()
    }
    return words
  }

  /// A path in quotes.
  mutating func path(orElse others: [String] = []) throws(SyntaxError) -> Name {
    guard case .literal(let literal) = token.kind, literal.kind == .text else {
      let written = token.isValue ? source[token.span].prefix(60) : "FILE"
      throw unexpected(["a path in quotes"] + others, hint: "write  \"\(written)\"")
    }
    defer { advance() }
    return Name(literal.text, token.span)
  }
}

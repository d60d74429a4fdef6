import Diagnostics

extension Parser {
  /// The entities of the grammar. What each has is the catalogue's; this list tells a source from a mistyped statement.
  static let entityWords: Set<String> = [
    "runs", "cells", "characters", "scene_types", "variant_types", "variants", "sources", "takes", "segments", "jobs",
    "workers", "events", "actions", "deliveries", "budgets", "macros", "scripts", "users", "history",
  ]

  /// Views that stand alone as a statement, on the cells in use.
  static let leadingViews: Set<String> = ["matrix", "progress", "why"]

  mutating func pipeline() throws(SyntaxError) -> Pipeline {
    var pipeline = try pipelineHead()
    while token.kind == .pipe {
      if let action = pipeline.action {
        throw error(
          .misplacedAction, "an action ends its pipeline", at: token.span,
          hints: ["put \(action.value.name.value) behind the last |"])
      }
      advance()
      guard pipeline.stages.count < Self.stageLimit else {
        throw error(.tooMany, "more than \(Self.stageLimit) stages in one pipeline", at: previous.span)
      }
      if let step = try part({ (parser) throws(SyntaxError) in try parser.step() }) {
        switch step {
        case .stage(let stage): pipeline.stages.append(stage)
        case .action(let action): pipeline.action = action
        }
      }
    }
    return pipeline
  }

  /// The source, and the view when it begins with one.
  private mutating func pipelineHead(isOperand: Bool = false) throws(SyntaxError) -> Pipeline {
    if case .macro(let text) = token.kind {
      let name = Name(text.lowercased(), token.span)
      advance()
      return Pipeline(source: .macro(name, token.kind == .openBracket ? try arguments() : []))
    }
    guard let word else {
      throw unexpected(
        [isOperand ? "a source such as cells" : "a statement"],
        hint: isOperand ? "or a pipeline in brackets" : "\"help\" lists what there is")
    }
    if Self.leadingViews.contains(word), let reader = Self.stageReaders[word] {
      let start = token.span.lower
      advance()
      let view = try part { (parser) throws(SyntaxError) in try reader(&parser) }
      let stages = view.map { [Located($0, Span(start, previous.span.upper))] } ?? []
      return Pipeline(source: .cellsInUse(try whereClause()), stages: stages)
    }
    let isExplicit = accept(word: "select")
    if !isExplicit { try refuseUnknownStatement() }
    let entity = try name("what to select, such as cells", hint: "\"help entities\" lists what there is")
    return Pipeline(source: .entity(entity, try whereClause()))
  }

  /// A source by itself: the `|` behind it belongs to the pipeline around it.
  mutating func operandSource() throws(SyntaxError) -> Pipeline { try pipelineHead(isOperand: true) }

  private mutating func whereClause() throws(SyntaxError) -> Condition? {
    guard accept(word: "where") else { return nil }
    return try part { (parser) throws(SyntaxError) in try parser.condition() }
  }

  /// A first word that is neither an entity nor followed by what follows one.
  private func refuseUnknownStatement() throws(SyntaxError) {
    guard let word, !Self.entityWords.contains(word) else { return }
    if Self.stageReaders[word] != nil || ActionName(rawValue: word) != nil {
      let kind = ActionName(rawValue: word) != nil ? "an action" : "a stage"
      let view = Self.word(following).flatMap { Self.leadingViews.contains($0) ? $0 : nil }
      throw error(
        .unknownStatement, "\(word) is \(kind) and needs something to work on", at: token.span,
        hints: ["write  \(view ?? "\(Self.takenRows(word)) where ...")" + (word == "where" ? "" : " | \(word)")])
    }
    if Self.statementWords.contains(word) {
      throw error(
        .unknownStatement, "\(word) is a statement of its own, and here a pipeline is needed", at: token.span,
        hints: ["a pipeline begins with rows, such as  cells where status = failed"])
    }
    let continues = following.kind == .pipe || Self.word(following) == "where"
    let isAlone = following.kind == .terminator || following.kind == .end
    if continues || (isAlone && !Spelling.nearest(to: word, among: Self.entityWords).isEmpty) { return }
    if case .unknown(let message, let hint) = following.kind, following.span.lower == token.span.upper {
      throw error(.syntax, message, at: following.span, hints: [hint].compactMap { $0 })
    }
    let known = Self.statementWords + ["select"] + Self.leadingViews.sorted() + Self.entityWords.sorted() + triedWords
    throw error(
      .unknownStatement, "there is no statement \"\(word.prefix(40))\"", at: token.span,
      hints: [
        Self.elsewhere[word] ?? Spelling.suggestion(for: word, among: known) ?? "\"help\" lists what there is"
      ])
  }

  /// What other shells have as statements.
  private static let elsewhere = [
    "clear": "Ctrl-L clears the screen", "cls": "Ctrl-L clears the screen", "ls": "show  says what is in use",
    "cd": "use project NAME  and  use run NAME  choose a place",
  ]

  /// What such an action works on, of several the first.
  private static func takenRows(_ word: String) -> String {
    ActionName(rawValue: word).flatMap { ActionSpecification.of($0).entities.first } ?? "cells"
  }

  private enum Step {
    case stage(Located<Stage>)
    case action(Located<ActionCall>)
  }

  /// A stage or the action behind a `|`.
  private mutating func step() throws(SyntaxError) -> Step {
    guard let word else { throw unexpected(["a stage", "an action"]) }
    let start = token.span.lower
    if let reader = Self.stageReaders[word] {
      advance()
      let stage = try reader(&self)
      try endStep(hint: commaHint(behind: word))
      return .stage(Located(stage, Span(start, previous.span.upper)))
    } else if ActionName(rawValue: word) != nil {
      let action = try actionCall()
      try endStep()
      return .action(Located(action, Span(start, previous.span.upper)))
    } else {
      let known = Self.stageReaders.keys.sorted() + ActionName.allCases.map(\.rawValue)
      throw error(
        .unknownStage, "there is no stage or action \"\(word.prefix(40))\"", at: token.span,
        hints: [
          continuationHint ?? foreignHint ?? Spelling.suggestion(for: word, among: known)
            ?? "\"help stages\" and \"help actions\" list them"
        ])
    }
  }

  /// What can stand behind a stage; whether it may is the concern of whoever reads on.
  private mutating func endStep(hint: String? = nil) throws(SyntaxError) {
    switch token.kind {
    case .pipe, .closeBracket, .terminator, .end: return
    case .word where word == "as": return
    case .word, .literal, .regex, .macro, .comparison, .openBracket, .comma, .colon, .tilde, .range, .minus, .unknown:
      if isAtEnd { return }
      throw unexpected(["\"|\"", "the end of the statement"], hint: hint)
    }
  }

  /// Where fields are listed and another word follows: `pick id character`.
  private func commaHint(behind stage: String) -> String? {
    guard ["pick", "sort", "distinct", "group"].contains(stage), let word, let last = Self.word(previous) else {
      return nil
    }
    return "a comma stands between fields:  \(last), \(word)"
  }

  private mutating func actionCall() throws(SyntaxError) -> ActionCall {
    var call = ActionCall(name: try name("an action"))
    let isOption = word != nil && following.kind == .comparison(.equal)
    if !isOption, token.kind != .pipe, token.kind != .closeBracket, word != "as" {
      call.argument = try optionalLiteral()
    }
    call.options = try options()
    return call
  }
}

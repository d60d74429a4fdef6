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
      try step(&pipeline)
    }
    return pipeline
  }

  /// The source, and the view when it begins with one.
  private mutating func pipelineHead() throws(SyntaxError) -> Pipeline {
    if case .macro(let text) = token.kind {
      let name = Name(text.lowercased(), token.span)
      advance()
      return Pipeline(source: .macro(name, token.kind == .openBracket ? try arguments() : []))
    }
    guard let word else { throw unexpected(["a statement"], hint: "\"help\" lists what there is") }
    if Self.leadingViews.contains(word), let reader = Self.stageReaders[word] {
      let start = token.span.lower
      advance()
      let view = Located(try reader(&self), Span(start, previous.span.upper))
      return Pipeline(source: .cellsInUse(try whereClause()), stages: [view])
    }
    let isExplicit = accept(word: "select")
    if !isExplicit { try refuseUnknownStatement() }
    let entity = try name("what to select, such as cells")
    return Pipeline(source: .entity(entity, try whereClause()))
  }

  /// A source by itself: the `|` behind it belongs to the pipeline around it.
  mutating func operandSource() throws(SyntaxError) -> Pipeline { try pipelineHead() }

  private mutating func whereClause() throws(SyntaxError) -> Condition? {
    accept(word: "where") ? try condition() : nil
  }

  /// A first word that is neither an entity nor followed by what follows one.
  private func refuseUnknownStatement() throws(SyntaxError) {
    guard let word, !Self.entityWords.contains(word) else { return }
    if Self.stageReaders[word] != nil || ActionName(rawValue: word) != nil {
      let kind = ActionName(rawValue: word) != nil ? "an action" : "a stage"
      throw error(
        .unknownStatement, "\(word) is \(kind) and needs something to work on", at: token.span,
        hints: ["write  cells where ..." + (word == "where" ? "" : " | \(word)")])
    }
    let continues = following.kind == .pipe || Self.word(following) == "where"
    let isAlone = following.kind == .terminator || following.kind == .end
    if continues || (isAlone && !Spelling.nearest(to: word, among: Self.entityWords).isEmpty) { return }
    let known = Self.statementWords + ["select"] + Self.leadingViews.sorted() + Self.entityWords.sorted()
    throw error(
      .unknownStatement, "there is no statement \"\(word.prefix(40))\"", at: token.span,
      hints: [Spelling.suggestion(for: word, among: known) ?? "\"help\" lists what there is"])
  }

  /// A stage or the action behind a `|`.
  private mutating func step(_ pipeline: inout Pipeline) throws(SyntaxError) {
    guard let word else { throw unexpected(["a stage", "an action"]) }
    let start = token.span.lower
    if let reader = Self.stageReaders[word] {
      advance()
      let stage = try reader(&self)
      pipeline.stages.append(Located(stage, Span(start, previous.span.upper)))
    } else if ActionName(rawValue: word) != nil {
      let action = try actionCall()
      pipeline.action = Located(action, Span(start, previous.span.upper))
    } else {
      let known = Self.stageReaders.keys.sorted() + ActionName.allCases.map(\.rawValue)
      throw error(
        .unknownStage, "there is no stage or action \"\(word.prefix(40))\"", at: token.span,
        hints: [
          continuationHint ?? Spelling.suggestion(for: word, among: known)
            ?? "\"help stages\" and \"help actions\" list them"
        ])
    }
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

import Diagnostics

extension CheckingPass {
  mutating func statement(_ statement: Statement) -> CheckedStatement? {
    switch statement.kind {
    case .invalid: return nil
    case .pipeline(let syntax): return pipeline(syntax).map(CheckedStatement.pipeline)
    case .explain(let syntax): return pipeline(syntax).map(CheckedStatement.explain)
    case .plan(let syntax, let name):
      guard isAvailable("plan", at: statement.span) else { return nil }
      return pipeline(syntax).map { .plan($0, name: name?.value) }
    case .applyPlan(let name):
      return isAvailable("plan", at: name.span) ? .applyPlan(name.value) : nil
    case .applyFile(let path): return nonEmpty(path, "a file").map(CheckedStatement.applyFile)
    case .useProject(let name): return reference(name, .project).map(CheckedStatement.useProject)
    case .useRun(let name): return reference(name, .run).map(CheckedStatement.useRun)
    case .createRun(let run): return createRun(run).map(CheckedStatement.createRun)
    case .deliver(let run, let options): return deliver(run, options)
    case .pause(let run): return .pause(run: run.flatMap { reference($0, .run) })
    case .resume(let run): return .resume(run: run.flatMap { reference($0, .run) })
    case .checkMatrix: return .checkMatrix
    case .describe(let name): return entity(name).map(CheckedStatement.describe)
    case .show(let topic): return .show(topic?.value)
    case .set(let key, let value): return .set(key: key?.value, value: value.flatMap { resolved($0)?.value.text })
    case .help(let words): return help(words)
    case .undo, .saveMacro, .saveScript, .runScript, .include, .bind: return kept(statement)
    }
  }

  /// Statements about what is kept between statements.
  private mutating func kept(_ statement: Statement) -> CheckedStatement? {
    guard let topic = Self.topic(of: statement.kind), isAvailable(topic, at: statement.span) else { return nil }
    switch statement.kind {
    case .undo(let action): return undo(action)
    case .saveMacro(let definition): return .saveMacro(definition)
    case .saveScript(let name, let file): return .saveScript(name: name.value, file: file.value)
    case .runScript(let name, let arguments): return .runScript(name: name.value, arguments: arguments)
    case .include(let path): return nonEmpty(path, "a file").map(CheckedStatement.include)
    case .bind(let name, let value): return resolved(value).map { .bind(name: name.value, $0.value) }
    case .pipeline, .plan, .applyPlan, .explain, .useProject, .useRun, .createRun, .applyFile, .deliver, .pause,
      .resume, .set, .show, .help, .checkMatrix, .describe, .invalid:
      return nil
    }
  }

  private static func topic(of kind: Statement.Kind) -> String? {
    switch kind {
    case .undo: "undo"
    case .saveMacro, .saveScript: "save"
    case .runScript: "run"
    case .include: "include"
    case .bind: "let"
    case .pipeline, .plan, .applyPlan, .explain, .useProject, .useRun, .createRun, .applyFile, .deliver, .pause,
      .resume, .set, .show, .help, .checkMatrix, .describe, .invalid:
      nil
    }
  }

  private mutating func undo(_ action: Located<Literal>?) -> CheckedStatement? {
    guard let action else { return .undo(action: nil) }
    guard let literal = resolved(action) else { return nil }
    if case .integer(let id) = literal.value.kind { return .undo(action: id) }
    report(.wrongType, "an action is named by its id", at: literal.span, hint: "\"actions | take last 5\" shows them")
    return nil
  }

  private mutating func nonEmpty(_ text: Name, _ description: String) -> String? {
    if !text.value.isEmpty { return text.value }
    report(.wrongType, "\(description) needs a name", at: text.span)
    return nil
  }

  private mutating func createRun(_ syntax: CreateRun) -> CheckedCreateRun? {
    guard let name = nonEmpty(syntax.name, "a run") else { return nil }
    return CheckedCreateRun(
      name: name, characters: references(syntax.characters, .character),
      sceneTypes: references(syntax.sceneTypes, .sceneType),
      variantTypes: references(syntax.variantTypes, .variantType))
  }

  private mutating func references(_ literals: [Located<Literal>]?, _ kind: ReferenceKind) -> [Reference]? {
    literals.map { $0.compactMap { reference($0, kind) } }
  }

  private mutating func deliver(_ run: Located<Literal>?, _ options: [Argument]) -> CheckedStatement? {
    var path: String?
    for option in options {
      guard let name = option.name else { continue }
      if name.value == "to", let value = resolved(option.value), value.value.kind != .null {
        path = value.value.text
      } else {
        report(.unknownOption, "deliver has no option \"\(name.value)\"", at: name.span, hint: "write  to=\"folder\"")
      }
    }
    return .deliver(run: run.flatMap { reference($0, .run) }, to: path)
  }

  private mutating func help(_ words: [Name]) -> CheckedStatement? {
    let texts = words.map(\.value)
    guard let first = words.first, !first.value.hasPrefix("@") else { return .help(texts) }
    let known = Help.words(in: checker.catalogue)
    if known.contains(first.value) { return .help(texts) }
    report(
      .unknownTopic, "there is no help on \"\(first.value)\"", at: first.span,
      hint: Spelling.suggestion(for: first.value, among: known) ?? "\"help\" lists what there is")
    return nil
  }
}

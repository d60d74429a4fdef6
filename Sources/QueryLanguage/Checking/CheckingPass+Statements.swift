import Diagnostics

extension CheckingPass {
  mutating func statement(_ statement: Statement) -> CheckedStatement? {
    isPartial = statement.readable != nil
    switch statement.readable ?? statement.kind {
    case .invalid: return nil
    case .pipeline(let syntax): return pipeline(syntax).map(CheckedStatement.pipeline)
    case .explain(let syntax, let analyze): return pipeline(syntax).map { .explain($0, analyze: analyze) }
    case .plan(let syntax, let name): return plan(syntax, name, at: statement.span)
    case .applyPlan(let name): return .applyPlan(name.value)
    case .applyFile(let path): return nonEmpty(path, "a file").map(CheckedStatement.applyFile)
    case .useProject(let name): return reference(name, .project).map(CheckedStatement.useProject)
    case .useRun(let name): return reference(name, .run).map(CheckedStatement.useRun)
    case .createRun(let run): return createRun(run).map(CheckedStatement.createRun)
    case .deliver(let run, let options): return deliver(run, options)
    case .pause(let run): return .pause(run: run.flatMap { reference($0, .run) })
    case .resume(let run): return .resume(run: run.flatMap { reference($0, .run) })
    case .budget(let run, let options): return budget(run, options, at: statement.span)
    case .limit(let kind, let value): return limit(kind, value)
    case .keep(let subject, let value): return keep(subject, value)
    case .undo(let action, let options): return undo(action, options)
    case .saveMacro(let definition): return macro(definition).map(CheckedStatement.saveMacro)
    case .restoreMacro(let name, let number):
      return version(number).map { .restoreMacro(name.value, version: $0) }
    case .dropMacro(let name): return dropMacro(name)
    case .saveScript(let script): return saveScript(script)
    case .dropScript(let name): return .dropScript(name.value)
    case .runScript(let name, let arguments): return runScript(name, arguments)
    case .include(let path): return nonEmpty(path, "a file").map(CheckedStatement.include)
    case .bind(let name, let value): return resolved(value, as: nil).map { .bind(name: name.value, $0.value) }
    case .checkMatrix: return .checkMatrix
    case .describe(let name): return entity(name).map(CheckedStatement.describe)
    case .show(let topic): return show(topic)
    case .set(let key, let value): return set(key, value)
    case .help(let words): return help(words)
    }
  }

  private mutating func plan(_ syntax: Pipeline, _ name: Name?, at span: Span) -> CheckedStatement? {
    guard let checked = pipeline(syntax) else { return nil }
    // Nothing more to say about a pipeline whose action was refused.
    guard checked.action != nil || syntax.action != nil || isPartial else {
      report(
        .misplacedAction, "a plan is for an action, and this pipeline has none", at: span,
        hint: "write  plan PIPELINE | submit")
      return nil
    }
    return .plan(checked, name: name?.value)
  }

  private mutating func undo(_ action: Located<Literal>?, _ options: [Argument]) -> CheckedStatement? {
    var partial = false
    for option in options {
      guard let name = option.name else { continue }
      guard name.value == "partial" else {
        report(
          .unknownOption, "undo has no option \"\(name.value)\"", at: name.span,
          hint: Spelling.suggestion(for: name.value, among: ["partial"]) ?? "its option is partial=true")
        continue
      }
      guard let value = resolved(option.value, as: .boolean) else { continue }
      if case .bool(let flag) = value.value.kind {
        partial = flag
      } else {
        report(.wrongType, "partial is true or false", at: value.span)
      }
    }
    guard let action else { return .undo(action: nil, partial: partial) }
    guard let literal = resolved(action, as: .integer) else { return nil }
    if case .integer(let id) = literal.value.kind { return .undo(action: id, partial: partial) }
    report(.wrongType, "an action is named by its id", at: literal.span, hint: "\"actions | take last 5\" shows them")
    return nil
  }

  mutating func nonEmpty(_ text: Name, _ description: String) -> String? {
    if !text.value.isEmpty { return text.value }
    report(.wrongType, "\(description) needs a name", at: text.span)
    return nil
  }

  private mutating func createRun(_ syntax: CreateRun) -> CheckedCreateRun? {
    guard let name = nonEmpty(syntax.name, "a run") else { return nil }
    let budget = budget(syntax.options, of: "create run")
    return CheckedCreateRun(
      name: name, characters: references(syntax.characters, .character),
      sceneTypes: references(syntax.sceneTypes, .sceneType),
      variantTypes: references(syntax.variantTypes, .variantType), budget: budget)
  }

  private mutating func references(_ literals: [Located<Literal>]?, _ kind: ReferenceKind) -> [Reference]? {
    literals.map { $0.compactMap { reference($0, kind) } }
  }

  private mutating func deliver(_ run: Located<Literal>?, _ options: [Argument]) -> CheckedStatement? {
    var path: String?
    for option in options {
      guard let name = option.name else { continue }
      if name.value == "to", let value = resolved(option.value, as: .text), value.value.kind != .null {
        path = value.value.text
      } else {
        report(.unknownOption, "deliver has no option \"\(name.value)\"", at: name.span, hint: "write  to=\"folder\"")
      }
    }
    return .deliver(run: run.flatMap { reference($0, .run) }, to: path)
  }
}

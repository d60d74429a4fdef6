import Diagnostics
import TestFixtures

@testable import QueryLanguage

/// Random trees as the parser could have made them.
struct RandomSyntax {
  private var generator: SeededGenerator
  private let nowhere = Span(0, 0)

  init(seed: Int) { generator = SeededGenerator(seed: seed) }

  /// Of every kind.
  mutating func statement() -> Statement.Kind {
    switch pick(0...26) {
    case 0: .plan(pipeline(), name: chance(2) ? nil : word())
    case 1: .applyPlan(word())
    case 2: .explain(pipeline(), analyze: chance(2))
    case 3: .useProject(located())
    case 4: .useRun(located())
    case 5: .createRun(createRun())
    case 6: .applyFile(Name(text(), nowhere))
    case 7: .deliver(run: chance(2) ? nil : located(), options: options())
    case 8: .pause(run: chance(2) ? nil : located())
    case 9: .resume(run: chance(2) ? nil : located())
    case 10: .undo(chance(2) ? nil : located(), options: options())
    case 11: .saveMacro(macro())
    case 12: .saveScript(script())
    case 13: .dropMacro(word())
    case 14: .dropScript(word())
    case 15: .runScript(word(), arguments())
    case 16: .include(Name(text(), nowhere))
    case 17: .bind(word(), located())
    case 18: setting()
    case 19: .show(chance(2) ? nil : word())
    case 20: .help((0..<pick(0...2)).map { _ in chance(2) ? word() : name(["@stuck", "!=", "~", "and"]) })
    case 21: .describe(word())
    case 22: .budget(run: chance(2) ? nil : located(), options: options())
    case 23: .limit(word(), located())
    case 24: .keep(word(), located())
    case 25: .restoreMacro(word(), version: located())
    default: .checkMatrix
    }
  }

  private mutating func setting() -> Statement.Kind {
    let key = chance(3) ? nil : word()
    return .set(key, key == nil || chance(3) ? nil : located())
  }

  private mutating func createRun() -> CreateRun {
    var run = CreateRun(name: Name(text(), nowhere))
    if chance(2) { run.characters = (0...pick(0...2)).map { _ in located() } }
    if chance(2) { run.sceneTypes = [located()] }
    if chance(2) { run.variantTypes = [located()] }
    if chance(3) { run.options = options() }
    return run
  }

  mutating func macro() -> MacroDefinition {
    MacroDefinition(
      name: word(), parameters: parameters(), documentation: chance(2) ? nil : text(), body: pipeline())
  }

  private mutating func script() -> ScriptDefinition {
    ScriptDefinition(
      name: word(), parameters: parameters(),
      source: chance(2) ? .file(Name(text(), nowhere)) : chance(2) ? .last(located()) : .version(located()))
  }

  private mutating func parameters() -> [MacroParameter] {
    (0..<pick(0...2)).map { _ in
      MacroParameter(name: word(), type: chance(2) ? nil : word(), defaultValue: chance(2) ? nil : located())
    }
  }

  private mutating func arguments() -> [Argument] {
    (0..<pick(0...2)).map { _ in Argument(name: chance(2) ? nil : word(), value: located()) }
  }

  private mutating func options() -> [Argument] {
    (0..<pick(0...2)).map { _ in Argument(name: word(), value: located()) }
  }

  private mutating func located() -> Located<Literal> { Located(literal(), nowhere) }

  private mutating func word() -> Name { name(["p1", "night-run", "größe", "x", "cells", "status"]) }

  private mutating func source(_ depth: Int) -> Source {
    chance(4)
      ? .macro(word(), arguments())
      : .entity(name(["cells", "jobs", "takes", "elsewhere"]), chance(2) ? condition(depth) : nil)
  }

  mutating func pipeline(depth: Int = 3) -> Pipeline {
    if chance(8) {
      let view: Stage = chance(2) ? .why : .matrix(axes: nil, show: chance(2) ? nil : field())
      return Pipeline(source: .cellsInUse(chance(2) ? nil : condition(depth)), stages: [Located(view, nowhere)])
    }
    var pipeline = Pipeline(source: source(depth))
    for _ in 0..<pick(0...3) { pipeline.stages.append(Located(stage(depth), nowhere)) }
    if chance(3) {
      pipeline.action = Located(
        ActionCall(
          name: name(["submit", "reject", "tag"]), argument: chance(2) ? nil : Located(literal(), nowhere),
          options: (0..<pick(0...2)).map { _ in
            Argument(name: name(["reason", "take"]), value: Located(literal(), nowhere))
          }),
        nowhere)
    }
    return pipeline
  }

  private mutating func stage(_ depth: Int) -> Stage {
    switch pick(0...13) {
    case 0: .filter(condition(depth))
    case 1: .sort((0...pick(0...2)).map { _ in SortKey(field: field(), descending: chance(2)) })
    case 2: .take(Located(literal(), nowhere))
    case 3: .takeLast(Located(literal(), nowhere))
    case 4: .pick((0...pick(0...2)).map { _ in field() })
    case 5: .distinct([field()])
    case 6: .count
    case 7: .group([Aggregate(function: Located(.sum, nowhere), field: field())], by: [field(), field()])
    case 8: depth > 0 ? .combine(.except, withoutAction(depth - 1)) : .why
    case 9:
      .matrix(axes: chance(2) ? nil : MatrixAxes(rows: field(), columns: field()), show: chance(2) ? nil : field())
    case 10: .watch(every: chance(2) ? nil : Located(literal(), nowhere), until: chance(2) ? nil : condition(depth))
    case 11: .export(path: Located(Literal(.text, text()), nowhere), format: chance(2) ? nil : field())
    case 12: .expect(condition(depth))
    default: .expectNone
    }
  }

  private mutating func withoutAction(_ depth: Int) -> Pipeline {
    var inner = pipeline(depth: depth)
    inner.action = nil
    return inner
  }

  mutating func condition(_ depth: Int) -> Condition {
    if depth > 0, chance(2) {
      switch pick(0...2) {
      case 0: return .and((0...pick(1...2)).map { _ in condition(depth - 1) })
      case 1: return .or((0...pick(1...2)).map { _ in condition(depth - 1) })
      default: return .not(condition(depth - 1))
      }
    }
    switch pick(0...8) {
    case 0: return .flag(field())
    case 1: return .comparison(field(), Comparison.allCases[pick(0...5)], operand())
    case 2: return .membership(field(), negated: chance(2), (0...pick(0...3)).map { _ in operand() })
    case 3: return .like(field(), negated: chance(2), Located(literal(), nowhere))
    case 4:
      return .matches(
        field(), Located(RegexLiteral(pattern: "a/b\\d(\(pick(0...9)))", ignoresCase: chance(2)), nowhere))
    case 5: return .isNull(field(), negated: chance(2))
    case 6: return .time(chance(2) ? nil : field(), TimeComparison.allCases[pick(0...2)], Located(literal(), nowhere))
    case 7: return .inMacro(field(), [Argument(name: nil, value: Located(literal(), nowhere))])
    default: return .constant(chance(2))
    }
  }

  private mutating func operand() -> Operand {
    let value = Located(literal(), nowhere)
    return chance(4) ? .range(value, Located(literal(), nowhere)) : .value(value)
  }

  private mutating func literal() -> Literal {
    switch pick(0...8) {
    case 0: Literal(.integer(Int64(pick(0...99))), "").spelled()
    case 1: Literal(.integer(Int64(-pick(1...99))), "").spelled()
    case 2: Literal(.text, text())
    case 3: Literal(.word, ["failed", "neon-city", "a*", "später"][pick(0...3)])
    case 4: Literal(.bool(true), "true")
    case 5: Literal(.duration(5400), "1h30m")
    case 6: Literal(.date(DateLiteral(year: 2026, month: 11, day: 22)), "2026-11-22")
    case 7: Literal(.null, "null")
    default: Literal(.parameter, "x")
    }
  }

  private mutating func text() -> String {
    let letters: [Character] = ["a", " ", "\"", "'", "\\", "\n", "\t", "|", ";", "#", "é", "🎬", "%", "(", "\u{0301}"]
    return String((0..<pick(0...8)).map { _ in letters[pick(0...(letters.count - 1))] })
  }

  private mutating func field() -> Name { name(["status", "take", "count", "sort", "updated_at", "größe", "x1"]) }

  private mutating func name(_ names: [String]) -> Name { Name(names[pick(0...(names.count - 1))], nowhere) }

  mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func chance(_ sides: Int) -> Bool { pick(1...sides) == 1 }
}

extension Literal {
  fileprivate func spelled() -> Literal {
    if case .integer(let value) = kind { Literal(kind, String(value)) } else { self }
  }
}

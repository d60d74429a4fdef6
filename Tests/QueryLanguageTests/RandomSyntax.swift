import Diagnostics

@testable import QueryLanguage

/// SplitMix64: the same seed, the same trees, on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Random trees as the parser could have made them.
struct RandomSyntax {
  private var generator: SeededGenerator
  private let nowhere = Span(0, 0)

  init(seed: Int) { generator = SeededGenerator(seed: seed) }

  mutating func pipeline(depth: Int = 3) -> Pipeline {
    let entity = Source.entity(name(["cells", "jobs", "takes"]), chance(2) ? condition(depth) : nil)
    var pipeline = Pipeline(source: entity)
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

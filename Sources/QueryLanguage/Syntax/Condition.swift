/// What a `where` asks. Brackets are not kept: the shape of the tree says what belongs together.
public indirect enum Condition: Equatable, Sendable {
  /// Two or more.
  case and([Condition])
  /// Two or more.
  case or([Condition])
  case not(Condition)
  /// `true`, `false`.
  case constant(Bool)
  /// A bare field: `stale`.
  case flag(Name)
  /// `status = failed`, `take = 3..7`.
  case comparison(Name, Comparison, Operand)
  /// `status in (failed, rejected)`; at least one.
  case membership(Name, negated: Bool, [Operand])
  /// `name like "a*"`.
  case like(Name, negated: Bool, Located<Literal>)
  /// `error ~ /out of memory/i`.
  case matches(Name, Located<RegexLiteral>)
  /// `is null`, `is not set`; negated: `is set`, `is not null`.
  case isNull(Name, negated: Bool)
  /// `since 2h`, `finished_at before 2026-11-22`; without a field it is the entity's own time.
  case time(Name?, TimeComparison, Located<Literal>)
  /// `in @stuck(status=failed)`.
  case inMacro(Name, [Argument])
}

public enum Comparison: String, CaseIterable, Sendable {
  case equal = "="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

public enum TimeComparison: String, CaseIterable, Sendable {
  case since
  case before
  case olderThan = "older than"
}

public enum Operand: Equatable, Sendable {
  case value(Located<Literal>)
  /// Both ends belong to it.
  case range(Located<Literal>, Located<Literal>)
}

public struct RegexLiteral: Equatable, Sendable {
  public var pattern: String
  public var ignoresCase: Bool

  public init(pattern: String, ignoresCase: Bool) {
    self.pattern = pattern
    self.ignoresCase = ignoresCase
  }
}

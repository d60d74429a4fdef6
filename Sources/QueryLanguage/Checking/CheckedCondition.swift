import Foundation

/// A condition over known fields with values of their types. It is two-valued: what compares with nothing is false, so
/// that `not`, `!=` and `not in` include rows without a value.
public indirect enum CheckedCondition: Equatable, Sendable {
  case and([CheckedCondition])
  case or([CheckedCondition])
  case not(CheckedCondition)
  case constant(Bool)
  case flag(Field)
  case compare(Field, Comparison, Scalar)
  /// Both ends belong to it.
  case between(Field, Scalar, Scalar)
  /// Two or more.
  case among(Field, [Scalar])
  /// A glob: `*` is any text, `?` one character; case is ignored.
  case like(Field, String)
  case matches(Field, RegexLiteral)
  /// For a list: that it is empty.
  case isNull(Field)
  /// The row is among those of a pipeline over the same entity, which only chooses rows: `id in (subquery)`.
  case inPipeline(CheckedPipeline)
}

/// A value of a field's type. Beside a list it is one of its elements; beside a reference an `int` is the id.
public enum Scalar: Equatable, Sendable {
  case int(Int64)
  /// Also seconds of a duration.
  case double(Double)
  case text(String)
  case bool(Bool)
  case time(Date)
}

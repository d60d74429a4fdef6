import FoundationEssentials

/// A value as the database receives it. Each case has one PostgreSQL type, named beside it; `null` takes the type that
/// the statement gives it.
public enum SQLValue: Sendable, Equatable {
  case null
  /// `bool`
  case bool(Bool)
  /// `int8`
  case int(Int64)
  /// `float8`
  case double(Double)
  /// `text`
  case text(String)
  /// `bytea`
  case bytes([UInt8])
  /// `timestamptz`, to the microsecond
  case timestamp(Date)
  /// `jsonb`, as JSON text
  case json(String)
  /// `int8[]`
  case ints([Int64])
  /// `float8[]`
  case doubles([Double])
  /// `text[]`
  case texts([String])
  /// `bool[]`
  case bools([Bool])
}

/// What can be written as `\(value)` in a statement.
public protocol SQLBindable {
  /// The value to bind.
  var sqlValue: SQLValue { get }
}

/// What can be bound as one array parameter: `where id = any(\(ids))`.
public protocol SQLArrayBindable {
  /// The whole array as one value.
  static func sqlValue(ofArray elements: [Self]) -> SQLValue
}

extension SQLValue: SQLBindable {
  public var sqlValue: SQLValue { self }
}

extension Int: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func sqlValue(ofArray elements: [Int]) -> SQLValue { .ints(elements.map(Int64.init)) }
}

extension Int32: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func sqlValue(ofArray elements: [Int32]) -> SQLValue { .ints(elements.map(Int64.init)) }
}

extension Int64: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .int(self) }
  public static func sqlValue(ofArray elements: [Int64]) -> SQLValue { .ints(elements) }
}

extension Double: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .double(self) }
  public static func sqlValue(ofArray elements: [Double]) -> SQLValue { .doubles(elements) }
}

extension Bool: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .bool(self) }
  public static func sqlValue(ofArray elements: [Bool]) -> SQLValue { .bools(elements) }
}

extension String: SQLBindable, SQLArrayBindable {
  public var sqlValue: SQLValue { .text(self) }
  public static func sqlValue(ofArray elements: [String]) -> SQLValue { .texts(elements) }
}

extension UInt8: SQLArrayBindable {
  public static func sqlValue(ofArray elements: [UInt8]) -> SQLValue { .bytes(elements) }
}

extension Date: SQLBindable {
  public var sqlValue: SQLValue { .timestamp(self) }
}

extension Array: SQLBindable where Element: SQLArrayBindable {
  public var sqlValue: SQLValue { Element.sqlValue(ofArray: self) }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

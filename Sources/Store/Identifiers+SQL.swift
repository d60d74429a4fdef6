import Model
import SQLText

extension Identifier: SQLBindable {
  public var sqlValue: SQLValue { .int(rawValue) }
}

extension Sequence {
  /// The raw ids, for a bound bigint array.
  func rawIDs<Entity>() -> [Int64] where Element == Identifier<Entity> { map(\.rawValue) }
}

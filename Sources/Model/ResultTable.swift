import Foundation

/// One value of a result. `duration` is in seconds; `time` is an instant; `list` nests one level deep.
public enum Value: Equatable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case text(String)
  case time(Date)
  case duration(Double)
  case list([Value])
}

/// How a column's values are aligned and written. `status` is a text whose words have a colour.
public enum ColumnKind: String, Sendable {
  case bool, int, double, text, status, time, duration, list
}

public struct ResultColumn: Equatable, Sendable {
  public let name: String
  public let kind: ColumnKind

  public init(_ name: String, _ kind: ColumnKind) {
    self.name = name
    self.kind = kind
  }
}

/// The rows of a query, in order. `total` is the exact number of rows when `rows` holds only the first of them.
public struct ResultTable: Equatable, Sendable {
  public let columns: [ResultColumn]
  public let rows: [[Value]]
  public let total: Int

  public init(columns: [ResultColumn], rows: [[Value]], total: Int? = nil) {
    self.columns = columns
    self.rows = rows
    self.total = total ?? rows.count
  }
}

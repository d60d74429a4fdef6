/// What the three axes of a matrix are called, as plurals: rows, columns and the sub-columns inside each column.
public struct MatrixAxes: Equatable, Sendable {
  public let rows: String
  public let columns: String
  public let subcolumns: String
  /// The field that selects a row in the language, for the statement that shows rows left out.
  public let rowField: String

  public init(rows: String, columns: String, subcolumns: String, rowField: String) {
    self.rows = rows
    self.columns = columns
    self.subcolumns = subcolumns
    self.rowField = rowField
  }

  public static let standard = MatrixAxes(
    rows: "characters", columns: "scene types", subcolumns: "variants", rowField: "character")
}

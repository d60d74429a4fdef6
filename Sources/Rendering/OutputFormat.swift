import Model

/// How rows are written.
public enum OutputFormat: String, CaseIterable, Sendable {
  case table, vertical, csv, tsv, json, jsonl, markdown, ids

  /// A writer for rows with these columns. `noun` is the plural of what a row is (`cells`), for the footer.
  ///
  /// - Throws: `FormatError` when the format cannot show these columns.
  public func writer(columns: [ResultColumn], viewport: Viewport, noun: String = "rows") throws -> any RowWriter {
    switch self {
    case .table: TableWriter(columns: columns, viewport: viewport, noun: noun)
    case .vertical: VerticalWriter(columns: columns, viewport: viewport, noun: noun)
    case .csv: CSVWriter(columns: columns, viewport: viewport)
    case .tsv: TSVWriter(columns: columns, viewport: viewport)
    case .json: JSONWriter(columns: columns)
    case .jsonl: JSONLinesWriter(columns: columns)
    case .markdown: MarkdownWriter(columns: columns, viewport: viewport)
    case .ids: try IDWriter(columns: columns)
    }
  }

  /// The whole table at once, ended by a newline.
  ///
  /// - Throws: `FormatError` when the format cannot show these columns.
  public func render(_ table: ResultTable, viewport: Viewport, noun: String = "rows") throws -> String {
    var writer = try writer(columns: table.columns, viewport: viewport, noun: noun)
    var output = ""
    writer.begin(&output)
    for row in table.rows { writer.row(row, &output) }
    writer.end(total: table.total, &output)
    return output
  }
}

/// Writes rows one after the other, so that a large result need not be held. Each call appends what is ready to
/// `output`; the caller writes it out and empties it as it likes.
public protocol RowWriter: Sendable {
  /// Once, before all rows.
  mutating func begin(_ output: inout String)
  /// One row; its values stand in the order of the columns.
  mutating func row(_ values: [Value], _ output: inout String)
  /// Once, after all rows. `total` is the exact number of rows there are, shown or not.
  mutating func end(total: Int, _ output: inout String)
}

/// A format that cannot show the columns it was given.
public struct FormatError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension Wording {
  /// `340 cells`, or `12 of 340 cells shown` when not all are.
  public static func shown(_ shown: Int, of total: Int, _ noun: String) -> String {
    shown < total ? "\(grouped(shown)) of \(grouped(total)) \(noun) shown" : count(total, noun)
  }
}

import Diagnostics
import Model
import Rendering
import Session

/// Renders the rows of several readings as they come and writes them where they go; a piece of text at a time is all
/// that it holds.
actor RowPrinter {
  /// What a reading's rows go through.
  struct Item: Sendable {
    let reading: Reading
    var writer: any RowWriter
  }

  /// Text is written out when there is this much of it, and at the end of each result.
  private static let pieceSize = 64 * 1024

  private var items: [Item]
  /// Called before the first row of each, with its warnings and its place.
  private let warn: @Sendable ([Diagnostic], Int) throws -> Void
  private let write: @Sendable (String) throws -> Void
  private var text = ""
  /// The reading that has begun and not ended, and how many rows it has given.
  private var current: (index: Int, rows: Int)?
  /// How many rows the last one had that ended.
  private(set) var finished = 0
  private(set) var hasWritten = false

  /// Rows of a reading were written that has not ended.
  var isCutOff: Bool { (current?.rows ?? 0) > 0 }

  init(
    _ items: [Item], warn: @escaping @Sendable ([Diagnostic], Int) throws -> Void,
    write: @escaping @Sendable (String) throws -> Void
  ) {
    self.items = items
    self.warn = warn
    self.write = write
  }

  /// Rows of one reading, in order.
  func take(_ part: ReadingRows) throws {
    var rows = try begin(part.index)
    for values in part.rows { items[part.index].writer.row(values, &text) }
    rows += part.rows.count
    current = (part.index, rows)
    if part.isLast {
      items[part.index].writer.end(total: rows, &text)
      (current, finished) = (nil, rows)
    }
    if part.isLast || text.utf8.count >= RowPrinter.pieceSize { try flush() }
  }

  /// Writes out what is rendered so far.
  func flush() throws {
    if text.isEmpty { return }
    try write(text)
    hasWritten = true
    text.removeAll(keepingCapacity: true)
  }

  /// How many rows of it have come before.
  private func begin(_ index: Int) throws -> Int {
    if let current, current.index == index { return current.rows }
    let warnings = items[index].reading.warnings
    if !warnings.isEmpty {
      try flush()
      try warn(warnings, index)
    }
    items[index].writer.begin(&text)
    return 0
  }
}

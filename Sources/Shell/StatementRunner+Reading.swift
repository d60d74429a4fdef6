import Diagnostics
import Foundation
import Model
import QueryLanguage
import Rendering
import Session

/// Reads that stream, and reads that are sent together.
extension StatementRunner {
  /// As many reads are sent before the first of their results is shown.
  static let furthestAhead = 256

  /// Sends the reads that were taken up and shows what they say. False when one failed; those behind it were then not
  /// shown, unless it goes on.
  func showAhead(goesOn: Bool) async throws -> Bool {
    var rest = ahead[...]
    ahead = []
    var isFine = true
    while let first = rest.first {
      var done = 0
      let isShown = try await attempt(first.reading.statement) { done = try await show(Array(rest)) }
      if isShown, done == rest.count { break }
      isFine = false
      if !goesOn { return false }
      rest = rest.dropFirst(done + 1)
    }
    return isFine
  }

  /// Returns how many went well: fewer than all when one failed, which has been told.
  private func show(_ items: [RowPrinter.Item]) async throws -> Int {
    if items.count == 1, let format = presenter.serverFormat(columns: items[0].reading.columns.count) {
      try presenter.show(items[0].reading.warnings, promptWidth: caretWidth)
      hasShown = true
      _ = try await session.copy(items[0].reading, as: format) { [presenter] in try presenter.write($0) }
      return 1
    }
    let printer = RowPrinter(
      items, warn: { [presenter, caretWidth] in try presenter.show($0, promptWidth: $1 == 0 ? caretWidth : nil) },
      write: { [presenter] in try presenter.write(Array($0.utf8)) })
    guard let failure = try await session.send(items.map(\.reading), to: { try await printer.take($0) }) else {
      hasShown = true
      return items.count
    }
    try await printer.flush()
    if await printer.hasWritten { hasShown = true }
    try presenter.show(failure.diagnostics, promptWidth: caretWidth)
    if await printer.isCutOff { try presenter.note("the rows above are not all of them") }
    record(.statementFailed)
    return failure.index
  }

  /// Writes the rows of a read to a file, all or none.
  func export(_ reading: Reading) async throws {
    guard let export = reading.export else { return }
    let format = try OutputFormat(exportedTo: export.path, named: export.format)
    let writer = try format.writer(columns: reading.columns, viewport: Viewport(), noun: reading.noun)
    try presenter.show(reading.warnings, promptWidth: caretWidth)
    let file = try FileInMaking(at: export.path)
    do {
      let count = try await write(reading, format, writer, to: file)
      try file.finish()
      try presenter.note("\(Wording.count(count, reading.noun)) written to \(export.path)")
    } catch {
      file.abandon()
      throw error
    }
  }

  private func write(
    _ reading: Reading, _ format: OutputFormat, _ writer: any RowWriter, to file: FileInMaking
  ) async throws -> Int {
    if let format = format.serverFormat(columns: reading.columns.count) {
      return try await session.copy(reading, as: format) { try file.write($0) }
    }
    let printer = RowPrinter(
      [RowPrinter.Item(reading: reading, writer: writer)], warn: { _, _ in }, write: { try file.write(Array($0.utf8)) })
    if let failure = try await session.send([reading], to: { try await printer.take($0) }) {
      throw DiagnosticError(failure.diagnostics)
    }
    return await printer.finished
  }
}

extension OutputFormat {
  /// The server writes it itself, and the same. Not a single column, where its null would be an empty line, which readers
  /// skip.
  func serverFormat(columns: Int) -> ServerFormat? {
    switch self {
    case .csv: columns > 1 ? .csv : nil
    case .tsv: columns > 1 ? .tsv : nil
    case .table, .vertical, .json, .jsonl, .markdown, .ids: nil
    }
  }

  /// - Throws: `ExportError` when neither the statement nor the file's name says which.
  init(exportedTo path: String, named name: String?) throws(ExportError) {
    let suffix = (path as NSString).pathExtension.lowercased()
    let format = OutputFormat(rawValue: name ?? (suffix == "md" ? "markdown" : suffix))
    guard let format else {
      throw ExportError(path: path, cause: "no format is named: write  export \"\(path)\" format csv")
    }
    self = format
  }
}

import Model
import Session

/// The same outcomes as rows, for formats that have nothing else.
enum OutcomeTable {
  static func of(_ outcome: Outcome) -> ResultTable {
    switch outcome {
    case .production(let changes): of(changes)
    case .runCreated(let run):
      one([
        ("run", .text, .text(run.run)), ("project", .text, .text(run.project)), ("cells", .int, .int(Int64(run.cells))),
        ("estimated_gpu_hours", .double, .double(run.estimatedGPUHours)),
        ("estimated_disk_gb", .double, .double(run.estimatedDiskGB)),
      ])
    case .delivered(let report):
      one([
        ("run", .text, .text(report.run)), ("path", .text, .text(report.path)),
        ("videos", .int, .int(Int64(report.videos))), ("bytes", .int, .int(report.bytes)),
        ("skipped", .int, .int(Int64(report.skipped))),
      ])
    case .finding(_, let table): table
    case .text(let text): one([("text", .text, .text(text))])
    default: ResultTable(columns: [], rows: [])
    }
  }

  private static func one(_ fields: [(String, ColumnKind, Value)]) -> ResultTable {
    ResultTable(columns: fields.map { ResultColumn($0.0, $0.1) }, rows: [fields.map(\.2)])
  }

  /// A row for each field that changed, and for each thing that is new.
  private static func of(_ changes: ProductionChanges) -> ResultTable {
    let columns: [ResultColumn] = [
      .init("project", .text), .init("entity", .text), .init("name", .text), .init("is_new", .bool),
      .init("field", .text), .init("from", .text), .init("to", .text),
    ]
    let rows = changes.changes.flatMap { change -> [[Value]] in
      let start: [Value] = [
        .text(changes.project), .text(change.entity), .text(change.name), .bool(change.isNew),
      ]
      if change.fields.isEmpty { return [start + [.null, .null, .null]] }
      return change.fields.map { start + [.text($0.field), .text($0.from), .text($0.to)] }
    }
    return ResultTable(columns: columns, rows: rows)
  }
}

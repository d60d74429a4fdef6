import QueryLanguage
import SQLText

/// The formats that the server can write by itself.
public enum CopyFormat: Sendable {
  case csv, tsv
}

/// A read whose rows the server writes as text, exactly as they would be written here: times in UTC as ISO 8601, booleans
/// as words, lists as JSON, null as an empty field (csv) or `\N` (tsv), a header line first.
///
/// It needs the session's `DateStyle` to be ISO and its `TimeZone` UTC.
public struct CopyQuery: Equatable, Sendable {
  /// To be run before on the same connection; nil when there is nothing to. COPY takes no parameters, so what is a text, a
  /// list or a time is bound here, kept as a setting of the session and read from there: it never becomes part of a
  /// statement's text. A whole number does: digits can be nothing else, and of a number that the planner sees it knows how many
  /// rows it chooses.
  public let values: SQL?
  /// `copy (...) to stdout`, without bindings.
  public let copy: SQL

  init(_ select: SQL, options: SQL = "") {
    var settings: [SQL] = []
    let statement = select.replacingBindings { position, value in
      guard let type = value.typeName else { return "null" }
      if case .int(let number) = value { return "\(unsafeSQL: "'\(number)'")::\(type)" }
      // A name of our own making, and the only place where it stands in a text.
      let name: SQL = "\(unsafeSQL: "'callsheet.value_\(position)'")"
      settings.append("set_config(\(name), (\(value))::text, false)")
      // Read once, however many rows it is compared with. The outer cast keeps a list from being taken for rows.
      return "(select current_setting(\(name))::\(type))::\(type)"
    }
    values = settings.isEmpty ? nil : "select \(SQL.joined(settings, separator: ", "))"
    copy = "copy (\(statement)) to stdout\(options)"
  }
}

extension PipelineCompiler {
  /// The rows of a pipeline that ends in rows, as the server's own text.
  public func copy(_ pipeline: CheckedPipeline, as format: CopyFormat) -> CopyQuery {
    let rows = relation(pipeline).select(pipeline.shape.shown.map(\.exactOutput))
    return switch format {
    case .csv: CopyQuery(rows, options: " (format csv, header)")
    case .tsv: CopyQuery(rows, options: " (format text, header)")
    }
  }

  /// The chosen cells with what a matrix shows of each, in no order, as COPY's text: the columns `id`, those of the axes, `status`, `stale`,
  /// `segments_done` and `segments`.
  /// - Parameter axes: the ids of rows, columns and sub-columns: `character_id` and so on, each once.
  public func matrixCells(_ pipeline: CheckedPipeline, axes: [String]) -> CopyQuery {
    let places: [SQL] = axes.map { "q.\(identifier: $0)" }
    return CopyQuery(
      relation(pipeline).unordered(["q.id"] + places + ["q.status", "q.stale", "q.segments_done", "q.segments"]))
  }
}

extension Field {
  /// The column as text for programs.
  fileprivate var exactOutput: SQL {
    switch type.outputKind {
    case .int, .double, .duration, .text, .status: output
    case .bool: "\(column)::text as \(identifier: name)"
    case .time: "replace(replace(\(column)::text, ' ', 'T'), '+00', 'Z') as \(identifier: name)"
    case .list: "array_to_json(\(column)) as \(identifier: name)"
    }
  }
}

extension SQLValue {
  /// The type it is bound as; nil for null, which has none.
  fileprivate var typeName: SQL? {
    switch self {
    case .null: nil
    case .bool: "boolean"
    case .int: "bigint"
    case .double: "double precision"
    case .text: "text"
    case .bytes: "bytea"
    case .timestamp: "timestamptz"
    case .json: "jsonb"
    case .ints: "bigint[]"
    case .doubles: "double precision[]"
    case .texts: "text[]"
    case .bools: "boolean[]"
    }
  }
}

import Foundation
import QueryLanguage
import SQLText

/// What every statement is limited to, as bound parameters.
public struct QueryScope: Equatable, Sendable {
  public var projectID: Int64
  /// The run in use; cells of other runs are not seen unless the statement names a `run`.
  public var runID: Int64?
  /// What `sample` draws by.
  public var seed: Int64

  public init(projectID: Int64, runID: Int64? = nil, seed: Int64 = 0) {
    self.projectID = projectID
    self.runID = runID
    self.seed = seed
  }
}

/// How a column's values are read and shown; the raw values are those of Model's `ColumnKind`.
public enum OutputKind: String, Sendable {
  case bool, int, double, text, status, time, duration, list
}

public struct OutputColumn: Equatable, Sendable {
  public let name: String
  public let kind: OutputKind

  public init(name: String, kind: OutputKind) {
    self.name = name
    self.kind = kind
  }
}

/// A query whose rows have the columns in order.
public struct CompiledQuery: Equatable, Sendable {
  public let sql: SQL
  public let columns: [OutputColumn]
  /// Behind the columns stands one more, a bool: whether the row meets the pipeline's expectation.
  public let hasExpectationColumn: Bool

  public init(sql: SQL, columns: [OutputColumn], hasExpectationColumn: Bool = false) {
    self.sql = sql
    self.columns = columns
    self.hasExpectationColumn = hasExpectationColumn
  }
}

/// Checked pipeline -> SQL over the views `query_<entity>`.
public struct PipelineCompiler: Sendable {
  public let scope: QueryScope

  public init(scope: QueryScope) { self.scope = scope }

  /// The rows to show; views and actions at the end are not its concern. `limit` cuts what is shown, not what is counted by
  /// `count`.
  public func rows(_ pipeline: CheckedPipeline, limit: Int? = nil) -> CompiledQuery {
    CompiledQuery(sql: "", columns: [])
  }

  /// How many rows there are: one row, one bigint.
  public func total(_ pipeline: CheckedPipeline) -> SQL { "" }

  /// The ids of the chosen rows, one bigint column `id`, in the pipeline's order: what an action or a view freezes first. Nothing
  /// but the entity's own rows has ids; the checker lets no other pipeline come here.
  public func ids(_ pipeline: CheckedPipeline) -> SQL { "" }
}

import QueryLanguage
import SQLText

/// What every statement is limited to, as bound parameters.
public struct QueryScope: Equatable, Sendable {
  public var projectID: Int64
  /// The run in use, one of the project's; cells of other runs are not seen unless the statement names a `run`.
  public var runID: Int64?
  /// What `sample` draws by: the same rows bring the same sample.
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
///
/// On the wire an `int` is int2, int4 or int8, a `double` or `duration` (seconds) float8, a `time` timestamptz, a `list` text[], and a `text` or
/// `status` text.
public struct CompiledQuery: Equatable, Sendable {
  public let sql: SQL
  public let columns: [OutputColumn]

  public init(sql: SQL, columns: [OutputColumn]) {
    self.sql = sql
    self.columns = columns
  }
}

/// Checked pipeline -> SQL over the views `query_<entity>`.
public struct PipelineCompiler: Sendable {
  public let scope: QueryScope

  public init(scope: QueryScope) { self.scope = scope }

  /// The rows to show; views and actions at the end are not its concern. `limit` cuts what is shown, not what `count` counts.
  public func rows(_ pipeline: CheckedPipeline, limit: Int? = nil) -> CompiledQuery {
    var relation = relation(pipeline)
    if let limit { relation.take(limit) }
    return CompiledQuery(
      sql: relation.select(pipeline.shape.shown.map(\.output)),
      columns: pipeline.shape.shown.map { OutputColumn(name: $0.name, kind: $0.type.outputKind) })
  }

  /// Of how many rows an expectation does not hold, and how many there are: one row, two bigints.
  public func tally(_ expectation: Expectation, of pipeline: CheckedPipeline) -> SQL {
    var relation = relation(pipeline)
    return relation.tally(sql(expectation.condition))
  }

  /// The first row that an expectation does not hold of.
  public func firstUnmet(_ expectation: Expectation, in pipeline: CheckedPipeline) -> CompiledQuery {
    var pipeline = pipeline
    pipeline.stages.append(.filter(.not(expectation.condition)))
    return rows(pipeline, limit: 1)
  }

  /// How many rows there are: one row, one bigint.
  public func total(_ pipeline: CheckedPipeline) -> SQL {
    var pipeline = pipeline
    pipeline.stages.append(.count)
    return relation(pipeline).select([Field.count.column])
  }

  /// The ids of the chosen rows, one bigint column `id`, in the pipeline's order: what an action or a view freezes first. Nothing
  /// but the entity's own rows has ids; the checker lets no other pipeline come here.
  public func ids(_ pipeline: CheckedPipeline) -> SQL {
    relation(pipeline).select([Field.id.column])
  }

  /// For each of the chosen rows a field beside its id: the columns `id` and the field's.
  public func values(of field: Field, in pipeline: CheckedPipeline) -> CompiledQuery {
    var pipeline = pipeline
    pipeline.shape.shown = [.id, field]
    pipeline.expectation = nil
    return rows(pipeline)
  }

  /// For each of the chosen rows its status, one text column. The entity has to have one.
  public func statuses(_ pipeline: CheckedPipeline) -> SQL {
    let column: SQL = "q.status::text as status"
    return relation(pipeline).select([column])
  }

  /// The chosen cells with what `why` has to know of each: the columns `id`, `run_id`, `character_id`, `scene_type_id`,
  /// `variant_id`, `take_id`, `status`, `stale`, `held` and `submitted_at`.
  public func heldUpCells(_ pipeline: CheckedPipeline) -> SQL {
    relation(pipeline).select([
      "q.id", "q.run_id", "q.character_id", "q.scene_type_id", "q.variant_id", "q.take_id", "q.status", "q.stale",
      "q.held", "q.submitted_at",
    ])
  }

  /// The ids of the chosen rows as a set, for a statement around it: one bigint column `id`.
  public func idSet(_ pipeline: CheckedPipeline) -> SQL { relation(pipeline).ids }

  func relation(_ pipeline: CheckedPipeline) -> Relation {
    var (relation, rest) =
      keptCounts(pipeline)
      ?? (Relation(entity: pipeline.entity, condition: scopeCondition(pipeline)), pipeline.stages[...])
    for stage in rest { apply(stage, to: &relation) }
    return relation
  }

  private func apply(_ stage: RowStage, to relation: inout Relation) {
    switch stage {
    case .filter(let condition): relation.filter(sql(condition))
    case .sort(let keys): relation.sort(keys)
    case .take(let number): relation.take(number)
    case .takeLast(let number): relation.takeLast(number)
    case .offset(let number): relation.offset(number)
    case .sample(let number): relation.sample(number, seed: scope.seed)
    case .pick: break
    case .distinct(let fields): relation.distinct(fields)
    case .count: relation.count()
    case .group(let aggregates, let keys): relation.group(aggregates, by: keys)
    case .combine(.union, let other): relation.unite(with: idSet(other))
    case .combine(.intersect, let other): relation.filter(Relation.isAmong(idSet(other)))
    case .combine(.except, let other): relation.filter(Relation.isNotAmong(idSet(other)))
    }
  }

  /// The run in use, when a pipeline can choose no rows of others; nil when it names a run, or none is in use.
  public func onlyRun(of pipeline: CheckedPipeline) -> Int64? { pipeline.namesRun ? nil : scope.runID }

  /// A run belongs to one project, so it alone is enough; without the project a statement on a run needs no other table.
  private func scopeCondition(_ pipeline: CheckedPipeline) -> SQL {
    let project: SQL = "q.project_id = \(scope.projectID)"
    switch pipeline.entity.scope {
    case .project: return project
    case .shared: return "(\(project) or q.project_id is null)"
    case .run:
      guard let runID = onlyRun(of: pipeline) else { return project }
      return "q.run_id = \(runID)"
    }
  }
}

extension Expectation {
  /// What has to hold of every row.
  fileprivate var condition: CheckedCondition {
    switch self {
    case .none: .constant(false)
    case .everyRow(let condition): condition
    }
  }
}

extension CheckedPipeline {
  /// A condition says which runs are meant.
  var namesRun: Bool {
    stages.contains { stage in
      if case .filter(let condition) = stage { condition.mentions("run") } else { false }
    }
  }
}

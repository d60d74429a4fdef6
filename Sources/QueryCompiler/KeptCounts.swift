import QueryLanguage
import SQLText

/// How many cells of a run have each status is kept beside them, so that counting a million of them costs nothing.
extension PipelineCompiler {
  /// The rows up to and with the first stage that counts, when nothing but the status decides what is counted; and the stages
  /// behind it.
  func keptCounts(_ pipeline: CheckedPipeline) -> (relation: Relation, rest: ArraySlice<RowStage>)? {
    guard pipeline.entity.name == "cells", let runID = scope.runID, !pipeline.namesRun else { return nil }
    var conditions: [SQL] = ["q.run_id = \(runID)", "q.count > 0"]
    for (place, stage) in pipeline.stages.enumerated() {
      let rest = pipeline.stages[(place + 1)...]
      switch stage {
      case .filter(let condition) where condition.isOnStatus: conditions.append(sql(condition))
      case .sort, .pick: break
      case .count:
        return (relation(pipeline, conditions, ["coalesce(sum(q.count), 0)::bigint as count"], keys: []), rest)
      case .group(let aggregates, let keys):
        let onlyCounts = aggregates.allSatisfy { $0.function == .count && $0.field == nil }
        guard onlyCounts, keys.map(\.name) == ["status"] else { return nil }
        return (relation(pipeline, conditions, [keys[0].column, "q.count::bigint as count"], keys: keys), rest)
      case .filter, .take, .takeLast, .offset, .distinct, .combine, .sample: return nil
      }
    }
    return nil
  }

  private func relation(
    _ pipeline: CheckedPipeline, _ conditions: [SQL], _ columns: [SQL], keys: [Field]
  ) -> Relation {
    let counted: SQL = """
      select \(SQL.joined(columns, separator: ", ")) from run_status_counts as q where \
      \(SQL.joined(conditions, separator: " and "))
      """
    return Relation(entity: pipeline.entity, rows: counted, tieBreakers: keys)
  }
}

extension CheckedCondition {
  /// It asks for nothing but the status.
  fileprivate var isOnStatus: Bool {
    switch self {
    case .and(let operands), .or(let operands): operands.allSatisfy(\.isOnStatus)
    case .not(let operand): operand.isOnStatus
    case .constant: true
    case .compare(let field, _, _), .among(let field, _), .like(let field, _), .matches(let field, _),
      .isNull(let field):
      field.name == "status"
    case .flag, .between, .inPipeline: false
    }
  }
}

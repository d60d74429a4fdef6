import Model
import PostgresClient
import SQLText

/// What a prompt reads while somebody sits at it: what others do, and what exists at the moment. Each call is one round trip.
public struct FeedReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// What others did since an action, oldest first, at most 50; with the last action's id.
  public func actions(
    after id: Int64?, project: ProjectID, butNotBy user: String
  ) async throws -> (actions: [ColleagueAction], last: Int64) {
    let results = try await connection.pipeline([
      "select coalesce(max(id), 0) from actions",
      """
      select a.id, coalesce(u.name, 'somebody'), a.verb, a.entity, a.changed, r.name
      from actions a left join users u on u.id = a.user_id left join production_runs r on r.id = a.run_id
      where a.id > \((id ?? Int64.max - 1)) and a.project_id = \(project) and u.name is distinct from \(user)
        and a.changed > 0
      order by a.id limit 50
      """,
    ])
    let actions = try results[1].rows.map { row in
      let (id, user, verb, entity, changed, run) = try row.decode((Int64, String, String, String, Int, String?).self)
      return ColleagueAction(id: id, user: user, verb: verb, entity: entity, changed: changed, run: run)
    }
    return (actions, try results[0].rows[0].decode(Int64.self))
  }

  /// Counts of values by entity, field and value, and what people are called. The cells' are kept counts: a run of a million
  /// costs no more than one of ten.
  public func counts(project: ProjectID, run: RunID?) async throws -> [String: [String: [String: Int]]] {
    let result = try await connection.query(
      """
      select 'cells', 'status', status::text, sum(count)::bigint from run_status_counts c
        join production_runs r on r.id = c.run_id
        where r.project_id = \(project) and (\(run.sqlValue)::bigint is null or r.id = \(run.sqlValue)::bigint)
        group by status having sum(count) > 0
      union all
      select 'variants', 'status', status::text, count(*) from variants where project_id = \(project) group by status
      union all
      select 'sources', 'status', qa_status::text, count(*) from source_images where project_id = \(project)
        group by qa_status
      union all
      select 'runs', 'status', s.name, count(*) from production_runs r join job_statuses s on s.id = r.status_id
        where r.project_id = \(project) group by s.name
      union all
      select 'users', 'name', name, 1 from (select name from users order by id limit 1000) u
      """)
    var counts: [String: [String: [String: Int]]] = [:]
    for row in result.rows {
      let (entity, field, value, count) = try row.decode((String, String, String, Int).self)
      counts[entity, default: [:]][field, default: [:]][value] = count
    }
    return counts
  }

  /// Whether nothing can be changed here: the server is a standby, or this user may only read.
  public func isReadOnly() async throws -> Bool {
    try await connection.query("select current_setting('transaction_read_only')::boolean").rows[0].decode(Bool.self)
  }

  /// What is left of the budgets that bind a run, as a share of each limit.
  public func budgetsLeft(project: ProjectID, run: RunID?) async throws -> [String: Double] {
    let result = try await connection.query(
      """
      select resource::text, min(greatest(0, 1 - (reserved + spent) / nullif(allowed, 0))) from budgets
      where project_id = \(project) and (run_id is null or run_id = \(run.sqlValue)::bigint) and allowed > 0
      group by resource
      """)
    return try result.rows.reduce(into: [:]) { left, row in
      let (resource, share) = try row.decode((String, Double).self)
      left[resource == "gpu_hours" ? "GPU hours" : "disk"] = share
    }
  }
}

import Model
import PostgresClient
import SQLText

/// What runs may spend beside the budgets of their project. Call everything under `ProjectLock`.
public struct RunBudgets: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Whether anything is other than before. A budget may be less than what is spent and set aside: nothing new starts then.
  /// What waits for more is the caller's to advance.
  @discardableResult
  public func set(_ change: BudgetChange, of run: RunID) async throws -> Bool {
    var changed = false
    if let limit = change.gpuHours { changed = try await set("gpu_hours", limit, unit: 3600, of: run) }
    if let limit = change.diskGB { changed = try await set("disk_gb", limit, unit: 1e9, of: run) || changed }
    return changed
  }

  private func set(
    _ resource: String, _ limit: BudgetChange.Limit, unit: Double, of run: RunID
  ) async throws -> Bool {
    switch limit {
    case .none: try await remove(resource, of: run)
    case .amount(let amount): try await allow(amount * unit, resource, of: run)
    }
  }

  func remove(_ resource: String, of run: RunID) async throws -> Bool {
    try await connection.execute(
      "delete from budgets where run_id = \(run) and resource = \(resource)::budget_resource") > 0
  }

  /// In GPU seconds or bytes. A new budget begins with what the run holds and has used already.
  func allow(_ amount: Double, _ resource: String, of run: RunID) async throws -> Bool {
    try await connection.execute(
      """
      insert into budgets as b (project_id, run_id, resource, allowed, reserved, spent)
      select r.project_id, r.id, \(resource)::text::budget_resource, \(amount),
        case \(resource)::text when 'gpu_hours' then h.gpu_reserved else h.disk_reserved end,
        case \(resource)::text when 'gpu_hours' then h.gpu_spent else h.disk_spent end
      from production_runs r cross join (\(Holdings.ofRun(run))) h
      where r.id = \(run)
      on conflict (project_id, run_id, resource) do update set allowed = excluded.allowed
        where b.allowed <> excluded.allowed
      """) > 0
  }

  /// What the run may spend, in hours and gigabytes, and what is left of it.
  public func limits(of run: RunID) async throws -> [(resource: String, limit: Double, available: Double)] {
    try await connection.query(
      "select resource::text, \"limit\", available from query_budgets where run_id = \(run) order by resource"
    ).rows.map { try $0.decode((String, Double, Double).self) }
  }
}

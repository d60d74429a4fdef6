import Model
import PostgresClient
import SQLText

/// What a project may spend, all its runs together. Its production file says it, too: whoever comes last is right. Call
/// everything under `ProjectLock`.
public struct ProjectBudgets: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Whether anything is other than before. A budget may be less than what is spent and set aside: nothing new starts then.
  /// What waits for more is the caller's to advance.
  public func set(_ change: BudgetChange, of project: ProjectID, in journal: Journal) async throws -> Bool {
    let amounts = [
      (BudgetResource.gpuHours, change.gpuHours), (BudgetResource.diskGB, change.diskGB),
    ]
    var isChanged = false
    for (resource, limit) in amounts {
      guard let limit else { continue }
      let value: String? =
        switch limit {
        case .none: nil
        case .amount(let amount): String(amount * resource.unit)
        }
      let setting = SharedSettings.Setting.budget(project, resource)
      isChanged = try await SharedSettings(connection).change(setting, to: value, in: journal).changed || isChanged
    }
    return isChanged
  }

  /// In GPU seconds or bytes; nil: no limit.
  func amount(_ resource: BudgetResource, of project: ProjectID) async throws -> Double? {
    try await connection.query(
      """
      select allowed from budgets
      where project_id = \(project) and run_id is null and resource = \(resource.rawValue)::budget_resource
      """
    ).rows.first?.decode(Double.self)
  }

  /// In GPU seconds or bytes. A new budget begins with what the project holds and has used already.
  func allow(_ amount: Double?, _ resource: BudgetResource, of project: ProjectID) async throws {
    guard let amount else {
      try await connection.execute(
        """
        delete from budgets
        where project_id = \(project) and run_id is null and resource = \(resource.rawValue)::budget_resource
        """)
      return
    }
    try await connection.execute(
      """
      insert into budgets as b (project_id, resource, allowed, reserved, spent)
      select \(project), \(resource.rawValue)::text::budget_resource, \(amount),
        case \(resource.rawValue)::text when 'gpu_hours' then h.gpu_reserved else h.disk_reserved end,
        case \(resource.rawValue)::text when 'gpu_hours' then h.gpu_spent else h.disk_spent end
      from (\(Holdings.ofProject(project))) h
      on conflict (project_id, run_id, resource) do update set allowed = excluded.allowed
      """)
  }

  /// What the project may spend, in hours and gigabytes, and what is left of it.
  public func limits(of project: ProjectID) async throws -> [(resource: String, limit: Double, available: Double)] {
    try await connection.query(
      """
      select resource::text, "limit", available from query_budgets
      where project_id = \(project) and run_id is null order by resource
      """
    ).rows.map { try $0.decode((String, Double, Double).self) }
  }
}

/// What a budget limits, as the database calls it.
public enum BudgetResource: String, Sendable {
  case gpuHours = "gpu_hours"
  case diskGB = "disk_gb"

  /// GPU seconds of an hour, bytes of a gigabyte.
  var unit: Double {
    switch self {
    case .gpuHours: 3600
    case .diskGB: 1e9
    }
  }
}

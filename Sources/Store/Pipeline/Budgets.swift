import Model
import PostgresClient
import SQLText

/// Fragments that keep what is set aside and spent within the budgets. Amounts are GPU seconds and bytes.
enum Budgets {
  /// Of a relation with `project_id, run_id, priority, first_cell, id, gpu, disk`, the rows that every budget of their
  /// project and run still holds when taken in the order of priority. Rows that do not fit by themselves do not stand in
  /// the way of others.
  static func fitting(_ relation: SQL) -> SQL {
    """
    select x.* from (
      select w.*, sum(w.gpu) over p as project_gpu, sum(w.disk) over p as project_disk, sum(w.gpu) over r as run_gpu,
        sum(w.disk) over r as run_disk
      from \(relation) w
      where not exists (
        select 1 from budgets b
        where b.project_id = w.project_id and (b.run_id is null or b.run_id = w.run_id)
          and b.allowed - b.reserved - b.spent < case b.resource when 'gpu_hours' then w.gpu else w.disk end)
      window p as (partition by w.project_id order by w.priority desc, w.first_cell, w.id),
        r as (partition by w.run_id order by w.priority desc, w.first_cell, w.id)) x
    where not exists (
      select 1 from budgets b
      where b.project_id = x.project_id and (b.run_id is null or b.run_id = x.run_id)
        and b.allowed - b.reserved - b.spent < case b.resource
          when 'gpu_hours' then case when b.run_id is null then x.project_gpu else x.run_gpu end
          else case when b.run_id is null then x.project_disk else x.run_disk end end)
    """
  }

  /// Adds a relation's `gpu_reserved, gpu_spent, disk_reserved, disk_spent` per `project_id, run_id` to the budgets.
  static func settle(_ relation: SQL) -> SQL {
    """
    update budgets b
    set reserved = greatest(0, b.reserved + x.reserved), spent = greatest(0, b.spent + x.spent)
    from (
      select b.id, sum(case b.resource when 'gpu_hours' then m.gpu_reserved else m.disk_reserved end) as reserved,
        sum(case b.resource when 'gpu_hours' then m.gpu_spent else m.disk_spent end) as spent
      from \(relation) m
      join budgets b on b.project_id = m.project_id and (b.run_id is null or b.run_id = m.run_id)
      group by b.id) x
    where b.id = x.id and (x.reserved <> 0 or x.spent <> 0)
    """
  }
}

/// Serialises what changes the pipeline of one project, so that two transactions never wait for each other in a ring
/// and never spend the same hour twice. Held until the end of the transaction.
public struct ProjectLock: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  public func take(_ projects: [ProjectID]) async throws {
    try await connection.execute(Self.statement(projects))
  }

  static func statement(_ projects: [ProjectID]) -> SQL {
    "select 1 from projects where id = any (\(projects.rawIDs())) order by id for no key update"
  }
}

import Model
import PostgresClient
import SQLText

/// Sets whole takes aside in the budgets for cells that were submitted with fit=true, before anything is made for them. Call
/// everything under `ProjectLock`.
struct Fit: Sendable {
  let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Of a relation `armed` like that of `Advance`, sets aside for the cells that have nothing set aside yet and that the
  /// budgets hold, in the order of priority. Every cell has its own, even when several runs want one scene: each of them
  /// may be disarmed without the others. Answers how many were served and how many were not.
  static func setAside(_ armed: SQL) -> SQL {
    """
    with armed as materialized (\(armed)),
    wanted as (
      select a.id, a.id as first_cell, a.run_id, r.project_id, a.priority,
        y.segments * y.estimated_gpu_seconds as gpu, (y.segments * y.estimated_disk_bytes)::double precision as disk
      from armed a
      join production_runs r on r.id = a.run_id
      join scene_types y on y.id = a.scene_type_id
      where a.fit and a.reserved_gpu is null),
    fitting as materialized (\(Budgets.fitting("wanted"))),
    served as (
      update cells c set reserved_gpu_seconds = f.gpu, reserved_disk_bytes = f.disk from fitting f where c.id = f.id),
    moved as (select project_id, run_id, gpu as gpu_reserved, disk as disk_reserved, 0::double precision as gpu_spent,
      0::double precision as disk_spent from fitting),
    settled as (\(Budgets.settle("moved")))
    select (select count(*) from fitting), (select count(*) from wanted) - (select count(*) from fitting), 0
    """
  }

  /// Gives back what is set aside for those of these cells that wait for no take any more.
  func giveBack(_ cells: [Int64]) async throws {
    if cells.isEmpty { return }
    try await connection.execute(
      """
      with unneeded as (
        select c.id, c.run_id, r.project_id, c.reserved_gpu_seconds as gpu, c.reserved_disk_bytes as disk
        from cells c join scenes s on s.id = c.scene_id join production_runs r on r.id = c.run_id
        where c.id = any (\(cells)) and c.reserved_gpu_seconds is not null
          and (not c.submitted or c.skipped or s.current_take_id is not null)),
      cleared as (
        update cells c set reserved_gpu_seconds = null, reserved_disk_bytes = null from unneeded u where c.id = u.id),
      moved as (select project_id, run_id, -gpu as gpu_reserved, -disk as disk_reserved, 0::double precision as gpu_spent,
        0::double precision as disk_spent from unneeded)
      \(Budgets.settle("moved"))
      """)
  }

  /// Whether these cells begin only as a whole. What is set aside for those that do not is given back; answers whether
  /// anything was.
  @discardableResult
  func ask(_ cells: [Int64], _ fit: Bool) async throws -> Bool {
    if cells.isEmpty { return false }
    return try await connection.query(
      """
      with changed as (
        select c.id, c.run_id, r.project_id, coalesce(c.reserved_gpu_seconds, 0) as gpu,
          coalesce(c.reserved_disk_bytes, 0) as disk
        from cells c join production_runs r on r.id = c.run_id
        where c.id = any (\(cells)) and c.fit <> \(fit)),
      asked as (
        update cells c set fit = \(fit), reserved_gpu_seconds = null, reserved_disk_bytes = null
        from changed x where c.id = x.id),
      moved as (select project_id, run_id, -gpu as gpu_reserved, -disk as disk_reserved, 0::double precision as gpu_spent,
        0::double precision as disk_spent from changed),
      settled as (\(Budgets.settle("moved")))
      select coalesce(bool_or(gpu > 0 or disk > 0), false) from changed
      """
    ).rows[0].decode(Bool.self)
  }
}

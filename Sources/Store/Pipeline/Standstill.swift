import Model
import PostgresClient
import SQLText

/// Takes whose first segment waits at the end of time, since nobody has begun them: those of a scene type that is held, and
/// those that only held cells want. The jobs of a paused run wait there, too. Call everything under `ProjectLock`.
public struct Standstill: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Whether all cells that want the take of a scene are held, and there are any.
  static func isHeldBack(_ scene: SQL) -> SQL {
    """
    coalesce((select bool_and(h.held) from cells h where h.scene_id = \(scene) and h.submitted and not h.skipped), false)
    """
  }

  /// Whether a row `w` of `ready_jobs` stands still whatever its run does.
  static let keeps: SQL = """
    exists (
      select 1 from jobs j
      join segments g on g.id = j.subject_id and g.number = 1
      join takes t on t.id = g.take_id
      join scenes s on s.id = t.scene_id
      join scene_types y on y.id = s.scene_type_id
      where j.id = w.job_id and j.kind = 'segment' and (y.tripped_at is not null or \(isHeldBack("s.id"))))
    """

  private static let isPaused: SQL =
    "exists (select 1 from production_runs p where p.id = w.run_id and p.status_id = 3)"

  /// Brings the takes of these cells to a stand, or lets them go on, by what their cells, scene types and runs are now.
  public func settle(_ cells: [Int64]) async throws {
    if cells.isEmpty { return }
    let jobs: SQL = """
      select w.job_id from (select distinct scene_id from cells where id = any (\(cells))) c
      join scenes s on s.id = c.scene_id
      join segments g on g.take_id = s.current_take_id and g.number = 1
      join live_jobs l on l.kind = 'segment' and l.subject_id = g.id
      join ready_jobs w on w.job_id = l.job_id
      """
    try await connection.execute(
      """
      update ready_jobs set run_at = 'infinity'
      where job_id = any (array(\(jobs) where w.run_at < 'infinity' and \(Self.keeps)))
      """)
    try await connection.execute(
      Enqueue.rejoin(
        "\(jobs) where w.run_at = 'infinity' and not \(Self.isPaused) and not \(Self.keeps)", runAt: "now()"))
  }

  /// Of cells that were just held, how many have work that goes on all the same: it is begun, or others want it.
  public func goingOn(_ cells: [Int64]) async throws -> [ActionReport.Remark] {
    if cells.isEmpty { return [] }
    return try await connection.query(
      """
      select c.status::text, count(*) from cells c
      where c.id = any (\(cells))
        and (c.status = 'generating' or c.status = 'queued' and not \(Self.isHeldBack("c.scene_id")))
      group by c.status order by c.status
      """
    ).rows.map { row in
      let (status, count) = try row.decode((String, Int).self)
      return .goOn(CellStatus(rawValue: status) ?? .generating, cells: count)
    }
  }
}

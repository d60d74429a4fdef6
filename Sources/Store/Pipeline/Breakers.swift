import Model
import PostgresClient
import SQLText

/// Holds scene types whose takes keep failing: none of their takes starts until somebody releases them. Those that were
/// begun go on. Call everything under `ProjectLock`.
public struct Breakers: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// A take failed for good.
  public func failed(segment: Int64, error: String) async throws {
    let row = try await connection.query(
      """
      update scene_types y
      set failed_in_a_row = y.failed_in_a_row + 1,
        tripped_at = coalesce(y.tripped_at,
          case when y.failed_in_a_row + 1 >= \(Breaker.failuresToTrip) then now() end),
        tripped_error = coalesce(y.tripped_error,
          case when y.failed_in_a_row + 1 >= \(Breaker.failuresToTrip) then \(error) end)
      from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
      where g.id = \(segment) and y.id = s.scene_type_id
      returning y.id, y.project_id, y.tripped_at = now()
      """
    ).rows.first
    guard let (sceneType, project, isNew) = try row?.decode((Int64, Int64, Bool?).self), isNew == true else { return }
    try await hold(sceneType)
    try await connection.execute(
      """
      insert into events (project_id, kind, entity, ids) values (\(project), 'held', 'scene_types', array[\(sceneType)])
      """)
  }

  public func succeeded(segment: Int64) async throws {
    try await connection.execute(
      """
      update scene_types y set failed_in_a_row = 0
      from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
      where g.id = \(segment) and y.id = s.scene_type_id and y.failed_in_a_row > 0 and y.tripped_at is null
      """)
  }

  /// Releases the scene types of these cells. Returns those of the cells that waited for it, and the scene types, of which
  /// the journal keeps how they were.
  public func release(of cells: [Int64], in journal: Journal) async throws -> (cells: [Int64], sceneTypes: [Int64]) {
    let held = try await ids(
      """
      select distinct y.id from cells c join scene_types y on y.id = c.scene_type_id
      where c.id = any (\(cells)) and y.tripped_at is not null order by 1
      """)
    if held.isEmpty { return ([], []) }
    for id in held { _ = try await SharedSettings(connection).change(.breaker(id), to: nil, in: journal) }
    let waiting = try await ids(
      """
      select id from cells where id = any (\(cells)) and scene_type_id = any (\(held)) and submitted and not skipped
        and status in ('blocked', 'queued') order by id
      """)
    return (waiting, held)
  }

  /// All cells that start with these when their scene types are released.
  public func waiting(besides cells: [Int64]) async throws -> [Int64] {
    try await ids(
      """
      select o.id from cells o
      where o.status = 'blocked' and o.scene_type_id in (
        select c.scene_type_id from cells c join scene_types y on y.id = c.scene_type_id
        where c.id = any (\(cells)) and y.tripped_at is not null)
      order by 1
      """)
  }

  /// Releases the scene types that these jobs make segments of: somebody who tries again has mended what was wrong.
  public func release(ofJobs jobs: [Int64], in journal: Journal) async throws -> [Int64] {
    let held = try await ids(
      """
      select distinct y.id from jobs j
      join segments g on j.kind = 'segment' and g.id = j.subject_id
      join takes t on t.id = g.take_id
      join scenes s on s.id = t.scene_id
      join scene_types y on y.id = s.scene_type_id
      where j.id = any (\(jobs)) and y.tripped_at is not null order by 1
      """)
    for id in held { _ = try await SharedSettings(connection).change(.breaker(id), to: nil, in: journal) }
    return held
  }

  /// What is known of a breaker that is open, as JSON; nil: it is closed.
  func state(of sceneType: Int64) async throws -> String? {
    try await connection.query(
      """
      select case when tripped_at is not null then jsonb_build_object(
        'failed', failed_in_a_row, 'at', tripped_at, 'error', tripped_error)::text end
      from scene_types where id = \(sceneType) for no key update
      """
    ).rows.first?.decode(column: 0)
  }

  /// Holds a scene type again, as it was held before.
  func open(_ sceneType: Int64, as state: String) async throws {
    try await connection.execute(
      """
      update scene_types y
      set failed_in_a_row = (x.state ->> 'failed')::integer, tripped_at = (x.state ->> 'at')::timestamptz,
        tripped_error = x.state ->> 'error'
      from (select \(SQLValue.json(state)) as state) x where y.id = \(sceneType)
      """)
    try await hold(sceneType)
  }

  private func hold(_ sceneType: Int64) async throws {
    try await connection.execute(
      "update ready_jobs set run_at = 'infinity' where job_id = any (array(\(Self.queued("y.id = \(sceneType)"))))")
  }

  func close(_ held: [Int64]) async throws {
    try await connection.execute(
      "update scene_types set tripped_at = null, tripped_error = null, failed_in_a_row = 0 where id = any (\(held))")
    try await connection.execute(
      Enqueue.rejoin(
        """
        select w.job_id from ready_jobs w
        where w.run_at = 'infinity' and w.job_id = any (array(\(Self.queued("y.id = any (\(held))"))))
          and not exists (select 1 from production_runs p where p.id = w.run_id and p.status_id = 3)
          and not \(Standstill.keeps)
        """, runAt: "now()"))
  }

  /// The first segments of takes that wait in line, of the scene types `y` that meet a condition.
  static func queued(_ condition: SQL) -> SQL {
    """
    select l.job_id from live_jobs l
    join segments g on l.kind = 'segment' and g.id = l.subject_id and g.number = 1
    join takes t on t.id = g.take_id
    join scenes s on s.id = t.scene_id
    join scene_types y on y.id = s.scene_type_id
    where \(condition)
    """
  }

  private func ids(_ query: SQL) async throws -> [Int64] {
    try await connection.query(query).rows.map { try $0.decode(Int64.self) }
  }
}

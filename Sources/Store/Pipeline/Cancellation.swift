import Model
import PostgresClient
import SQLText

/// Takes work back. A leased job ends at once as far as the database is concerned: its worker finds the lease gone at the
/// next heartbeat and stops the process, and a result that comes all the same is refused.
public struct Cancellation: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Ends the unfinished takes, and the variants in the making, that only these cells wanted, and gives back what is set
  /// aside for them. Returns the jobs ended.
  @discardableResult
  public func unwanted(by cells: [Int64]) async throws -> Int {
    try await Fit(connection).giveBack(cells)
    let ended = try await takes(
      ids(
        """
        select distinct s.current_take_id from cells c
        join scenes s on s.id = c.scene_id
        join takes t on t.id = s.current_take_id
        where c.id = any (\(cells)) and c.status in ('not_started', 'queued', 'generating', 'skipped')
          and t.review is null and t.cancelled_at is null and t.qa_status = 'pending'
          and not exists (select 1 from segments g where g.take_id = t.id and g.status_id = 5)
          and not exists (select 1 from cells o where o.scene_id = s.id and o.submitted and not o.skipped
            and not o.id = any (\(cells)))
        order by 1
        """))
    let unwanted = try await ids(
      """
      select v.id from variants v
      where v.status in ('queued', 'generating') and exists (
          select 1 from cells c where c.id = any (\(cells)) and c.character_id = v.character_id
            and c.variant_type_id = v.variant_type_id)
        and not exists (
          select 1 from cells o where o.character_id = v.character_id and o.variant_type_id = v.variant_type_id
            and o.submitted and not o.skipped)
      order by v.id
      """)
    return try await ended + variants(unwanted)
  }

  /// Ends the unfinished takes that are made from these looks.
  public func madeFrom(variants: [Int64]) async throws {
    _ = try await takes(
      ids(
        """
        select s.current_take_id from scenes s join takes t on t.id = s.current_take_id join take_truth k on k.id = t.id
        where t.variant_id = any (\(variants)) and k.status in ('queued', 'generating', 'qa') order by 1
        """))
  }

  /// Ends the looks in the making, and the unfinished takes, that are made from these sources.
  public func madeFrom(sources: [Int64]) async throws {
    let looks = try await ids(
      """
      select v.id from source_images i join variants v on v.character_id = i.character_id
      where i.id = any (\(sources)) order by 1
      """)
    try await variants(looks)
    try await madeFrom(variants: looks)
  }

  /// Ends takes; their scenes have none then. Returns the jobs ended.
  @discardableResult
  public func takes(_ ids: [Int64]) async throws -> Int {
    if ids.isEmpty { return 0 }
    return try await finish(
      """
      with ended as (
        update takes t set cancelled_at = now() from scenes s
        where t.id = any (\(ids)) and s.id = t.scene_id and t.cancelled_at is null
        returning t.id, t.scene_id, t.run_id, s.project_id),
      unpointed as (update scenes s set current_take_id = null from ended e where s.current_take_id = e.id),
      cut as materialized (
        select g.id, g.reserved_gpu_seconds as gpu, g.reserved_disk_bytes as disk, e.run_id, e.project_id
        from ended e
        join segments g on g.take_id = e.id and g.status_id in (1, 2)),
      stopped as (
        update segments g set status_id = 6, reserved_gpu_seconds = 0, reserved_disk_bytes = 0, finished_at = now()
        from cut where g.id = cut.id),
      moved as (select project_id, run_id, -gpu as gpu_reserved, -disk::double precision as disk_reserved,
        0::double precision as gpu_spent, 0::double precision as disk_spent from cut),
      settled as (\(Budgets.settle("moved"))),
      doomed as (
        select l.job_id from live_jobs l join cut on l.kind = 'segment' and l.subject_id = cut.id
        union all
        select l.job_id from live_jobs l join ended e on l.kind = 'scene_qa' and l.subject_id = e.id)
      select coalesce(array_agg(job_id), '{}') from doomed
      """)
  }

  /// Ends the generation of looks; they count as never ordered then. Returns the jobs ended.
  @discardableResult
  public func variants(_ ids: [Int64]) async throws -> Int {
    if ids.isEmpty { return 0 }
    return try await finish(
      """
      with unwanted as (
        select v.id, v.project_id, v.run_id, v.reserved_gpu_seconds as gpu, v.reserved_disk_bytes as disk
        from variants v where v.id = any (\(ids)) and v.status in ('queued', 'generating') for no key update),
      stopped as (
        update variants v set status = 'not_started', reserved_gpu_seconds = 0, reserved_disk_bytes = 0
        from unwanted u where v.id = u.id),
      moved as (select project_id, run_id, -gpu as gpu_reserved, -disk::double precision as disk_reserved,
        0::double precision as gpu_spent, 0::double precision as disk_spent from unwanted),
      settled as (\(Budgets.settle("moved")))
      select coalesce(array_agg(l.job_id), '{}')
      from live_jobs l join unwanted u on l.kind = 'variant' and l.subject_id = u.id
      """)
  }

  private func finish(_ statement: SQL) async throws -> Int {
    let ids = try await connection.query(statement).rows.first?.decode([Int64].self) ?? []
    if !ids.isEmpty { try await jobs(ids) }
    return ids.count
  }

  private func ids(_ query: SQL) async throws -> [Int64] {
    try await connection.query(query).rows.map { try $0.decode(Int64.self) }
  }

  /// Ends live jobs as cancelled, wherever they are. Their subjects are the caller's to settle.
  public func jobs(_ ids: [Int64]) async throws {
    // A claim that is under way must end first: the next statement then sees its lease.
    // Both in id order, as heartbeats and rescues take them.
    try await connection.execute(
      "select 1 from ready_jobs where job_id = any (\(ids)) order by job_id for update")
    try await connection.execute(
      "select 1 from leased_jobs where job_id = any (\(ids)) order by job_id for update")
    try await connection.execute(
      """
      with doomed as (
        select l.job_id, l.kind, l.subject_id, coalesce(q.attempt, r.attempts, 0) as attempt, q.worker_id, q.claimed_at
        from live_jobs l
        left join leased_jobs q on q.job_id = l.job_id
        left join ready_jobs r on r.job_id = l.job_id
        where l.job_id = any (\(ids))),
      unready as (delete from ready_jobs r using doomed d where r.job_id = d.job_id),
      unleased as (delete from leased_jobs q using doomed d where q.job_id = d.job_id),
      unlive as (delete from live_jobs l using doomed d where l.kind = d.kind and l.subject_id = d.subject_id),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, error, started_at)
        select job_id, attempt, worker_id, 'cancelled', 'cancelled while it ran', claimed_at
        from doomed where worker_id is not null)
      insert into job_results (job_id, status_id, attempt, worker_id)
      select job_id, 6, attempt, worker_id from doomed
      """)
  }
}

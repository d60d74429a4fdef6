import Model
import PostgresClient
import SQLText

/// Sets work going again that had ended: cancelled or failed takes go on behind the segments they have, failed looks and
/// checks are made once more. The same jobs are ready again, their attempts numbered on. Set-based; call it under
/// `ProjectLock`. What a budget does not hold is left as it is.
public struct Revival: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Returns the takes that go on. Their segments are in the budgets again.
  public func takes(_ ids: [Int64]) async throws -> [Int64] {
    if ids.isEmpty { return [] }
    return try await ended(
      """
      with wanted as (
        select t.id, t.run_id, s.project_id, coalesce(o.priority, 50) as priority, coalesce(o.first_cell, 0) as first_cell,
          coalesce(y.estimated_gpu_seconds * g.missing, 0) as gpu,
          coalesce(y.estimated_disk_bytes * g.missing, 0)::double precision as disk
        from takes t
        join scenes s on s.id = t.scene_id
        join scene_types y on y.id = s.scene_type_id
        left join lateral (
          select max(c.priority) as priority, min(c.id) as first_cell from cells c where c.scene_id = s.id and c.submitted
        ) o on true
        left join lateral (
          select count(*) as missing from segments g where g.take_id = t.id and g.status_id in (5, 6)) g on true
        where t.id = any (\(ids))),
      fitting as materialized (\(Budgets.fitting("wanted"))),
      revived as (
        update takes t set cancelled_at = null,
          qa_status = case when t.qa_status = 'failed' then 'pending' else t.qa_status end, qa_reason = null
        from fitting f where t.id = f.id),
      mended as (
        update segments g
        set status_id = 1, error = null, finished_at = null, reserved_gpu_seconds = y.estimated_gpu_seconds,
          reserved_disk_bytes = y.estimated_disk_bytes
        from fitting f join takes t on t.id = f.id join scenes s on s.id = t.scene_id
        join scene_types y on y.id = s.scene_type_id
        where g.take_id = f.id and g.status_id in (5, 6)),
      next as (
        select f.id, f.priority, case when g.id is null then 'scene_qa' else 'segment' end::job_kind as kind,
          coalesce(g.id, f.id) as subject_id
        from fitting f
        left join lateral (
          select g.id from segments g where g.take_id = f.id and g.status_id in (5, 6) order by g.number limit 1) g on true),
      \(Self.requeue("next")),
      moved as (select project_id, run_id, gpu as gpu_reserved, disk as disk_reserved, 0::double precision as gpu_spent,
        0::double precision as disk_spent from fitting),
      settled as (\(Budgets.settle("moved")))
      select id from fitting order by id
      """)
  }

  /// Returns the variants whose failed generation is made once more.
  public func variants(_ ids: [Int64]) async throws -> [Int64] {
    if ids.isEmpty { return [] }
    return try await ended(
      """
      with wanted as (
        select v.id, v.run_id, v.project_id, 50::smallint as priority, v.id as first_cell,
          w.estimated_gpu_seconds as gpu, w.estimated_disk_bytes::double precision as disk
        from variants v join variant_types w on w.id = v.variant_type_id
        where v.id = any (\(ids)) and v.status = 'failed'),
      fitting as materialized (\(Budgets.fitting("wanted"))),
      revived as (
        update variants v set status = 'queued', error = null, reserved_gpu_seconds = f.gpu, reserved_disk_bytes = f.disk
        from fitting f where v.id = f.id),
      next as (select id, priority, 'variant'::job_kind as kind, id as subject_id from fitting),
      \(Self.requeue("next")),
      moved as (select project_id, run_id, gpu as gpu_reserved, disk as disk_reserved, 0::double precision as gpu_spent,
        0::double precision as disk_spent from fitting),
      settled as (\(Budgets.settle("moved")))
      select id from fitting order by id
      """)
  }

  /// Returns the sources whose check, which could not be made, is made once more.
  public func sources(_ ids: [Int64]) async throws -> [Int64] {
    if ids.isEmpty { return [] }
    return try await ended(
      """
      with revived as (
        update source_images set qa_status = 'pending', qa_reason = null, checked_at = null
        where id = any (\(ids)) and qa_status = 'failed' returning id),
      next as (select id, 50::smallint as priority, 'source_qa'::job_kind as kind, id as subject_id from revived),
      \(Self.requeue("next"))
      select id from revived order by id
      """)
  }

  private func ended(_ statement: SQL) async throws -> [Int64] {
    try await connection.query(statement).rows.map { try $0.decode(Int64.self) }
  }

  /// Common table expressions that make the newest job of each `kind, subject_id` of a relation live and ready again.
  private static func requeue(_ relation: SQL) -> SQL {
    """
    newest as (
      select distinct on (j.kind, j.subject_id) j.id, j.run_id, j.kind, j.subject_id, n.priority
      from \(relation) n join jobs j on j.kind = n.kind and j.subject_id = n.subject_id
      order by j.kind, j.subject_id, j.generation desc),
    unfinished as (delete from job_results x using newest n where x.job_id = n.id returning x.job_id, x.attempt),
    lively as (insert into live_jobs (kind, subject_id, job_id) select kind, subject_id, id from newest),
    \(Enqueue.ends("newest")),
    readied as (
      insert into ready_jobs (kind, rank, turn, run_at, job_id, run_id, attempts)
      select q.kind, -q.priority, \(Enqueue.nextTurn), case when r.status_id = 3 then 'infinity' else now() end, q.id,
        q.run_id, u.attempt
      from newest q \(Enqueue.besideEnds) join unfinished u on u.job_id = q.id
      left join production_runs r on r.id = q.run_id)
    """
  }
}

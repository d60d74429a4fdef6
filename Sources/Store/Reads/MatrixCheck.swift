import Model
import PostgresClient
import SQLText

/// What `check matrix` found: every kept copy that differs from what the facts say. Empty is right.
public struct MatrixCheck: Sendable {
  public struct Difference: Equatable, Sendable {
    public var what: String
    public var kept: String
    public var truth: String
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// At most 100 differences of each sort. Reads one snapshot.
  public func differences() async throws -> [Difference] {
    try await connection.query(
      "\(Self.matrix) union all (\(Self.causes)) union all \(Self.budgets) union all \(Self.jobs)"
    ).rows.map { row in
      let (what, kept, truth) = try row.decode((String, String, String).self)
      return Difference(what: what, kept: kept, truth: truth)
    }
  }

  private static let matrix: SQL = """
    (select 'cell ' || c.id, concat_ws(' ', c.status, c.stale, c.segments_done, c.segments_total),
      concat_ws(' ', t.status, t.stale, t.segments_done, t.segments_total)
    from cells c join cell_truth t on t.id = c.id
    where (c.status, c.stale, c.segments_done, c.segments_total)
      is distinct from (t.status, t.stale, t.segments_done, t.segments_total)
    order by c.id limit 100)
    union all
    (select 'count of ' || coalesce(k.status, x.status) || ' in run ' || coalesce(k.run_id, x.run_id),
      coalesce(k.count, 0)::text, coalesce(x.count, 0)::text
    from run_status_counts k
    full join (select run_id, status, count(*)::integer as count from cells group by 1, 2) x
      on x.run_id = k.run_id and x.status = k.status
    where coalesce(k.count, 0) <> coalesce(x.count, 0) limit 100)
    union all
    (select 'counts of run ' || r.id, concat_ws(' ', r.total_cells, r.completed_cells, r.failed_cells),
      concat_ws(' ', x.total, x.completed, x.failed)
    from production_runs r
    cross join lateral (
      select count(*) as total, count(*) filter (where c.status = 'approved') as completed,
        count(*) filter (where c.status = 'failed') as failed
      from cells c where c.run_id = r.id) x
    where (r.total_cells, r.completed_cells, r.failed_cells) <> (x.total, x.completed, x.failed) limit 100)
    union all
    (select 'cell ' || c.id, 'blocked', 'nothing is in its way'
    from query_cells c where c.status = 'blocked' and c.blocked_by is null order by c.id limit 100)
    """

  private static let budgets: SQL = """
    (select 'reserved in budget ' || b.id, round(b.reserved::numeric, 3)::text, round(x.reserved::numeric, 3)::text
    from budgets b
    cross join lateral (
      select coalesce(sum(h.amount), 0) as reserved from (
        select case b.resource when 'gpu_hours' then g.reserved_gpu_seconds else g.reserved_disk_bytes end as amount
        from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
        where s.project_id = b.project_id and (b.run_id is null or t.run_id = b.run_id)
        union all
        select case b.resource when 'gpu_hours' then v.reserved_gpu_seconds else v.reserved_disk_bytes end
        from variants v where v.project_id = b.project_id and (b.run_id is null or v.run_id = b.run_id)
        union all
        select case b.resource when 'gpu_hours' then c.reserved_gpu_seconds else c.reserved_disk_bytes end
        from production_runs r join cells c on c.run_id = r.id and c.reserved_gpu_seconds is not null
        where r.project_id = b.project_id and (b.run_id is null or r.id = b.run_id)) h) x
    where abs(b.reserved - x.reserved) > 0.001 limit 100)
    union all
    (select 'set aside for cell ' || c.id, c.reserved_gpu_seconds::text, 'nothing: it waits for no take'
    from cells c join scenes s on s.id = c.scene_id
    where c.reserved_gpu_seconds is not null
      and (not c.submitted or c.skipped or s.current_take_id is not null) limit 100)
    union all
    (select 'GPU seconds spent in budget ' || b.id, round(b.spent::numeric, 3)::text,
      round(x.spent::numeric, 3)::text
    from budgets b
    cross join lateral (
      select coalesce(sum(h.seconds), 0) as spent from (
        select g.gpu_seconds as seconds
        from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
        where s.project_id = b.project_id
        union all
        select v.gpu_seconds from variants v where v.project_id = b.project_id) h) x
    where b.resource = 'gpu_hours' and b.run_id is null and abs(b.spent - x.spent) > 0.001 limit 100)
    """

  private static let jobs: SQL = """
    (select 'job ' || j.id, concat_ws(' ', case when q.job_id is not null then 'ready' end,
        case when l.job_id is not null then 'leased' end, case when v.job_id is not null then 'live' end,
        case when x.job_id is not null then 'finished' end), 'ready or leased and live, or finished'
    from jobs j
    left join ready_jobs q on q.job_id = j.id
    left join leased_jobs l on l.job_id = j.id
    left join live_jobs v on v.job_id = j.id
    left join job_results x on x.job_id = j.id
    where (q.job_id is not null)::integer + (l.job_id is not null)::integer + (x.job_id is not null)::integer <> 1
      or (v.job_id is not null) = (x.job_id is not null)
    limit 100)
    union all
    (select 'job ' || w.job_id, 'stands still', 'nothing is in its way'
    from ready_jobs w
    where w.run_at = 'infinity' and not \(Standstill.keeps)
      and not exists (select 1 from production_runs p where p.id = w.run_id and p.status_id = 3) limit 100)
    """

  /// The field of the language against the unmet dependencies one by one.
  private static let causes: SQL = """
    select 'causes of cell ' || c.id, coalesce(array_to_string(c.blocked_by, ' '), 'none'),
    coalesce(array_to_string(b.causes, ' '), 'none')
    from query_cells c
    left join (
    select cell_id, array_agg(distinct cause order by cause) as causes from cell_blockers group by cell_id) b
    on b.cell_id = c.id
    where c.blocked_by is distinct from b.causes order by c.id limit 100
    """

  public func cellCount() async throws -> Int {
    try await connection.query("select count(*) from cells").rows[0].decode(Int.self)
  }
}

import Model
import SQLText

/// The queries behind `why`. Each answers rows of: cause, the thing's id, how many cells, the first, all of them (null when they are
/// not asked for), since when, until when, character, variant, whose variant it is when that stands between the cells and
/// the cause, the run or scene type, detail, path, what is left of a budget (which try comes next; how many run),
/// what the next cell needs (how many tries there are), what would hold all.
struct WhyQueries {
  let project: ProjectID
  /// As `WhyReads.report` takes them.
  let cells: SQL
  let isNaming: Bool

  /// Those that can find anything.
  func needed(for classes: [CellClass]) -> [SQL] {
    func has(_ test: (CellClass) -> Bool) -> Bool { classes.contains(where: test) }
    var queries: [SQL] = []
    if has({ $0.status == .blocked }) { queries += [looks, budgets, runs, sceneTypes] }
    if has({ [.blocked, .queued].contains($0.status) && $0.held }) { queries.append(held) }
    if has({ [.queued, .generating].contains($0.status) }) { queries.append(queuedJobs) }
    if has(\.isHeldUp), has({ $0.isHeldUp && $0.status != .blocked }) { queries.append(outcomes) }
    return queries
  }

  private var ids: SQL { ids("c.id") }

  private func ids(_ id: SQL) -> SQL { isNaming ? "array_agg(\(id))" : "null::bigint[]" }

  /// Sources and looks. What waits for something else before it can even begin is not named beside that. From the left, so that
  /// the planner expects as many rows as there are and does not loop over them.
  private var looks: SQL {
    """
    with stuck as materialized (\(stuck(kinds: "'source_qa', 'variant'"))),
    waiting as (
      select c.run_id, c.character_id, c.variant_id, c.held, count(*) as cells, min(c.id) as first, \(ids) as ids
      from (\(cells)) c where c.status = 'blocked' group by 1, 2, 3, 4),
    judged as (
      select w.*, v.id as look_id, i.id as source_id, p.name as character, t.name as variant, v.error, v.note,
        look_since(v.status, v.generated_at, v.reviewed_at, v.updated_at) as look_since,
        source_since(i.checked_at, i.reviewed_at, i.updated_at) as source_since, i.qa_reason, i.path,
        source_cause(i.qa_status) as source_cause, look_cause(v.status, v.source_sha256, i.sha256) as look_cause,
        v.status in ('queued', 'generating') as is_ordered,
        w.held or m.is_paused
          or m.gpu_left < look_need(t.estimated_gpu_seconds, v.status, v.source_sha256, i.sha256) is true
          or m.disk_left < look_need(t.estimated_disk_bytes, v.status, v.source_sha256, i.sha256) is true as is_hindered
      from waiting w
      left join characters p on p.id = w.character_id
      left join variant_types t on t.id = w.variant_id
      left join variants v on v.character_id = w.character_id and v.variant_type_id = w.variant_id
      left join source_images i on i.character_id = w.character_id
      left join run_limits m on m.run_id = w.run_id)
    select coalesce(k.cause, j.source_cause), case when k.cause is null then j.source_id else k.run_id end, j.cells,
      j.first, j.ids, coalesce(k.since, j.source_since), k.until, case when k.cause is null then j.character end,
      j.variant, j.character, k.run,
      coalesce(k.detail, j.qa_reason), case when k.cause is null then j.path end,
      k.number::float8, k.most::float8, null::float8
    from judged j left join stuck k on k.kind = 'source_qa' and k.subject_id = j.source_id
    where j.source_cause is not null
    union all
    select coalesce(k.cause, j.look_cause), case when k.cause is null then j.look_id else k.run_id end, j.cells, j.first,
      j.ids, coalesce(k.since, j.look_since), k.until,
      case when k.cause is null then j.character end, j.variant, case when k.cause is not null then j.character end,
      k.run, coalesce(k.detail, case j.look_cause when 'variant_failed' then j.error when 'variant_rejected' then j.note end),
      null, k.number, k.most, null
    from judged j left join stuck k on k.kind = 'variant' and k.subject_id = j.look_id
    where j.look_cause is not null and (j.look_cause not in ('variant_generation', 'variant_stale')
      or (j.source_cause is null and (j.is_ordered or not j.is_hindered)))
    """
  }

  /// The whole is only looked at when some budget could be too small for some cell. What would hold all of them is each take
  /// once and each look that is due once, whichever cells share it.
  private var budgets: SQL {
    """
    with short as materialized (
      select c.id, f.scene_id, v.id as look_id, l.id as budget_id, l.resource, b.name,
        l.allowed - l.reserved - l.spent as left_over, l.reserved + l.spent as used, n.take, coalesce(n.look, 0) as look,
        n.amount
      from (\(cells)) c
      join cells f on f.id = c.id
      join scene_types y on y.id = c.scene_type_id
      join variant_types t on t.id = c.variant_id
      join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_id
      join source_images i on i.character_id = c.character_id
      join budgets l on l.project_id = \(project) and (l.run_id is null or l.run_id = c.run_id)
      left join production_runs b on b.id = l.run_id
      cross join lateral (
        select y.segments * y.estimated_gpu_seconds as take, f.reserved_gpu_seconds as set_aside,
          t.estimated_gpu_seconds as look where l.resource = 'gpu_hours'
        union all
        select y.segments * y.estimated_disk_bytes, f.reserved_disk_bytes, t.estimated_disk_bytes
        where l.resource = 'disk_gb') e
      cross join lateral (
        select take_need(e.take, e.set_aside) as take, look_need(e.look, v.status, v.source_sha256, i.sha256) as look,
          cell_need(e.take, e.set_aside, e.look, v.status, v.source_sha256, i.sha256) as amount) n
      where c.status = 'blocked' and l.allowed - l.reserved - l.spent < n.amount and (
        select bool_or(x.allowed - x.reserved - x.spent < case x.resource
          when 'gpu_hours' then greatest(
            (select max(segments * estimated_gpu_seconds) from scene_types where project_id = \(project)),
            (select max(estimated_gpu_seconds) from variant_types where project_id = \(project)))
          else greatest(
            (select max(segments * estimated_disk_bytes) from scene_types where project_id = \(project)),
            (select max(estimated_disk_bytes) from variant_types where project_id = \(project)))::float8 end)
        from budgets x where x.project_id = \(project))),
    sums as (
      select budget_id, sum(take) + sum(look) as amount
      from (
        select budget_id, sum(take) as take, max(look) as look
        from (
          select budget_id, scene_id, look_id, max(take) as take, max(look) as look from short group by 1, 2, 3) s
        group by budget_id, look_id) l
      group by budget_id)
    select case c.resource when 'gpu_hours' then 'gpu_budget' else 'disk_budget' end, c.budget_id, count(*), min(c.id),
      \(ids), null::timestamptz, null::timestamptz, null, null, null, c.name, null, null,
      max(c.left_over) / max(u.unit), min(c.amount) / max(u.unit),
      ceil(1000 * (max(c.used) + max(s.amount)) / max(u.unit)) / 1000
    from short c
    join sums s on s.budget_id = c.budget_id
    cross join lateral (select case c.resource when 'gpu_hours' then 3600 else 1e9 end::float8 as unit) u
    group by c.budget_id, c.resource, c.name
    """
  }

  private var runs: SQL {
    """
    select 'run_paused', r.id, count(*), min(c.id), \(ids), \(pausedSince), null::timestamptz, null, null, null, r.name,
      null, null, null::float8, null::float8, null::float8
    from (\(cells)) c join production_runs r on r.id = c.run_id and r.status_id = 3
    where c.status = 'blocked' and exists (
      select 1 from production_runs x where x.project_id = \(project) and x.status_id = 3)
    group by r.id
    """
  }

  private let pausedSince: SQL = """
    coalesce((select max(a.created_at) from actions a where a.run_id = r.id and a.verb = 'pause'), r.updated_at)
    """

  private var sceneTypes: SQL {
    """
    select 'scene_type_held', y.id, count(*), min(c.id), \(ids), y.tripped_at, null::timestamptz, null, null, null,
      y.name, y.tripped_error, null, null::float8, null::float8, null::float8
    from (\(cells)) c join scene_types y on y.id = c.scene_type_id and y.tripped_at is not null
    where c.status = 'blocked' and exists (
      select 1 from scene_types x where x.project_id = \(project) and x.tripped_at is not null)
    group by y.id
    """
  }

  /// By the reason of the last action that held each and still stands, and since then.
  private var held: SQL {
    """
    with held as materialized (
      select c.id, c.submitted_at from (\(cells)) c
      where c.held and (c.status = 'blocked' or c.status = 'queued' and exists (
        select 1 from takes t where t.id = c.take_id and \(Standstill.isHeldBack("t.scene_id"))))),
    said as (
      select distinct on (h.id) h.id, a.created_at as at, a.reason
      from actions a cross join unnest(a.subject_ids) s (id) join held h on h.id = s.id
      where a.project_id = \(project) and a.verb = 'hold' and a.entity = 'cells' and a.undone_by_id is null
      order by h.id, a.id desc)
    select 'held', null::bigint, count(*), min(c.id), \(ids), coalesce(min(s.at), min(c.submitted_at)),
      null::timestamptz, null, null, null, null, s.reason, null, null::float8, null::float8, null::float8
    from held c left join said s on s.id = c.id group by s.reason
    """
  }

  /// What keeps queued work from being taken.
  private var queuedJobs: SQL {
    """
    with stuck as materialized (\(stuck(kinds: "'segment', 'scene_qa'"))),
    held_up as (
      select k.*, g.take_id from stuck k join segments g on g.id = k.subject_id where k.kind = 'segment'
      union all
      select k.*, k.subject_id from stuck k where k.kind = 'scene_qa')
    select k.cause, case when k.cause = 'scene_type_held' then y.id else k.run_id end, count(*), min(c.id), \(ids),
      min(case when k.cause = 'scene_type_held' then y.tripped_at else k.since end), min(k.until), null, null, null,
      case when k.cause = 'scene_type_held' then y.name else k.run end,
      case when k.cause = 'scene_type_held' then y.tripped_error else k.detail end, null,
      min(k.number)::float8, min(k.most)::float8, null::float8
    from (\(cells)) c
    join held_up k on k.take_id = c.take_id
    join scene_types y on y.id = c.scene_type_id and (k.cause <> 'scene_type_held' or y.tripped_at is not null)
    where c.status in ('queued', 'generating')
    group by 1, 2, y.name, k.run, y.tripped_error, k.detail, k.cause
    """
  }

  /// Jobs that nobody takes: their run is paused, their scene type is held, they wait after a failure, or no worker that
  /// lives does their kind. `run_id` and `run` only where the run is the cause; `number` and `most` are which try comes next
  /// of how many, or how many jobs of the kind run and may run.
  private func stuck(kinds: SQL) -> SQL {
    """
    select x.kind, x.subject_id, x.cause,
      case x.cause when 'retry_later' then x.next_try when 'limit_reached' then x.running end as number,
      case x.cause when 'retry_later' then x.max_attempts when 'limit_reached' then x.most end as most,
      case when x.cause = 'run_paused' then r.id end as run_id,
      case when x.cause = 'run_paused' then r.name end as run,
      case x.cause when 'run_paused' then \(pausedSince) else x.queued_at end as since,
      case x.cause when 'retry_later' then x.run_at end as until,
      case when x.cause in ('no_worker', 'limit_reached') then x.kind::text when x.cause = 'retry_later' then (
        select a.error from attempts a where a.job_id = x.id order by a.number desc limit 1) end as detail
    from (
      select j.id, j.kind, j.subject_id, j.run_id, j.queued_at, q.run_at, j.max_attempts, q.failures + 1 as next_try,
        n.running, n.most, case
          when q.run_at = 'infinity' then case when r.status_id = 3 then 'run_paused' else 'scene_type_held' end
          when q.run_at > now() then 'retry_later' when q.kind <> all (k.live) then 'no_worker'
          else 'limit_reached' end as cause
      from ready_jobs q
      cross join (
        select array(select distinct unnest(w.kinds) from live_workers w) as live) k
      join jobs j on j.id = q.job_id
      left join production_runs r on r.id = j.run_id
      left join (
        select l.kind, l.most, (select count(*) from leased_jobs h where h.kind = l.kind) as running
        from kind_limits l where l.most is not null) n on n.kind = q.kind
      where q.kind in (\(kinds)) and j.project_id = \(project)
        and (q.run_at > now() or q.kind <> all (k.live) or n.running >= n.most)) x
    left join production_runs r on r.id = x.run_id
    """
  }

  /// What became of the take: it waits for a person, it went wrong, or it was made from what is no more.
  private var outcomes: SQL {
    """
    select x.cause, x.look_id, count(*), min(x.id), \(ids("x.id")), min(x.since),
      null::timestamptz, x.character, x.variant, null, null, x.detail, null, null::float8, null::float8, null::float8
    from (
      select c.id, k.cause, case k.cause when 'qa_review' then t.checked_at
          when 'stale' then greatest(look_since(v.status, v.generated_at, v.reviewed_at, v.updated_at),
            case when v.source_sha256 is distinct from i.sha256 then i.updated_at end)
          else coalesce(t.reviewed_at, t.updated_at) end as since,
        case when k.cause = 'stale' then v.id end as look_id, case when k.cause = 'stale' then p.name end as character,
        case when k.cause = 'stale' then y.name end as variant,
        case k.cause when 'take_failed' then coalesce(t.qa_reason, (select g.error from segments g
            where g.take_id = t.id and g.error is not null order by g.number limit 1))
          when 'take_rejected' then t.note end as detail
      from (\(cells)) c
      join takes t on t.id = c.take_id
      join characters p on p.id = c.character_id
      join variant_types y on y.id = c.variant_id
      join variants v on v.id = t.variant_id
      join source_images i on i.character_id = v.character_id
      cross join lateral (select case when c.status = 'failed' then 'take_failed'
        when c.status = 'rejected' then 'take_rejected' when c.stale then 'stale' else 'qa_review' end as cause) k
      where c.status in ('failed', 'rejected', 'qa_review') or c.stale) x
    group by x.cause, x.look_id, x.detail, x.character, x.variant
    """
  }
}

import Foundation
import Model
import PostgresClient
import SQLText

/// Reads what holds cells up, grouped by root cause.
public struct WhyReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The causes of these cells, those with most cells first, and how many cells nothing holds up by status.
  public func report(_ cells: [Int64]) async throws -> WhyReport {
    let results = try await connection.pipeline([
      facts(cells), queueCauses(cells), outcomes(cells), free(cells), "select now()",
    ])
    var blockers = try results[0].rows.map(blocker)
    blockers += try results[1].rows.map(blocker)
    blockers += try results[2].rows.map(blocker)
    let unblocked = try results[3].rows.map { row in
      let (status, count) = try row.decode((String, Int).self)
      return ActionReport.LeftAlone(reason: status, count: count)
    }
    return WhyReport(
      blockages: blockers.folded().map(\.blockage), unblocked: unblocked, asOf: try results[4].rows[0].decode(Date.self)
    )
  }

  private func blocker(_ row: Row) throws -> Blocker {
    let (cause, ids, since, character, variant, run, detail, path, left, needed, enough) = try row.decode(
      (String, [Int64], Date?, String?, String?, String?, String?, String?, Double?, Double?, Double?).self)
    let known = BlockCause(rawValue: cause) ?? .held
    // What the queue's causes say with numbers.
    let wait =
      known == .retryLater
      ? left.flatMap { attempt in
        needed.map { Blocker.Wait(attempt: Int(attempt), attempts: Int($0), seconds: enough ?? 0) }
      } : nil
    return Blocker(
      cause: known, cellIDs: ids.map(CellID.init), since: since, character: character,
      variantType: variant, run: run, sceneType: cause == BlockCause.sceneTypeHeld.rawValue ? run : nil, detail: detail,
      path: path, left: left, needed: needed, enough: enough, wait: wait,
      running: known == .limitReached ? left.map { Int($0) } : nil)
  }

  /// Unmet dependencies. A variant that waits for its source image is not named beside it: the picture is the root.
  private func facts(_ cells: [Int64]) -> SQL {
    """
    select b.cause, array_agg(b.cell_id order by b.cell_id), min(b.since), max(p.name), max(w.name),
      max(case when b.cause = 'scene_type_held' then y.name else r.name end),
      max(coalesce(case when b.cause = 'scene_type_held' then y.tripped_error end, i.qa_reason, case when b.cause = 'variant_failed' then v.error else v.note end)), max(i.path),
      max((l.allowed - l.reserved - l.spent) / case l.resource when 'gpu_hours' then 3600 else 1e9 end),
      min(case l.resource when 'gpu_hours' then y.segments * y.estimated_gpu_seconds / 3600
        when 'disk_gb' then y.segments * y.estimated_disk_bytes / 1e9 end),
      ceil(1000 * (max(l.reserved + l.spent) / case max(l.resource) when 'gpu_hours' then 3600 else 1e9 end
        + sum(case l.resource when 'gpu_hours' then y.segments * y.estimated_gpu_seconds / 3600
          when 'disk_gb' then y.segments * y.estimated_disk_bytes / 1e9 end))) / 1000
    from cell_blockers b
    join cells c on c.id = b.cell_id
    join scene_types y on y.id = c.scene_type_id
    left join source_images i on b.cause like 'source%' and i.id = b.subject_id
    left join variants v on b.cause like 'variant%' and v.id = b.subject_id
    left join budgets l on b.cause like '%budget' and l.id = b.subject_id
    left join production_runs r on r.id = case when b.cause = 'run_paused' then b.subject_id else l.run_id end
    left join characters p on p.id = coalesce(i.character_id, v.character_id)
    left join variant_types w on w.id = v.variant_type_id
    where b.cell_id = any (\(cells))
      and not (b.cause in ('variant_generation', 'variant_stale') and exists (
        select 1 from cell_blockers o where o.cell_id = b.cell_id and o.cause like 'source%'))
    group by b.cause, case when b.cause = 'held' then 0 else b.subject_id end
    """
  }

  /// What keeps queued work from being taken: a paused run, no worker for its kind, the back-off after a failure.
  private func queueCauses(_ cells: [Int64]) -> SQL {
    """
    with chosen as (
      select c.id, c.status, s.current_take_id as take_id, v.id as variant_id, i.id as source_id
      from cells c
      join scenes s on s.id = c.scene_id
      join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
      join source_images i on i.character_id = c.character_id
      where c.id = any (\(cells)) and c.submitted and c.status in ('blocked', 'queued', 'generating')),
    wanted as (
      select k.id, 'segment'::job_kind as kind, g.id as subject_id from chosen k join segments g on g.take_id = k.take_id
      union all
      select id, 'scene_qa', take_id from chosen
      union all
      select id, 'variant', variant_id from chosen where status = 'blocked'
      union all
      select id, 'source_qa', source_id from chosen where status = 'blocked'),
    waiting as (
      select w.id, j.kind, r.status_id = 3 as paused, r.name as run, r.updated_at as paused_at, q.run_at, j.queued_at,
        q.failures + 1 as next_try, j.max_attempts,
        case when q.run_at = 'infinity' then y.tripped_at end as tripped_at, y.name as scene_type,
        case when q.run_at = 'infinity' then y.tripped_error when q.run_at > now() then (
          select a.error from attempts a where a.job_id = j.id order by a.number desc limit 1) end as error
      from wanted w
      join live_jobs l on l.kind = w.kind and l.subject_id = w.subject_id
      join ready_jobs q on q.job_id = l.job_id
      join jobs j on j.id = l.job_id
      join cells c on c.id = w.id
      left join scene_types y on j.kind = 'segment' and y.id = c.scene_type_id
      left join production_runs r on r.id = j.run_id),
    caused as (
      select w.*, case when w.paused and w.run_at = 'infinity' then 'run_paused'
          when w.tripped_at is not null then 'scene_type_held'
          when w.error is not null then 'retry_later'
          when not exists (
            select 1 from workers k where k.stopped_at is null and k.seen_at > now() - interval '30 seconds'
              and w.kind = any (k.kinds)) then 'no_worker'
          when n.running >= n.most then 'limit_reached' end as cause, n.running
      from waiting w
      left join (
        select l.kind, l.most, (select count(*) from leased_jobs h where h.kind = l.kind) as running
        from kind_limits l where l.most is not null) n on n.kind = w.kind)
    select cause, array_agg(distinct id order by id), min(case cause when 'run_paused' then paused_at when 'scene_type_held' then tripped_at else queued_at end),
      null::text, null::text, max(case when cause = 'scene_type_held' then scene_type else run end), case when cause in ('no_worker', 'limit_reached') then kind::text else error end,
      null::text,
      (case cause when 'retry_later' then (array_agg(next_try order by run_at))[1] when 'limit_reached' then max(running)
        end)::float8,
      case cause when 'retry_later' then (array_agg(max_attempts order by run_at))[1] end::float8,
      case cause when 'retry_later' then extract(epoch from min(run_at) - now()) end::float8
    from caused
    where cause is not null and not (cause = 'run_paused' and id in (select cell_id from cell_blockers
      where cell_id = any (\(cells)) and cause = 'run_paused'))
    group by cause, case when cause in ('no_worker', 'limit_reached') then kind::text else error end
    """
  }

  private func outcomes(_ cells: [Int64]) -> SQL {
    """
    select x.cause, array_agg(x.id order by x.id), max(x.since), max(x.character), max(x.variant), null::text, x.detail,
      null::text, null::float8, null::float8, null::float8
    from (
      select c.id, case c.status when 'failed' then 'take_failed' when 'rejected' then 'take_rejected' else 'stale' end
          as cause,
        case when c.status in ('failed', 'rejected') then null else p.name end as character,
        case when c.status in ('failed', 'rejected') then null else w.name end as variant,
        t.updated_at as since,
        case c.status when 'failed' then coalesce(t.qa_reason, (select g.error from segments g
            where g.take_id = t.id and g.error is not null order by g.number limit 1))
          when 'rejected' then t.note end as detail
      from cells c
      join scenes s on s.id = c.scene_id
      join takes t on t.id = s.current_take_id
      join characters p on p.id = c.character_id
      join variant_types w on w.id = c.variant_type_id
      where c.id = any (\(cells)) and (c.status in ('failed', 'rejected') or c.stale)) x
    group by x.cause, x.detail, x.character, x.variant
    """
  }

  private func free(_ cells: [Int64]) -> SQL {
    """
    select c.status::text, count(*) from cells c
    where c.id = any (\(cells)) and c.status not in ('blocked', 'failed', 'rejected') and not c.stale
    group by c.status order by c.status
    """
  }
}

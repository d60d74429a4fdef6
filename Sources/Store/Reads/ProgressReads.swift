import Model
import PostgresClient
import SQLText

/// Reads how far a run is and what its rest would take.
public struct ProgressReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Of the whole run, or of those of its cells whose ids `part` selects. Budgets are the run's and the project's either way.
  public func progress(_ run: RunHeading, of part: SQL? = nil) async throws -> Progress {
    let cells: SQL = part.map { "c.run_id = \(run.id) and c.id in (\($0))" } ?? "c.run_id = \(run.id)"
    let results = try await connection.pipeline([
      part == nil
        ? "select status::text, count from run_status_counts where run_id = \(run.id) and count > 0"
        : "select c.status::text, count(*) from cells c where \(cells) group by c.status",
      takes(run.id, cells, isWhole: part == nil), budgets(run), variants(cells),
      part == nil ? queue(run) : queue(cells), remaining(run.id, cells),
    ])
    let counts = try results[0].rows.reduce(into: [CellStatus: Int]()) { counts, row in
      let (status, count) = try row.decode((String, Int).self)
      if let status = CellStatus(rawValue: status) { counts[status] = count }
    }
    let active = counts.reduce(0) { $0 + ($1.key == .skipped ? 0 : $1.value) }
    let (stale, generated, segmentsDone, segments, passed, checked, seconds, bytes) = try results[1].rows[0].decode(
      (Int, Int, Int, Int, Int, Int, Double, Double).self)
    let (variantsDone, variantsAll) = try results[3].rows[0].decode((Int, Int).self)
    let (ready, running, slots) = try results[4].rows[0].decode((Int, Int, Int).self)
    let work = try results[5].rows[0].decode(Double?.self)
    var limits: [String: Progress.Budget] = [:]
    for row in results[2].rows {
      let (resource, limit, reserved, spent) = try row.decode((String, Double, Double, Double).self)
      limits[resource] = Progress.Budget(limit: limit, reserved: reserved, spent: spent)
    }
    return Progress(
      project: run.project, run: run.name, part: part.map { _ in counts.values.reduce(0, +) }, counts: counts,
      stale: stale,
      scenes: .init(done: generated, total: active), segments: .init(done: segmentsDone, total: segments),
      approved: .init(done: counts[.approved] ?? 0, total: active), qaPassed: .init(done: passed, total: checked),
      variantsApproved: .init(done: variantsDone, total: variantsAll), gpuBudget: limits["gpu_hours"],
      diskBudget: limits["disk_gb"], gpuHoursUsed: seconds / 3600, diskGBUsed: bytes / 1e9, jobsReady: ready,
      jobsRunning: running, liveSlots: slots, etaSeconds: Forecast.seconds(work: work, slots: slots))
  }

  private func takes(_ run: RunID, _ cells: SQL, isWhole: Bool) -> SQL {
    let scenes: SQL = isWhole ? "" : "and t.scene_id in (select c.scene_id from cells c where \(cells))"
    let looks: SQL =
      isWhole
      ? ""
      : "and (v.character_id, v.variant_type_id) in (select c.character_id, c.variant_type_id from cells c where \(cells))"
    return """
      with active as (
        select c.*, y.segments as planned, s.current_take_id from cells c
        join scenes s on s.id = c.scene_id join scene_types y on y.id = c.scene_type_id
        where \(cells) and not c.skipped),
      made as (
        select coalesce(sum(g.gpu_seconds), 0) as seconds, coalesce(sum(g.bytes), 0)::double precision as bytes
        from takes t join segments g on g.take_id = t.id where t.run_id = \(run) \(scenes)),
      looks as (
        select coalesce(sum(v.gpu_seconds), 0) as seconds, coalesce(sum(v.bytes), 0)::double precision as bytes
        from variants v where v.run_id = \(run) \(looks))
      select count(*) filter (where a.stale), count(*) filter (where a.segments_total > 0
          and a.segments_done = a.segments_total),
        coalesce(sum(a.segments_done), 0), coalesce(sum(a.planned), 0),
        count(*) filter (where t.qa_status in ('passed', 'waived')), count(*) filter (where t.qa_status <> 'pending'),
        max(made.seconds + looks.seconds), max(made.bytes + looks.bytes)
      from made cross join looks left join active a on true left join takes t on t.id = a.current_take_id
      """
  }

  /// The tightest limit of each resource: the project's own or the run's.
  private func budgets(_ run: RunHeading) -> SQL {
    """
    select distinct on (resource) resource::text, allowed / unit, reserved / unit, spent / unit
    from budgets
    cross join lateral (select case resource when 'gpu_hours' then 3600 else 1e9 end::double precision as unit) u
    where project_id = \(run.projectID) and (run_id is null or run_id = \(run.id))
    order by resource, allowed - reserved - spent
    """
  }

  private func variants(_ cells: SQL) -> SQL {
    """
    select count(*) filter (where v.status = 'approved'), count(*)
    from variants v
    where exists (select 1 from cells c where \(cells) and not c.skipped
      and c.character_id = v.character_id and c.variant_type_id = v.variant_type_id)
    """
  }

  private func queue(_ run: RunHeading) -> SQL {
    """
    select
      (select count(*) from ready_jobs q join jobs j on j.id = q.job_id
        where j.project_id = \(run.projectID) and (q.run_id is null or q.run_id = \(run.id))),
      (select count(*) from leased_jobs q join jobs j on j.id = q.job_id
        where j.project_id = \(run.projectID) and (q.run_id is null or q.run_id = \(run.id))),
      (select coalesce(sum(slots), 0) from workers
        where stopped_at is null and seen_at > now() - interval '30 seconds' and 'segment' = any (kinds))
    """
  }

  /// Jobs of the chosen cells' current takes, and of their looks.
  private func queue(_ cells: SQL) -> SQL {
    """
    with wanted as (
      select 'segment'::job_kind as kind, g.id as subject_id
      from cells c join scenes s on s.id = c.scene_id join segments g on g.take_id = s.current_take_id where \(cells)
      union
      select 'scene_qa', s.current_take_id from cells c join scenes s on s.id = c.scene_id where \(cells)
      union
      select 'variant', v.id
      from cells c join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
      where \(cells)),
    live as (select l.job_id from wanted w join live_jobs l on l.kind = w.kind and l.subject_id = w.subject_id)
    select (select count(*) from live join ready_jobs q on q.job_id = live.job_id),
      (select count(*) from live join leased_jobs q on q.job_id = live.job_id),
      (select coalesce(sum(slots), 0) from workers
        where stopped_at is null and seen_at > now() - interval '30 seconds' and 'segment' = any (kinds))
    """
  }

  /// Seconds of work left in takes under way: segments not made yet, at what such segments took so far, or at the
  /// estimate as long as none was made.
  private func remaining(_ run: RunID, _ cells: SQL) -> SQL {
    """
    select sum(left_over.segments * coalesce(seen.seconds, y.estimated_gpu_seconds))
    from (
      select c.scene_type_id, sum(c.segments_total - c.segments_done) as segments from cells c
      where \(cells) and c.status in ('queued', 'generating') group by 1) left_over
    join scene_types y on y.id = left_over.scene_type_id
    left join lateral (
      select avg(recent.seconds) as seconds from (
        select extract(epoch from g.finished_at - g.started_at)::double precision as seconds
        from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
        where s.scene_type_id = y.id and g.status_id = 4 and t.run_id = \(run)
        order by g.id desc limit 50) recent) seen on true
    """
  }
}

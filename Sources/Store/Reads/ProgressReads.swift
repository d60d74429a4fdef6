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
      part == nil ? queue(run) : queue(cells), remaining(run.id, cells, isWhole: part == nil),
      capacities(run.id, isWhole: part == nil),
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
    let outlook = try outlook(results[5].rows[0], capacities: results[6].rows)
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
      jobsRunning: running, liveSlots: slots,
      etaSeconds: outlook.standstill == nil ? Forecast.seconds(outlook.work) : nil, etaSlots: outlook.work.slots,
      standstill: outlook.standstill)
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

  /// Checks of source images belong to no run.
  private func queue(_ run: RunHeading) -> SQL {
    func count(_ table: SQL) -> SQL {
      """
      (select count(*) from \(table) q where q.run_id = \(run.id)) + (
        select count(*) from \(table) q join jobs j on j.id = q.job_id
        where q.run_id is null and j.project_id = \(run.projectID))
      """
    }
    return "select \(count("ready_jobs")), \(count("leased_jobs")), \(Self.liveSlots)"
  }

  private static let liveSlots: SQL = """
    (select coalesce(sum(slots), 0) from live_workers where kinds && '{variant,segment}')
    """

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
      (select count(*) from live join leased_jobs q on q.job_id = live.job_id), \(Self.liveSlots)
    """
  }

  /// What is left on the slots that may be used for it, or what keeps it from going on: the first kind that nobody may begin.
  private func outlook(
    _ row: Row, capacities: QueryResult.Rows
  ) throws -> (work: Forecast.Workload, standstill: Progress.Standstill?) {
    let (seconds, longest, takes, looks, runs, jobs, worked, elapsed) = try row.decode(
      (Double, Double, Int, Int, Int, Int, Double, Double).self)
    var slots: Int?
    var standstill: Progress.Standstill?
    for capacity in capacities {
      let (kind, live, most, isReady, isPaused) = try capacity.decode((String, Int, Int?, Bool, Bool).self)
      guard isReady || (kind == "segment" && takes > 0) || (kind == "variant" && looks > 0) else { continue }
      if standstill == nil {
        standstill = isPaused ? .paused : most == 0 ? .limit(kind: kind) : live == 0 ? .noWorker(kind: kind) : nil
      }
      if ["segment", "variant"].contains(kind) { slots = min(slots ?? .max, min(live, most ?? .max)) }
    }
    let work = Forecast.Workload(
      seconds: seconds, longest: longest, chains: takes + looks, slots: slots ?? 0, runs: runs,
      lately: jobs == 0 ? nil : Forecast.Pace(jobs: jobs, seconds: worked, elapsed: elapsed))
    return (work, standstill)
  }

  /// For each kind of job of a run how many slots there are for it, how many jobs may run, whether any of the run is ready,
  /// and whether the run is paused. Of a part of a run what is ready is not looked at.
  private func capacities(_ run: RunID, isWhole: Bool) -> SQL {
    """
    select k.kind::text, (select coalesce(sum(w.slots), 0) from live_workers w where k.kind = any (w.kinds)), l.most,
      \(isWhole) and exists (select 1 from ready_jobs q where q.run_id = r.id and q.kind = k.kind), r.status_id = 3
    from production_runs r
    cross join unnest('{variant,segment,scene_qa}'::job_kind[]) with ordinality as k (kind, place)
    left join kind_limits l on l.kind = k.kind
    where r.id = \(run) order by k.place
    """
  }

  /// Work left in takes and looks under way, at what such jobs of the run took lately, or at the estimate as long as none was
  /// finished; and what was done for the run in the last minutes.
  private func remaining(_ run: RunID, _ cells: SQL, isWhole: Bool) -> SQL {
    let looks: SQL =
      isWhole
      ? ""
      : "and (v.character_id, v.variant_type_id) in (select c.character_id, c.variant_type_id from cells c where \(cells))"
    return """
      with recent as materialized (
        select j.kind, j.subject_id, a.started_at, a.finished_at,
          extract(epoch from a.finished_at - a.started_at)::double precision as seconds
        from job_results x
        join jobs j on j.id = x.job_id
        join attempts a on a.job_id = x.job_id and a.number = x.attempt
        where x.finished_at > now() - interval '10 minutes' and x.status_id = 4 and j.run_id = \(run)
          and j.kind in ('variant', 'segment')
        order by x.finished_at desc limit 500),
      takes_left as (
        select c.scene_type_id, count(*) as chains, sum(c.segments_total - c.segments_done) as segments,
          max(c.segments_total - c.segments_done) as longest
        from cells c where \(cells) and c.status in ('queued', 'generating') group by 1),
      work as (
        select l.chains as takes, 0 as looks, l.segments * s.seconds as seconds, l.longest * s.seconds as longest
        from takes_left l
        join scene_types y on y.id = l.scene_type_id
        cross join lateral (select coalesce((
          select avg(r.seconds) from recent r join segments g on g.id = r.subject_id join takes t on t.id = g.take_id
          join scenes c on c.id = t.scene_id where r.kind = 'segment' and c.scene_type_id = l.scene_type_id),
          y.estimated_gpu_seconds) as seconds) s
        union all
        select 0, 1, s.seconds, s.seconds
        from variants v
        join variant_types w on w.id = v.variant_type_id
        cross join lateral (select coalesce(
          (select avg(r.seconds) from recent r where r.kind = 'variant'), w.estimated_gpu_seconds) as seconds) s
        where v.run_id = \(run) and v.status in ('queued', 'generating') \(looks))
      select coalesce(sum(w.seconds), 0), coalesce(max(w.longest), 0), coalesce(sum(w.takes), 0)::bigint,
        coalesce(sum(w.looks), 0)::bigint,
        (select count(distinct k.run_id) from run_status_counts k join production_runs r on r.id = k.run_id
          where k.status in ('queued', 'generating') and k.count > 0 and r.status_id <> 3),
        (select count(*) from recent), (select coalesce(sum(seconds), 0) from recent),
        coalesce((select extract(epoch from now() - min(started_at))::double precision from recent), 0)
      from work w
      """
  }
}

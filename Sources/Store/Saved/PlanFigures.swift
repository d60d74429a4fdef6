import Model
import PostgresClient
import SQLText

/// Measures what an action queues: asked before it and after it in one transaction under `ProjectLock`, which keeps
/// everybody else's work of the project out of the difference.
public struct PlanFigures: Sendable {
  /// The state before an action.
  public struct Mark: Equatable, Sendable {
    var lastJob: Int64
    var left: [String: Double]
  }

  let connection: PostgresConnection
  let project: ProjectID
  let run: RunID?

  public init(_ connection: PostgresConnection, project: ProjectID, run: RunID?) {
    self.connection = connection
    self.project = project
    self.run = run
  }

  public func mark() async throws -> Mark {
    let results = try await connection.pipeline(["select coalesce(max(id), 0) from jobs", budgets])
    return Mark(lastJob: try results[0].rows[0].decode(Int64.self), left: try left(results[1]))
  }

  /// The plan of an action that has just been done and given its report.
  public func plan(
    since mark: Mark, action: String, statement: String, report: ActionReport
  ) async throws -> ActionPlan {
    let results = try await connection.pipeline([looks(mark), takes(mark), later(report), budgets, slots])
    let (looks, lookGPU, lookDisk) = try results[0].rows[0].decode((Int, Double, Double).self)
    let (takes, segments, first, last, takeGPU, takeDisk, seconds, longest) = try results[1].rows[0].decode(
      (Int, Int, Int?, Int?, Double, Double, Double, Double).self)
    let queued = ActionPlan.Work(
      looks: looks, takes: takes, segments: segments, takeNumber: first == last ? first : nil,
      gpuHours: (lookGPU + takeGPU) / 3600, diskGB: (lookDisk + takeDisk) / 1e9)
    let after = try left(results[3])
    let slots = try results[4].rows[0].decode(Int.self)
    func budget(_ resource: String) -> ActionPlan.Budget? {
      guard let left = mark.left[resource], let after = after[resource] else { return nil }
      return ActionPlan.Budget(left: left, after: after)
    }
    // A take's segments come one after the other, on however many slots.
    let spread = Forecast.seconds(work: lookGPU + seconds, slots: slots).map { max($0, longest) }
    return ActionPlan(
      action: action, name: nil, statement: statement, report: report, queued: queued,
      later: try laterWork(results[2].rows[0]), gpuBudget: budget("gpu_hours"), diskBudget: budget("disk_gb"),
      slots: slots, etaSeconds: looks + takes > 0 ? spread : nil, expiresAt: nil)
  }

  private func laterWork(_ row: Row) throws -> ActionPlan.Work {
    let (looks, takes, segments, gpu, disk) = try row.decode((Int, Int, Int, Double, Double).self)
    return .init(looks: looks, takes: takes, segments: segments, gpuHours: gpu / 3600, diskGB: disk / 1e9)
  }

  private func left(_ result: QueryResult) throws -> [String: Double] {
    try result.rows.reduce(into: [:]) { left, row in
      let (resource, amount) = try row.decode((String, Double).self)
      left[resource] = amount
    }
  }

  /// What the tightest limit of each resource leaves, in hours and gigabytes.
  private var budgets: SQL {
    """
    select resource::text, min(allowed - reserved - spent) / case resource when 'gpu_hours' then 3600 else 1e9 end
    from budgets where project_id = \(project) and (run_id is null or run_id = \(run.sqlValue)) group by resource
    """
  }

  private func looks(_ mark: Mark) -> SQL {
    """
    select count(*), coalesce(sum(v.reserved_gpu_seconds), 0), coalesce(sum(v.reserved_disk_bytes), 0)
    from variants v where v.id = any (\(subjects(mark, "'variant'")))
    """
  }

  /// What was queued since. A list: for the planner these jobs, new in this very transaction, are hardly there, and it would
  /// read all of them for every segment there is.
  private func subjects(_ mark: Mark, _ kind: SQL) -> SQL {
    """
    array(select j.subject_id from jobs j
      where j.id > \(mark.lastJob) and j.project_id = \(project) and j.kind = \(kind))
    """
  }

  /// Segments take what such segments took lately, or what is estimated as long as none was made.
  private func takes(_ mark: Mark) -> SQL {
    """
    with chains as (
      select t.number, y.id as scene_type_id, count(*) as segments, sum(g.reserved_gpu_seconds) as gpu,
        sum(g.reserved_disk_bytes) as disk
      from segments f
      join segments g on g.take_id = f.take_id and g.number >= f.number
      join takes t on t.id = f.take_id
      join scenes s on s.id = t.scene_id
      join scene_types y on y.id = s.scene_type_id
      where f.id = any (\(subjects(mark, "'segment'")))
      group by t.id, y.id),
    recent as materialized (
      select s.scene_type_id, extract(epoch from a.finished_at - a.started_at)::double precision as seconds
      from (select job_id, attempt from job_results where status_id = 4 order by finished_at desc limit 1000) x
      join jobs j on j.id = x.job_id and j.kind = 'segment' and j.project_id = \(project)
      join attempts a on a.job_id = x.job_id and a.number = x.attempt
      join segments g on g.id = j.subject_id
      join takes t on t.id = g.take_id
      join scenes s on s.id = t.scene_id),
    pace as (
      select y.id, coalesce((select avg(r.seconds) from recent r where r.scene_type_id = y.id),
        y.estimated_gpu_seconds) as seconds
      from scene_types y where y.project_id = \(project))
    select count(*), coalesce(sum(k.segments), 0)::bigint, min(k.number), max(k.number), coalesce(sum(k.gpu), 0),
      coalesce(sum(k.disk), 0)::double precision, coalesce(sum(k.segments * p.seconds), 0)::double precision,
      coalesce(max(k.segments * p.seconds), 0)::double precision
    from chains k join pace p on p.id = k.scene_type_id
    """
  }

  /// The takes of the cells that it armed and that wait, and the looks that they still need.
  private func later(_ report: ActionReport) -> SQL {
    let arms = report.entity == "cells" && ["submit", "resubmit", "unskip", "release"].contains(report.action)
    return """
      with waiting as (
        select c.scene_id, c.character_id, c.variant_type_id, y.segments, y.segments * y.estimated_gpu_seconds as gpu,
          (y.segments * y.estimated_disk_bytes)::double precision as disk
        from cells c join scene_types y on y.id = c.scene_type_id
        where \(arms) and c.status = 'blocked'
          and c.id = any (array(select unnest(a.subject_ids) from actions a where a.id = \(report.id.sqlValue)))),
      looks as (
        select count(*) as count, coalesce(sum(w.estimated_gpu_seconds), 0) as gpu,
          coalesce(sum(w.estimated_disk_bytes), 0)::double precision as disk
        from variants v join variant_types w on w.id = v.variant_type_id
        where v.status in ('not_started', 'failed', 'rejected') and exists (
          select 1 from waiting k where k.character_id = v.character_id and k.variant_type_id = v.variant_type_id))
      select max(l.count), count(k.scene_id), coalesce(sum(k.segments), 0)::bigint, coalesce(sum(k.gpu), 0) + max(l.gpu),
        coalesce(sum(k.disk), 0) + max(l.disk)
      from looks l left join waiting k on true
      """
  }

  private var slots: SQL {
    """
    select coalesce(sum(slots), 0) from live_workers where kinds && '{variant,segment}'
    """
  }
}

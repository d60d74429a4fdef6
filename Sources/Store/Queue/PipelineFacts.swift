import Model
import PostgresClient
import SQLText

/// What a check found, as the database keeps it. `report` is a JSON object.
public struct QAFinding: Equatable, Sendable {
  public var passed: Bool
  /// nil when it passed.
  public var reason: String?
  public var report: String
  public var width: Int?
  public var height: Int?

  public init(passed: Bool, reason: String?, report: String, width: Int? = nil, height: Int? = nil) {
    self.passed = passed
    self.reason = reason
    self.report = report
    self.width = width
    self.height = height
  }
}

/// The facts that jobs leave behind, each with the budgets it settles and the job that follows by itself.
public struct PipelineFacts: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  public func sourceChecked(_ job: ClaimedJob, _ finding: QAFinding) async throws {
    try await connection.execute(
      """
      with changed as (
        update source_images
        set qa_status = \(finding.passed ? "passed" : "failed")::qa_status, qa_reason = \(finding.reason.sqlValue),
          qa_report = \(SQLValue.json(finding.report)), width = \(finding.width.sqlValue)::integer,
          height = \(finding.height.sqlValue)::integer, checked_at = now()
        where id = \(job.subjectID) and generation = \(job.generation)
        returning id, project_id)
      insert into events (project_id, kind, entity, ids)
      select project_id, \(finding.passed ? "passed" : "failed"), 'sources', array[id] from changed
      """)
  }

  /// A generated variant waits for review; one made from a picture that was replaced meanwhile is made again.
  public func variantGenerated(
    _ job: ClaimedJob, _ artifact: FileFact, sourceSHA256: String, gpuSeconds: Double
  ) async throws {
    try await connection.execute(
      """
      with before as (
        select v.*, i.sha256 as source_now from variants v join source_images i on i.character_id = v.character_id
        where v.id = \(job.subjectID) and v.generation = \(job.generation) for update of v),
      changed as (
        update variants v
        set status = case when b.source_now = \(sourceSHA256) then 'review' else 'not_started' end::variant_status,
          path = \(artifact.path), sha256 = \(artifact.sha256), bytes = \(artifact.bytes),
          source_sha256 = \(sourceSHA256), gpu_seconds = v.gpu_seconds + \(gpuSeconds), generated_at = now(),
          error = null, reserved_gpu_seconds = 0, reserved_disk_bytes = 0
        from before b where v.id = b.id
        returning v.id, v.project_id, v.run_id),
      moved as (
        select project_id, run_id, -reserved_gpu_seconds as gpu_reserved,
          -reserved_disk_bytes::double precision as disk_reserved, \(gpuSeconds) as gpu_spent,
          \(Double(artifact.bytes)) as disk_spent from before),
      settled as (\(Budgets.settle("moved")))
      insert into events (project_id, run_id, kind, entity, ids)
      select project_id, run_id, 'generated', 'variants', array[id] from changed
      """)
  }

  public func variantFailed(_ job: ClaimedJob, error: String, gpuSeconds: Double) async throws {
    try await connection.execute(
      """
      with before as (
        select * from variants where id = \(job.subjectID) and generation = \(job.generation) for update),
      changed as (
        update variants v
        set status = 'failed', error = \(error), gpu_seconds = v.gpu_seconds + \(gpuSeconds), generated_at = now(),
          reserved_gpu_seconds = 0, reserved_disk_bytes = 0
        from before b where v.id = b.id
        returning v.id, v.project_id, v.run_id),
      moved as (
        select project_id, run_id, -reserved_gpu_seconds as gpu_reserved,
          -reserved_disk_bytes::double precision as disk_reserved, \(gpuSeconds) as gpu_spent,
          0::double precision as disk_spent from before),
      settled as (\(Budgets.settle("moved")))
      insert into events (project_id, run_id, kind, entity, ids)
      select project_id, run_id, 'failed', 'variants', array[id] from changed
      """)
  }

  /// The next segment of the chain is queued, or after the last the check of the whole take. It takes its take's place in
  /// the line, so that takes that were begun are finished before others begin.
  public func segmentGenerated(
    _ job: ClaimedJob, _ artifact: FileFact, lastFrame: String, gpuSeconds: Double
  ) async throws {
    try await connection.execute(
      """
      with before as (select * from segments where id = \(job.subjectID) and status_id in (1, 2) for update),
      changed as (
        update segments g
        set status_id = 4, path = \(artifact.path), sha256 = \(artifact.sha256), bytes = \(artifact.bytes),
          last_frame_path = \(lastFrame), gpu_seconds = g.gpu_seconds + \(gpuSeconds), error = null,
          attempts = \(job.attempt), reserved_gpu_seconds = 0, reserved_disk_bytes = 0, finished_at = now()
        from before b where g.id = b.id
        returning g.id, g.take_id, g.number),
      context as (
        select c.id, c.take_id, c.number, t.created_at, t.run_id, s.project_id, j.max_attempts, coalesce((
            select max(o.priority) from cells o where o.scene_id = s.id and o.submitted), j.priority) as priority
        from changed c join takes t on t.id = c.take_id join scenes s on s.id = t.scene_id
        cross join jobs j where j.id = \(job.id)),
      next as (
        select x.*, g.id as next_id from context x
        left join segments g on g.take_id = x.take_id and g.number = x.number + 1),
      queued as (
        insert into jobs (project_id, run_id, kind, subject_id, priority, max_attempts)
        select project_id, run_id, case when next_id is null then 'scene_qa' else 'segment' end::job_kind,
          coalesce(next_id, take_id), priority, case when next_id is null then 3 else max_attempts end
        from next
        returning id, project_id, run_id, kind, subject_id, priority),
      \(Enqueue.tail("queued", runAt: "(select created_at from context)", segmentTurn: "\(job.turn)")),
      moved as (
        select x.project_id, x.run_id, -b.reserved_gpu_seconds as gpu_reserved,
          -b.reserved_disk_bytes::double precision as disk_reserved, \(gpuSeconds) as gpu_spent,
          \(Double(artifact.bytes)) as disk_spent
        from before b cross join context x),
      settled as (\(Budgets.settle("moved")))
      insert into events (project_id, run_id, kind, entity, ids)
      select project_id, run_id, 'generated', 'segments', array[id] from context
      """)
  }

  /// The take fails with its segment: what the rest of the chain had set aside is given back.
  public func segmentFailed(_ job: ClaimedJob, error: String, gpuSeconds: Double) async throws {
    try await connection.execute(
      """
      with failed as (select * from segments where id = \(job.subjectID) and status_id in (1, 2)),
      rest as (
        select g.* from segments g join failed f on f.take_id = g.take_id and g.number >= f.number for update of g),
      changed as (
        update segments g
        set status_id = case when g.id = f.id then 5 else 6 end, error = case when g.id = f.id then \(error) end,
          gpu_seconds = g.gpu_seconds + case when g.id = f.id then \(gpuSeconds) else 0 end,
          attempts = case when g.id = f.id then \(job.attempt) else g.attempts end,
          reserved_gpu_seconds = 0, reserved_disk_bytes = 0, finished_at = now()
        from rest r, failed f where g.id = r.id),
      context as (
        select t.id, t.run_id, s.project_id from failed f join takes t on t.id = f.take_id
        join scenes s on s.id = t.scene_id),
      moved as (
        select x.project_id, x.run_id, -r.reserved_gpu_seconds as gpu_reserved,
          -r.reserved_disk_bytes::double precision as disk_reserved,
          case when r.id = f.id then \(gpuSeconds) else 0 end as gpu_spent, 0::double precision as disk_spent
        from rest r cross join context x cross join failed f),
      settled as (\(Budgets.settle("moved")))
      insert into events (project_id, run_id, kind, entity, ids)
      select project_id, run_id, 'failed', 'takes', array[id] from context
      """)
  }

  public func takeChecked(_ job: ClaimedJob, _ finding: QAFinding) async throws {
    try await connection.execute(
      """
      with changed as (
        update takes
        set qa_status = \(finding.passed ? "passed" : "failed")::qa_status, qa_reason = \(finding.reason.sqlValue),
          qa_report = \(SQLValue.json(finding.report)), checked_at = now()
        where id = \(job.subjectID) and qa_status = 'pending'
        returning id, scene_id, run_id)
      insert into events (project_id, run_id, kind, entity, ids)
      select s.project_id, c.run_id, \(finding.passed ? "passed" : "failed"), 'takes', array[c.id]
      from changed c join scenes s on s.id = c.scene_id
      """)
  }
}

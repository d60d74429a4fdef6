import Foundation
import Model
import PostgresClient
import SQLText

/// One try at a job, as it is kept.
public struct AttemptRecord: Equatable, Sendable {
  public var job: ClaimedJob
  public var exitCode: Int?
  /// One line that says what went wrong; nil when nothing did.
  public var error: String?
  /// The tail of the generator's standard error.
  public var log: String
  public var gpuSeconds: Double

  public init(job: ClaimedJob, exitCode: Int? = nil, error: String? = nil, log: String = "", gpuSeconds: Double = 0) {
    self.job = job
    self.exitCode = exitCode
    self.error = error
    self.log = log
    self.gpuSeconds = gpuSeconds
  }
}

/// A file that an attempt made and that has its final name already.
public struct FileFact: Equatable, Sendable {
  public var path: String
  public var sha256: String
  public var bytes: Int

  public init(path: String, sha256: String, bytes: Int) {
    self.path = path
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// Records how jobs ended and what follows. Call everything inside one transaction under `ProjectLock`; `fence` comes
/// first, and facts are only written for the jobs it gives back.
public struct Completions: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Ends leases for good and records attempt and result. Jobs that are not in the answer were taken from this worker: their
  /// output is to be thrown away.
  public func fence(_ attempts: [AttemptRecord], worker: WorkerID) async throws -> Set<JobID> {
    let result = try await connection.query(
      """
      with given as (\(Self.rows(attempts))),
      freed as (
        delete from leased_jobs l using given x
        where l.job_id = x.id and l.attempt = x.attempt and l.worker_id = \(worker)
        returning l.job_id, l.attempt, l.claimed_at, l.kind, x.code, x.error, x.log, x.gpu),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, exit_code, error, log, gpu_seconds, started_at)
        select job_id, attempt, \(worker), case when error is null then 'completed' else 'failed' end, code, error, log,
          gpu, claimed_at
        from freed where kind <> 'noop'),
      unlive as (delete from live_jobs v using jobs j, freed f
        where j.id = f.job_id and v.kind = j.kind and v.subject_id = j.subject_id)
      insert into job_results (job_id, status_id, attempt, worker_id, gpu_seconds, error)
      select job_id, case when error is null then 4 else 5 end, attempt, \(worker), gpu, error from freed
      returning job_id
      """)
    return Set(try result.rows.map { JobID(try $0.decode(Int64.self)) })
  }

  /// Puts failed attempts back in line with back-off; GPU time already spent is charged. Answers like `fence`.
  /// - Parameter seed: of the jitter.
  public func retryLater(_ attempts: [AttemptRecord], worker: WorkerID, seed: Int64) async throws -> Set<JobID> {
    let result = try await connection.query(
      """
      with given as (\(Self.rows(attempts))),
      freed as (
        delete from leased_jobs l using given x
        where l.job_id = x.id and l.attempt = x.attempt and l.worker_id = \(worker)
        returning l.*, x.code, x.error, x.log, x.gpu),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, exit_code, error, log, gpu_seconds, started_at)
        select job_id, attempt, \(worker), 'failed', code, error, log, gpu, claimed_at from freed),
      \(Queue.backToReady("freed", runAt: Queue.backOff(seed), failures: "failures + 1", gpuSeconds: "f.gpu")),
      moved as (
        select j.project_id, j.run_id, 0::double precision as gpu_reserved, 0::double precision as disk_reserved,
          f.gpu as gpu_spent, 0::double precision as disk_spent
        from freed f join jobs j on j.id = f.job_id where j.project_id is not null),
      settled as (\(Budgets.settle("moved")))
      select job_id from freed
      """)
    return Set(try result.rows.map { JobID(try $0.decode(Int64.self)) })
  }

  /// Charges what an attempt used that was cancelled, taken from its worker or handed back. Once, however often it is told.
  public func charge(_ attempt: AttemptRecord, worker: WorkerID) async throws {
    if attempt.gpuSeconds <= 0 { return }
    try await connection.execute(
      """
      with charged as (
        update attempts a set gpu_seconds = \(attempt.gpuSeconds), log = coalesce(a.log, \(attempt.log))
        from jobs j
        where a.job_id = \(attempt.job.id) and a.number = \(attempt.job.attempt) and a.worker_id = \(worker)
          and a.outcome in ('cancelled', 'lost', 'handed_back') and a.gpu_seconds = 0 and j.id = a.job_id
        returning j.project_id, j.run_id, j.kind, j.subject_id),
      segment as (
        update segments g set gpu_seconds = g.gpu_seconds + \(attempt.gpuSeconds) from charged c
        where c.kind = 'segment' and g.id = c.subject_id),
      variant as (
        update variants v set gpu_seconds = v.gpu_seconds + \(attempt.gpuSeconds) from charged c
        where c.kind = 'variant' and v.id = c.subject_id),
      moved as (
        select project_id, run_id, 0::double precision as gpu_reserved, 0::double precision as disk_reserved,
          \(attempt.gpuSeconds) as gpu_spent, 0::double precision as disk_spent from charged)
      \(Budgets.settle("moved"))
      """)
  }

  /// Whether this very attempt has ended the job: what to ask when the answer of a commit was lost.
  public func isRecorded(_ job: ClaimedJob, worker: WorkerID) async throws -> Bool {
    try await connection.query(
      """
      select exists (select 1 from job_results
        where job_id = \(job.id) and attempt = \(job.attempt) and worker_id = \(worker) and status_id = 4)
      """
    ).rows[0].decode(Bool.self)
  }

  private static func rows(_ attempts: [AttemptRecord]) -> SQL {
    """
    select * from unnest(\(attempts.map(\.job.id.rawValue)), \(attempts.map { Int64($0.job.attempt) }),
      \(SQLValue.texts(attempts.map { $0.exitCode.map(String.init) ?? "" })),
      \(SQLValue.texts(attempts.map { $0.error ?? "" })), \(SQLValue.texts(attempts.map(\.log))),
      \(SQLValue.doubles(attempts.map(\.gpuSeconds)))) raw (id, attempt, code_text, error_text, log, gpu)
    cross join lateral (select nullif(code_text, '')::integer as code, nullif(error_text, '') as error) n
    """
  }
}

import Model
import PostgresClient
import SQLText

/// One try at a job: what a lease, a heartbeat and a result are about. No two tries at a job ever have the same number.
public struct AttemptID: Hashable, Sendable {
  public let job: JobID
  public let attempt: Int

  public init(job: JobID, attempt: Int) {
    self.job = job
    self.attempt = attempt
  }
}

/// A job in a worker's hand. `attempt` is the fencing token: a result that carries another one is refused.
public struct ClaimedJob: Equatable, Sendable {
  public let id: JobID
  public let kind: JobKind
  public let subjectID: Int64
  public let generation: Int
  public let attempt: Int
  /// How many earlier attempts failed or were lost. Those that were handed back do not count.
  public let failures: Int
  public let maxAttempts: Int
  public let projectID: ProjectID?
  public let runID: RunID?

  public var isLastAttempt: Bool { failures + 1 >= maxAttempts }
  public var attemptID: AttemptID { AttemptID(job: id, attempt: attempt) }
}

/// The queue's own statements; what becomes of leases is in `Leases`. Every time is the database's clock.
public struct Queue: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// How long a lease lasts without a heartbeat, in seconds: 30, or what the database itself is set to by
  /// `alter database ... set callsheet.lease_seconds = '2'`. Kept there, so that all who hold, charge and rescue agree.
  static let leaseSeconds: SQL = "coalesce(nullif(current_setting('callsheet.lease_seconds', true), '')::float8, 30)"

  /// How long a lease lasts without a heartbeat.
  public func lease() async throws -> Duration {
    .seconds(try await connection.query("select \(Self.leaseSeconds)").rows[0].decode(Double.self))
  }

  public func register(name: String, host: String, pid: Int, kinds: [JobKind], slots: Int) async throws -> WorkerID {
    let result = try await connection.query(
      """
      insert into workers (name, host, pid, kinds, slots)
      values (\(name), \(host), \(pid)::integer, \(kinds.map(\.rawValue))::job_kind[], \(slots)::smallint)
      returning id
      """)
    return WorkerID(try result.rows[0].decode(Int64.self))
  }

  /// Ends transactions of this connection that do nothing for half a lease, as when the process is suspended: what they
  /// lock would keep everybody else waiting.
  public func limitIdleTransactions() async throws {
    try await connection.execute(
      """
      select set_config('idle_in_transaction_session_timeout', (1000 * \(Self.leaseSeconds) / 2)::bigint::text, false)
      """)
  }

  public func unregister(_ worker: WorkerID) async throws {
    try await connection.execute("update workers set stopped_at = now() where id = \(worker)", timeLimit: .seconds(5))
  }

  /// Takes up to `limit` ready jobs of one kind, highest priority first. Touches nothing but the queue's own rows, so
  /// that it never waits for a producer's transaction; `markRunning` tells the rest.
  /// - Parameter only: take this job and no other.
  public func claim(_ kind: JobKind, limit: Int, worker: WorkerID, only: JobID? = nil) async throws -> [ClaimedJob] {
    try await claim(kind, limit: limit, worker: worker, only: only, behind: .beginning).jobs
  }

  /// The same, looking only behind `floor`: what was claimed before stays in the index as long as any snapshot is older,
  /// and a scan that always began at the front would walk over all of it. The floor of the next claim comes back with the
  /// jobs; `ClaimFloors` says when to begin at the front again.
  public func claim(
    _ kind: JobKind, limit: Int, worker: WorkerID, only: JobID?, behind floor: ClaimFloor
  ) async throws -> (jobs: [ClaimedJob], floor: ClaimFloor?) {
    let result = try await connection.query(
      """
      with found as materialized (
        select ctid, kind, job_id, run_id, rank, run_at, attempts, failures from ready_jobs
        where kind = \(kind.rawValue)::job_kind and run_at <= now() and run_at < 'infinity'
          and (rank, run_at, job_id) > (\(floor.rank)::smallint, \(floor.runAt)::text::timestamptz, \(floor.job))
          and (\(only.sqlValue)::bigint is null or job_id = \(only.sqlValue))
        order by rank, run_at, job_id limit \(limit) for update skip locked),
      taken as (
        delete from ready_jobs r using found f where r.ctid = f.ctid
        returning f.kind, f.job_id, f.run_id, f.rank, f.run_at, f.attempts, f.failures),
      leased as (
        insert into leased_jobs (job_id, worker_id, run_id, kind, rank, attempt, failures, leased_until)
        select job_id, \(worker), run_id, kind, rank, attempts + 1, failures,
          now() + make_interval(secs => \(Self.leaseSeconds)) from taken
        returning job_id, attempt, failures)
      select j.id, j.subject_id, j.generation, l.attempt, l.failures, j.max_attempts, j.project_id, j.run_id, t.rank,
        t.run_at::text
      from leased l join jobs j on j.id = l.job_id join taken t on t.job_id = l.job_id
      order by t.rank, t.run_at, t.job_id
      """)
    var last: ClaimFloor?
    let jobs = try result.rows.map { row in
      let (id, subject, generation, attempt, failures, most, project, run, rank, runAt) = try row.decode(
        (Int64, Int64, Int, Int, Int, Int, Int64?, Int64?, Int, String).self)
      last = ClaimFloor(rank: rank, runAt: runAt, job: id)
      return ClaimedJob(
        id: JobID(id), kind: kind, subjectID: subject, generation: generation, attempt: attempt,
        failures: failures, maxAttempts: most, projectID: project.map(ProjectID.init), runID: run.map(RunID.init))
    }
    return (jobs, jobs.count < limit ? nil : last)
  }

  /// Shows segments and variants as running; a job lost meanwhile is passed over. A transaction of its own in one message,
  /// so that a process that is suspended right now leaves no lock behind.
  public func markRunning(_ jobs: [ClaimedJob], worker: WorkerID) async throws {
    _ = try await connection.pipeline([
      ProjectLock.statement(Array(Set(jobs.compactMap(\.projectID)))),
      """
      with leased as (
        select j.kind, j.subject_id, j.generation from leased_jobs l join jobs j on j.id = l.job_id
        where l.job_id = any (\(jobs.map(\.id).rawIDs())) and l.worker_id = \(worker)),
      segment as (
        update segments g set status_id = 2, started_at = coalesce(g.started_at, now())
        from leased l where l.kind = 'segment' and g.id = l.subject_id and g.status_id = 1)
      update variants v set status = 'generating'
      from leased l
      where l.kind = 'variant' and v.id = l.subject_id and v.generation = l.generation and v.status = 'queued'
      """,
    ])
  }

  /// Slots of the workers that were heard of within a lease.
  public func liveSlots() async throws -> Int {
    try await connection.query(
      """
      select coalesce(sum(slots), 0) from workers
      where stopped_at is null and seen_at > now() - make_interval(secs => \(Self.leaseSeconds))
      """
    ).rows[0].decode(column: 0)
  }

  /// Whether a job is over, whoever did it and however it ended.
  public func isEnded(_ job: JobID) async throws -> Bool {
    try await connection.query("select not exists (select 1 from live_jobs where job_id = \(job))").rows[0].decode(
      Bool.self)
  }

  /// Whether anything is left that this worker could ever take: ready now or later, or in anyone's hand.
  public func isIdle(kinds: [JobKind]) async throws -> Bool {
    let names = kinds.map(\.rawValue)
    return try await connection.query(
      """
      select not exists (select 1 from ready_jobs where kind = any (\(names)::job_kind[]) and run_at < 'infinity')
        and not exists (select 1 from leased_jobs where kind = any (\(names)::job_kind[]))
      """
    ).rows[0].decode(Bool.self)
  }
}

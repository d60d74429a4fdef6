import Model
import PostgresClient
import SQLText

/// A job in a worker's hand. `attempt` is the fencing token: a result that carries another one is refused.
public struct ClaimedJob: Equatable, Sendable {
  public let id: JobID
  public let kind: JobKind
  public let subjectID: Int64
  public let generation: Int
  public let attempt: Int
  public let maxAttempts: Int
  public let projectID: ProjectID?
  public let runID: RunID?

  public var isLastAttempt: Bool { attempt >= maxAttempts }
}

/// The queue's own statements: claim, renew, hand back, rescue. Every time is the database's clock.
public struct Queue: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// How long a lease lasts without a heartbeat, in seconds.
  public static let leaseSeconds = 30.0

  public func register(name: String, host: String, pid: Int, kinds: [JobKind], slots: Int) async throws -> WorkerID {
    let result = try await connection.query(
      """
      insert into workers (name, host, pid, kinds, slots)
      values (\(name), \(host), \(pid)::integer, \(kinds.map(\.rawValue))::job_kind[], \(slots)::smallint)
      returning id
      """)
    return WorkerID(try result.rows[0].decode(Int64.self))
  }

  public func unregister(_ worker: WorkerID) async throws {
    try await connection.execute("update workers set stopped_at = now() where id = \(worker)")
  }

  /// Takes up to `limit` ready jobs of one kind, highest priority first. Touches nothing but the queue's own rows, so
  /// that it never waits for a producer's transaction; `markRunning` tells the rest.
  /// - Parameter only: take this job and no other.
  public func claim(_ kind: JobKind, limit: Int, worker: WorkerID, only: JobID? = nil) async throws -> [ClaimedJob] {
    let result = try await connection.query(
      """
      with found as materialized (
        select ctid, kind, job_id, run_id, rank, attempts from ready_jobs
        where kind = \(kind.rawValue)::job_kind and run_at <= now()
          and (\(only.sqlValue)::bigint is null or job_id = \(only.sqlValue))
        order by rank, run_at, job_id limit \(limit) for update skip locked),
      taken as (
        delete from ready_jobs r using found f where r.ctid = f.ctid
        returning f.kind, f.job_id, f.run_id, f.rank, f.attempts),
      leased as (
        insert into leased_jobs (job_id, worker_id, run_id, kind, rank, attempt, leased_until)
        select job_id, \(worker), run_id, kind, rank, attempts + 1,
          now() + make_interval(secs => \(Self.leaseSeconds)) from taken
        returning job_id, attempt)
      select j.id, j.subject_id, j.generation, l.attempt, j.max_attempts, j.project_id, j.run_id
      from leased l join jobs j on j.id = l.job_id order by j.priority desc, j.id
      """)
    return try result.rows.map { row in
      let (id, subject, generation, attempt, most, project, run) = try row.decode(
        (Int64, Int64, Int, Int, Int, Int64?, Int64?).self)
      return ClaimedJob(
        id: JobID(id), kind: kind, subjectID: subject, generation: generation, attempt: attempt, maxAttempts: most,
        projectID: project.map(ProjectID.init), runID: run.map(RunID.init))
    }
  }

  /// Shows segments and variants as running. Call it under `ProjectLock`; a job lost meanwhile is passed over.
  public func markRunning(_ jobs: [ClaimedJob], worker: WorkerID) async throws {
    try await connection.execute(
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
      """)
  }

  /// Renews every lease of a worker. A job of the worker that is not in the answer was taken from it: stop its process.
  /// - Parameter progress: how far its jobs are, from 0 to 1, as far as they have said.
  public func heartbeat(_ worker: WorkerID, progress: [JobID: Double] = [:]) async throws -> Set<JobID> {
    let told = Array(progress)
    let result = try await connection.query(
      """
      with seen as (update workers set seen_at = now() where id = \(worker)),
      told as (select * from unnest(\(told.map(\.key.rawValue)), \(told.map(\.value))) x (id, share))
      update leased_jobs l
      set leased_until = now() + make_interval(secs => \(Self.leaseSeconds)),
        progress = coalesce((select t.share from told t where t.id = l.job_id), l.progress)
      where l.worker_id = \(worker) returning l.job_id
      """)
    return Set(try result.rows.map { JobID(try $0.decode(Int64.self)) })
  }

  /// Ends leases without a result; the jobs are ready again at once and the attempt does not count. Call it under
  /// `ProjectLock`.
  public func handBack(_ jobs: [ClaimedJob], worker: WorkerID) async throws {
    try await connection.execute(
      """
      with freed as (
        delete from leased_jobs l using unnest(\(jobs.map(\.id.rawValue)), \(jobs.map { Int64($0.attempt) })) x (id, n)
        where l.job_id = x.id and l.attempt = x.n and l.worker_id = \(worker) returning l.*),
      \(Self.backToReady("freed", runAt: "now()", attempts: "attempt - 1"))
      select 1
      """)
  }

  /// nil: no lease has expired. Jobs without a project need no lock.
  public func projectsWithExpiredLeases() async throws -> [ProjectID]? {
    let result = try await connection.query(
      """
      select count(*), coalesce(array_agg(distinct j.project_id) filter (where j.project_id is not null), '{}')
      from leased_jobs l join jobs j on j.id = l.job_id where l.leased_until < now()
      """)
    let (count, projects) = try result.rows[0].decode((Int, [Int64]).self)
    return count == 0 ? nil : projects.map(ProjectID.init)
  }

  /// Makes the jobs of dead workers ready again (with back-off), or gives back those whose attempts are spent for the
  /// caller to fail. Any worker may call it, every few seconds, under `ProjectLock` of `projectsWithExpiredLeases`.
  public func rescue() async throws -> [Int64] {
    let result = try await connection.query(
      """
      with dead as (
        select job_id from leased_jobs where leased_until < now() order by job_id limit 1000 for update skip locked),
      freed as (
        delete from leased_jobs l using dead d, jobs j
        where l.job_id = d.job_id and j.id = d.job_id and l.attempt < j.max_attempts returning l.*),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, error, started_at)
        select job_id, attempt, worker_id, 'lost', 'its worker stopped answering', claimed_at from freed),
      \(Self.backToReady("freed", runAt: Self.backOff, attempts: "attempt"))
      select d.job_id from dead d join leased_jobs l on l.job_id = d.job_id join jobs j on j.id = d.job_id
      where l.attempt >= j.max_attempts
      """)
    return try result.rows.map { try $0.decode(Int64.self) }
  }

  /// Leased jobs with who holds them, for ending those whose worker is dead.
  public func leased(_ ids: [Int64]) async throws -> [(job: ClaimedJob, worker: WorkerID)] {
    try await connection.query(
      """
      select j.id, j.kind::text, j.subject_id, j.generation, l.attempt, j.max_attempts, j.project_id, j.run_id,
        l.worker_id
      from leased_jobs l join jobs j on j.id = l.job_id where l.job_id = any (\(ids)) order by j.id
      """
    ).rows.map { row in
      let (id, kind, subject, generation, attempt, most, project, run, worker) = try row.decode(
        (Int64, String, Int64, Int, Int, Int, Int64?, Int64?, Int64).self)
      let job = ClaimedJob(
        id: JobID(id), kind: JobKind(rawValue: kind) ?? .noop, subjectID: subject, generation: generation,
        attempt: attempt, maxAttempts: most, projectID: project.map(ProjectID.init), runID: run.map(RunID.init))
      return (job, WorkerID(worker))
    }
  }

  /// When a job whose attempt failed may run again: 2, 4, 8 ... at most 300 seconds, half to one and a half of it.
  static let backOff: SQL = "now() + make_interval(secs => least(300, power(2, f.attempt)) * (0.5 + random()))"

  /// Common table expressions that put rows of `leased_jobs` back in line and their subjects back to waiting.
  static func backToReady(_ relation: SQL, runAt: SQL, attempts: SQL, gpuSeconds: SQL = "0") -> SQL {
    """
    waiting_segments as (
      update segments g set status_id = 1, gpu_seconds = g.gpu_seconds + \(gpuSeconds)
      from \(relation) f join jobs j on j.id = f.job_id
      where j.kind = 'segment' and g.id = j.subject_id and g.status_id = 2),
    waiting_variants as (
      update variants v set status = 'queued', gpu_seconds = v.gpu_seconds + \(gpuSeconds)
      from \(relation) f join jobs j on j.id = f.job_id
      where j.kind = 'variant' and v.id = j.subject_id and v.generation = j.generation and v.status = 'generating'),
    readied as (
      insert into ready_jobs (kind, rank, run_at, job_id, run_id, attempts)
      select f.kind, f.rank, case when r.status_id = 3 then 'infinity' else \(runAt) end, f.job_id, f.run_id,
        f.\(attempts)
      from \(relation) f left join production_runs r on r.id = f.run_id)
    """
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

import Model
import PostgresClient
import SQLText

/// What becomes of jobs in hand: their leases are renewed, handed back, or taken from workers that are gone.
extension Queue {
  /// Renews the leases of the attempts that a worker has in hand, and no others: a lease that nobody works on runs out.
  /// One of `held` that is not in the answer was taken from the worker: stop its process.
  ///
  /// Waits for nobody: a lease that another transaction is just ending is left to it, and renewed by the next heartbeat if
  /// that one comes to nothing.
  /// - Parameter progress: how far they are, from 0 to 1, as far as they have said.
  public func heartbeat(
    _ worker: WorkerID, held: Set<AttemptID>, progress: [AttemptID: Double] = [:]
  ) async throws -> Set<AttemptID> {
    let held = Array(held)
    let result = try await connection.query(
      """
      with seen as (update workers set seen_at = now() where id = \(worker)),
      told as (select * from \(Self.rows(held, shares: held.map { progress[$0] ?? -1 }))),
      mine as materialized (
        select l.job_id, t.share from leased_jobs l join told t on t.id = l.job_id and t.attempt = l.attempt
        where l.worker_id = \(worker) order by l.job_id for no key update of l skip locked),
      renewed as (
        update leased_jobs l
        set leased_until = now() + make_interval(secs => \(Self.leaseSeconds)),
          progress = case when m.share < 0 then l.progress else m.share end
        from mine m where l.job_id = m.job_id)
      select l.job_id, l.attempt from leased_jobs l join told t on t.id = l.job_id and t.attempt = l.attempt
      where l.worker_id = \(worker)
      """)
    return Set(
      try result.rows.map { row in
        let (job, attempt) = try row.decode((Int64, Int).self)
        return AttemptID(job: JobID(job), attempt: attempt)
      })
  }

  private static func rows(_ attempts: [AttemptID], shares: [Double]) -> SQL {
    """
    unnest(\(attempts.map(\.job.rawValue)), \(attempts.map { Int64($0.attempt) }), \(shares)) x (id, attempt, share)
    """
  }

  /// Ends leases without a result; the jobs are ready again at once, and the attempt uses up none of their tries. Call it
  /// under `ProjectLock`. What it cost is charged apart.
  public func handBack(_ job: ClaimedJob, worker: WorkerID) async throws {
    try await connection.execute(
      """
      with freed as (
        delete from leased_jobs l
        where l.job_id = \(job.id) and l.attempt = \(job.attempt) and l.worker_id = \(worker) returning l.*),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, started_at)
        select job_id, attempt, worker_id, 'handed_back', claimed_at from freed),
      \(Self.backToReady("freed", runAt: "now()", failures: "failures"))
      select 1
      """)
  }

  /// Locks the projects that have expired leases, all but those in whose pipeline somebody is at work just now: their turn
  /// comes with the next rescue. nil: no lease has expired. Held until the end of the transaction.
  public func lockProjectsToRescue() async throws -> [ProjectID]? {
    let expired: [Int64?] = try await connection.query(
      """
      select distinct j.project_id from leased_jobs l join jobs j on j.id = l.job_id where l.leased_until < now()
      """
    ).rows.map { try $0.decode(column: 0) }
    if expired.isEmpty { return nil }
    return try await connection.query(
      """
      select id from projects where id = any (\(expired.compactMap { $0 }))
      order by id for no key update skip locked
      """
    ).rows.map { ProjectID(try $0.decode(Int64.self)) }
  }

  /// Makes the jobs of dead workers ready again (with back-off), or gives back those whose attempts are spent for the
  /// caller to fail: those of the given projects, which the caller has locked, and those of no project. Any worker may call
  /// it, every few seconds.
  /// What a dead worker's generator used is not known; charged is the time from the claim to its last heartbeat.
  /// - Parameters:
  ///   - held: what the caller itself has in hand: it lives, however late its heartbeat is.
  ///   - seed: of the back-off's jitter.
  public func rescue(
    in projects: [ProjectID], by worker: WorkerID, held: Set<AttemptID>, seed: Int64
  ) async throws -> [Int64] {
    let held = Array(held)
    let result = try await connection.query(
      """
      with dead as (
        select l.job_id from leased_jobs l join jobs j on j.id = l.job_id
        where l.leased_until < now() and (j.project_id is null or j.project_id = any (\(projects.rawIDs())))
          and not (l.worker_id = \(worker) and exists (
            select 1 from \(Self.rows(held, shares: held.map { _ in 0 }))
            where x.id = l.job_id and x.attempt = l.attempt))
        order by l.job_id limit 1000 for update of l skip locked),
      freed as (
        delete from leased_jobs l using dead d, jobs j
        where l.job_id = d.job_id and j.id = d.job_id and l.failures + 1 < j.max_attempts
        returning l.*, j.project_id, \(Self.lostSeconds) as gpu),
      tried as (
        insert into attempts (job_id, number, worker_id, outcome, error, gpu_seconds, started_at)
        select job_id, attempt, worker_id, 'lost', 'its worker stopped answering', gpu, claimed_at from freed),
      \(Self.backToReady("freed", runAt: Self.backOff(seed), failures: "failures + 1", gpuSeconds: "f.gpu")),
      moved as (
        select project_id, run_id, 0::double precision as gpu_reserved, 0::double precision as disk_reserved,
          gpu as gpu_spent, 0::double precision as disk_spent
        from freed where project_id is not null),
      settled as (\(Budgets.settle("moved")))
      select d.job_id from dead d join leased_jobs l on l.job_id = d.job_id join jobs j on j.id = d.job_id
      where l.failures + 1 >= j.max_attempts
      """)
    return try result.rows.map { try $0.decode(Int64.self) }
  }

  /// Leased jobs with who holds them, for ending those whose worker is dead.
  public func leased(_ ids: [Int64]) async throws -> [(job: ClaimedJob, worker: WorkerID, gpuSeconds: Double)] {
    try await connection.query(
      """
      select j.id, j.kind::text, j.subject_id, j.generation, l.attempt, l.failures, j.max_attempts, j.project_id,
        j.run_id, l.turn, l.worker_id, \(Self.lostSeconds)
      from leased_jobs l join jobs j on j.id = l.job_id where l.job_id = any (\(ids)) order by j.id
      """
    ).rows.map { row in
      let (id, kind, subject, generation, attempt, failures, most, project, run, turn, worker, seconds) =
        try row.decode(
          (Int64, String, Int64, Int, Int, Int, Int, Int64?, Int64?, Int64, Int64, Double).self)
      let job = ClaimedJob(
        id: JobID(id), kind: JobKind(rawValue: kind) ?? .noop, subjectID: subject, generation: generation,
        attempt: attempt, failures: failures, maxAttempts: most, projectID: project.map(ProjectID.init),
        runID: run.map(RunID.init), turn: turn)
      return (job, WorkerID(worker), seconds)
    }
  }

  /// From the claim to the last heartbeat of the lease `l` of the job `j`; checks use no GPU.
  static let lostSeconds: SQL = """
    case when j.kind in ('segment', 'variant') then greatest(0, extract(epoch from
      l.leased_until - make_interval(secs => \(leaseSeconds)) - l.claimed_at)) else 0 end::double precision
    """

  /// When a job whose attempt failed may run again: twice as late each time, up to five minutes, give or take half of it.
  /// The jitter is drawn from the seed and the job.
  static func backOff(_ seed: Int64) -> SQL {
    """
    now() + make_interval(secs => least(300, power(2, least(f.failures + 1, 20)))
      * (0.5 + (hashint8extended(f.job_id, \(seed)) & 1023) / 1024.0))
    """
  }

  /// Common table expressions that put rows of `leased_jobs` back to their places in line and their subjects back to waiting.
  /// A try that was over before anybody was shown that it ran is charged all the same.
  static func backToReady(_ relation: SQL, runAt: SQL, failures: SQL, gpuSeconds: SQL = "0") -> SQL {
    """
    waiting_segments as (
      update segments g set status_id = 1, gpu_seconds = g.gpu_seconds + \(gpuSeconds)
      from \(relation) f join jobs j on j.id = f.job_id
      where j.kind = 'segment' and g.id = j.subject_id
        and (g.status_id = 2 or g.status_id = 1 and \(gpuSeconds) > 0)),
    waiting_variants as (
      update variants v set status = 'queued', gpu_seconds = v.gpu_seconds + \(gpuSeconds)
      from \(relation) f join jobs j on j.id = f.job_id
      where j.kind = 'variant' and v.id = j.subject_id and v.generation = j.generation
        and (v.status = 'generating' or v.status = 'queued' and \(gpuSeconds) > 0)),
    readied as (
      insert into ready_jobs (kind, rank, turn, run_at, job_id, run_id, attempts, failures)
      select f.kind, f.rank, f.turn, case when r.status_id = 3 then 'infinity' else \(runAt) end, f.job_id, f.run_id,
        f.attempt, f.\(failures)
      from \(relation) f left join production_runs r on r.id = f.run_id)
    """
  }
}

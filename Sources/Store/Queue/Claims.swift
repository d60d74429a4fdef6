import Model
import PostgresClient
import SQLText

/// Taking jobs. Touches nothing but the queue's own rows, so that it never waits for a producer's transaction; `markRunning`
/// tells the rest.
extension Queue {
  /// Takes up to `limit` ready jobs of one kind, highest priority first and the runs of one priority by turns.
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
    let claim = Claim(kind: kind, worker: worker, only: only, floor: floor)
    let (isLimited, jobs) = try await take(claim, limit: limit, mindsLimit: true)
    if isLimited { return try await claimWithin(claim, limit: limit) }
    return (jobs.map(\.job), jobs.count < limit ? nil : jobs.last?.place)
  }

  /// Claims of a limited kind count what runs, so they go one by one; the lock is not the row's, which a producer's open
  /// transaction may hold.
  private func claimWithin(_ claim: Claim, limit: Int) async throws -> (jobs: [ClaimedJob], floor: ClaimFloor?) {
    try await connection.transaction {
      try await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('callsheet limit ' || \(claim.kind.rawValue)::text, 0))")
      // A statement of its own: it sees what the last holder of the lock has claimed.
      let free = try await connection.query(
        """
        select coalesce(most - (select count(*) from leased_jobs where kind = \(claim.kind.rawValue)::job_kind), \(limit))
        from kind_limits where kind = \(claim.kind.rawValue)::job_kind
        """
      ).rows[0].decode(Int.self)
      let room = min(limit, free)
      if room <= 0 { return ([], nil) }
      let jobs = try await take(claim, limit: room, mindsLimit: false).jobs
      return (jobs.map(\.job), jobs.count < room ? nil : jobs.last?.place)
    }
  }

  private struct Claim: Sendable {
    let kind: JobKind
    let worker: WorkerID
    let only: JobID?
    let floor: ClaimFloor
  }

  /// - Parameter mindsLimit: take nothing when the kind is limited, and say so.
  private func take(
    _ claim: Claim, limit: Int, mindsLimit: Bool
  ) async throws -> (isLimited: Bool, jobs: [(job: ClaimedJob, place: ClaimFloor)]) {
    let result = try await connection.query(
      """
      with gate as materialized (
        select \(mindsLimit) and exists (
          select 1 from kind_limits where kind = \(claim.kind.rawValue)::job_kind and most is not null) as is_limited),
      found as materialized (
        select ctid, kind, job_id, run_id, rank, turn, attempts, failures from ready_jobs
        where kind = \(claim.kind.rawValue)::job_kind and run_at <= now() and run_at < 'infinity'
          and (rank, turn, job_id) > (\(claim.floor.rank)::smallint, \(claim.floor.turn), \(claim.floor.job))
          and (\(claim.only.sqlValue)::bigint is null or job_id = \(claim.only.sqlValue))
          and not (select is_limited from gate)
        order by rank, turn, job_id limit \(limit) for update skip locked),
      taken as (
        delete from ready_jobs r using found f where r.ctid = f.ctid
        returning f.kind, f.job_id, f.run_id, f.rank, f.turn, f.attempts, f.failures),
      leased as (
        insert into leased_jobs (job_id, worker_id, run_id, kind, rank, turn, attempt, failures, leased_until)
        select job_id, \(claim.worker), run_id, kind, rank, turn, attempts + 1, failures,
          now() + make_interval(secs => \(Self.leaseSeconds)) from taken
        returning job_id, attempt, failures, rank, turn)
      select g.is_limited, c.* from gate g
      left join (
        select j.id, j.subject_id, j.generation, l.attempt, l.failures, j.max_attempts, j.project_id, j.run_id, l.rank,
          l.turn
        from leased l join jobs j on j.id = l.job_id) c on true
      order by c.rank, c.turn, c.id
      """)
    var isLimited = false
    let jobs = try result.rows.compactMap { row -> (job: ClaimedJob, place: ClaimFloor)? in
      isLimited = try row.decode(column: 0)
      guard try row.decode(column: 1, as: Int64?.self) != nil else { return nil }
      return try Self.claimed(claim.kind, row)
    }
    return (isLimited, jobs)
  }

  private static func claimed(_ kind: JobKind, _ row: Row) throws -> (job: ClaimedJob, place: ClaimFloor) {
    let (_, id, subject, generation, attempt, failures, most, project, run, rank, turn) = try row.decode(
      (Bool, Int64, Int64, Int, Int, Int, Int, Int64?, Int64?, Int, Int64).self)
    let job = ClaimedJob(
      id: JobID(id), kind: kind, subjectID: subject, generation: generation, attempt: attempt, failures: failures,
      maxAttempts: most, projectID: project.map(ProjectID.init), runID: run.map(RunID.init), turn: turn)
    return (job, ClaimFloor(rank: rank, turn: turn, job: id))
  }
}

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
  /// Its place in line, which the work that follows from it inherits.
  public let turn: Int64

  public var isLastAttempt: Bool { failures + 1 >= maxAttempts }
  public var attemptID: AttemptID { AttemptID(job: id, attempt: attempt) }
}

/// The queue's own statements; what becomes of leases is in `Leases`. Every time is the database's clock.
public struct Queue: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// How long a lease lasts without a heartbeat, in seconds. Kept in the database, so that all who hold, charge and rescue
  /// agree.
  static let leaseSeconds: SQL = "lease_seconds()"

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
      "select coalesce(sum(slots), 0) from live_workers"
    ).rows[0].decode(column: 0)
  }

  /// Whether a job is over, whoever did it and however it ended.
  public func isEnded(_ job: JobID) async throws -> Bool {
    try await connection.query("select not exists (select 1 from live_jobs where job_id = \(job))").rows[0].decode(
      Bool.self)
  }

  /// Whether anything is left that this worker could ever take: ready now or later, or in anyone's hand. Jobs of a kind
  /// whose limit is zero are nobody's to take.
  public func isIdle(kinds: [JobKind]) async throws -> Bool {
    let names = kinds.map(\.rawValue)
    return try await connection.query(
      """
      select not exists (select 1 from ready_jobs where kind = any (\(names)::job_kind[]) and run_at < 'infinity'
          and kind <> all (array(select kind from kind_limits where most = 0)))
        and not exists (select 1 from leased_jobs where kind = any (\(names)::job_kind[]))
      """
    ).rows[0].decode(Bool.self)
  }
}

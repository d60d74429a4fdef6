import Foundation
import Model
import PostgresClient
import SQLText

/// Cells that keep a run from being delivered, by what they are.
public struct Undeliverable: Equatable, Sendable {
  /// `failed`, `qa_review`, ... or `approved, stale`.
  public var state: String
  public var count: Int
  /// The first few, as `Aria Vale / alley_chase / coat`.
  public var examples: [String]
}

public struct DeliveryState: Equatable, Sendable {
  public var id: DeliveryID
  public var status: JobStatus
  public var path: String
  /// `validating`, `joining` or `finishing`: what `filesDone` counts; nil before and after the packing.
  public var phase: String?
  public var filesDone: Int
  public var filesTotal: Int
  public var bytes: Int64
  public var error: String?
}

public enum DeliveryStartError: Error, Equatable, Sendable {
  case notDeliverable([Undeliverable])
  /// A live worker, or another shell, has it in hand.
  case underWay(DeliveryUnderWay)
}

/// A delivery that has begun and not ended.
public struct DeliveryUnderWay: Equatable, Sendable {
  public var id: DeliveryID
  public var path: String
  /// nil: its job was cancelled.
  public var job: JobID?
  /// Who has it in hand, as `name on host, process 17`; nil when nobody alive has.
  public var holder: String?
}

/// What became of a delivery that had begun.
public enum DeliveryResumption: Equatable, Sendable {
  /// There was none.
  case none
  /// It goes on: whoever waits for its job finishes it.
  case takenUp(DeliveryID, JobID)
  /// It could not go on, or went elsewhere. See `discarded`.
  case ended(DeliveryID)
}

/// What a worker needs to know to pack.
public struct DeliveryOrder: Equatable, Sendable {
  public var run: RunID
  public var path: String
  public var by: String?
  /// Stands in the package's manifest, so that a package is known to be this delivery's.
  public var mark: String
  /// By the database's clock.
  public var readAt: Date
}

public struct Deliveries: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Empty: the run can be delivered.
  public func undeliverable(_ run: RunID) async throws -> [Undeliverable] {
    try await connection.query(
      """
      select x.state, count(*), (array_agg(x.label order by x.id))[1:3]
      from (
        select c.id, case when c.stale then c.status || ', stale' else c.status::text end as state,
          p.name || ' / ' || y.name || ' / ' || w.name as label
        from cells c
        join characters p on p.id = c.character_id
        join scene_types y on y.id = c.scene_type_id
        join variant_types w on w.id = c.variant_type_id
        where c.run_id = \(run) and (c.status not in ('approved', 'skipped') or c.stale)) x
      group by x.state order by count(*) desc, x.state
      """
    ).rows.map { row in
      let (state, count, examples) = try row.decode((String, Int, [String]).self)
      return Undeliverable(state: state, count: count, examples: examples)
    }
  }

  /// Queues the packing of a run, of exactly the takes that count now. Call inside a transaction, under `ProjectLock`,
  /// after `resume`.
  /// - Throws: `DeliveryStartError.notDeliverable`.
  public func start(_ run: RunHeading, path: String, by user: UserID?) async throws -> (DeliveryID, JobID) {
    let missing = try await undeliverable(run.id)
    if !missing.isEmpty { throw DeliveryStartError.notDeliverable(missing) }
    let row = try await connection.query(
      """
      with made as (
        insert into deliveries (run_id, path, created_by_id, files_total)
        select \(run.id), \(path), \(user.sqlValue)::bigint, count(*) from cells where run_id = \(run.id) and status = 'approved'
        returning id),
      frozen as (
        insert into delivery_cells (delivery_id, cell_id, take_id)
        select m.id, c.id, case when c.status = 'approved' then s.current_take_id end
        from made m, cells c join scenes s on s.id = c.scene_id where c.run_id = \(run.id)),
      queued as (
        insert into jobs (project_id, run_id, kind, subject_id, priority, max_attempts)
        select \(run.projectID), null, 'delivery', id, 100, 3 from made
        returning id, project_id, run_id, kind, subject_id, priority),
      \(Enqueue.tail("queued"))
      select subject_id, id from queued
      """
    ).rows[0]
    let (delivery, job) = try row.decode((Int64, Int64).self)
    return (DeliveryID(delivery), JobID(job))
  }

  /// Makes this connection the one that delivers the run; false: another one does. It ends with `giveUpTurn`, and with the
  /// connection, so that a process that was killed keeps nobody waiting.
  public func takeTurn(_ run: RunID) async throws -> Bool {
    try await connection.query("select pg_try_advisory_lock(\(Self.turn(run)))").rows[0].decode(column: 0)
  }

  public func giveUpTurn(_ run: RunID) async throws {
    try await connection.execute("select pg_advisory_unlock(\(Self.turn(run)))")
  }

  private static func turn(_ run: RunID) -> SQL { "hashtextextended('callsheet deliver ' || \(run)::bigint, 0)" }

  /// The run's delivery that has begun and not ended.
  public func underWay(_ run: RunID) async throws -> DeliveryUnderWay? {
    try await connection.query(
      """
      select d.id, d.path, v.job_id, w.name || ' on ' || w.host || ', process ' || w.pid
      from deliveries d
      left join live_jobs v on v.kind = 'delivery' and v.subject_id = d.id
      left join leased_jobs l on l.job_id = v.job_id and l.leased_until > now()
      left join workers w on w.id = l.worker_id
      where d.run_id = \(run) and d.status_id in (1, 2)
      """
    ).rows.first.map { row in
      let (id, path, job, holder) = try row.decode((Int64, String, Int64?, String?).self)
      return DeliveryUnderWay(id: DeliveryID(id), path: path, job: job.map(JobID.init), holder: holder)
    }
  }

  /// Takes up a delivery to the same folder that nobody alive works on; one that cannot go on is ended, so that a new one
  /// may start. Call inside a transaction, under `ProjectLock`.
  /// - Throws: `DeliveryStartError.underWay` when somebody alive has it in hand.
  public func resume(_ run: RunID, path: String) async throws -> DeliveryResumption {
    guard let found = try await underWay(run) else { return .none }
    if found.holder != nil { throw DeliveryStartError.underWay(found) }
    if let job = found.job, found.path == path, try await drift(found.id).isEmpty {
      try await connection.execute("update ready_jobs set run_at = now() where job_id = \(job)")
      return .takenUp(found.id, job)
    }
    if let job = found.job { try await Cancellation(connection).jobs([job.rawValue]) }
    try await connection.execute(
      "update deliveries set status_id = 6, phase = null, completed_at = now() where id = \(found.id)")
    return .ended(found.id)
  }

  public func state(_ id: DeliveryID) async throws -> DeliveryState? {
    try await connection.query(
      """
      select s.name, d.path, d.phase, d.files_done, d.files_total, d.bytes, d.error
      from deliveries d join job_statuses s on s.id = d.status_id where d.id = \(id)
      """
    ).rows.first.map { row in
      let (status, path, phase, done, total, bytes, error) = try row.decode(
        (String, String, String?, Int, Int, Int64, String?).self)
      return DeliveryState(
        id: id, status: JobStatus(rawValue: status) ?? .pending, path: path, phase: phase, filesDone: done,
        filesTotal: total,
        bytes: bytes, error: error)
    }
  }

  /// nil when the delivery is over.
  public func order(_ id: DeliveryID) async throws -> DeliveryOrder? {
    try await connection.query(
      """
      select d.run_id, d.path, u.name, \(Self.mark), now()
      from deliveries d left join users u on u.id = d.created_by_id
      where d.id = \(id) and d.status_id in (1, 2)
      """
    ).rows.first.map { row in
      let (run, path, user, mark, now) = try row.decode((Int64, String, String?, String, Date).self)
      return DeliveryOrder(run: RunID(run), path: path, by: user, mark: mark, readAt: now)
    }
  }

  /// The package of a delivery that ended without one, with its mark: what lies there is to be removed. nil when the
  /// delivery goes on or was completed.
  public func discarded(_ id: DeliveryID) async throws -> (path: String, mark: String)? {
    try await connection.query(
      "select d.path, \(Self.mark) from deliveries d where d.id = \(id) and d.status_id in (5, 6)"
    ).rows.first.map { try $0.decode((String, String).self) }
  }

  /// The number alone would be another delivery's in another database.
  private static let mark: SQL = "d.id || '-' || (extract(epoch from d.created_at) * 1000000)::bigint"

  public func skippedCells(of run: RunID) async throws -> Int {
    try await connection.query("select count(*) from cells where run_id = \(run) and status = 'skipped'")
      .rows[0].decode(column: 0)
  }

  public func began(_ id: DeliveryID) async throws {
    try await connection.execute(
      "update deliveries set status_id = 2, started_at = now() where id = \(id) and status_id in (1, 2)")
  }

  /// - Parameter phase: `validating`, `joining` or `finishing`; `done` and `total` count its files.
  public func progressed(_ id: DeliveryID, phase: String, done: Int, total: Int) async throws {
    try await connection.execute(
      """
      update deliveries set phase = \(phase), files_done = \(done), files_total = \(total)
      where id = \(id) and status_id = 2
      """)
  }

  /// The last statement of a delivery, in the transaction that ends its job; the run is completed by the first.
  public func finished(_ id: DeliveryID, bytes: Int64, files: Int) async throws {
    try await connection.execute(
      """
      with done as (
        update deliveries set status_id = 4, phase = null, completed_at = now(), bytes = \(bytes), files_done = \(files),
          files_total = \(files)
        where id = \(id) returning run_id),
      run as (
        update production_runs r set status_id = 4, completed_at = now() from done
        where r.id = done.run_id and r.status_id in (1, 2) returning r.id, r.project_id)
      insert into events (project_id, run_id, kind, entity, ids)
      select r.project_id, r.id, 'delivered', 'deliveries', array[\(id)::bigint]
      from done join production_runs r on r.id = done.run_id
      """)
  }

  public func failed(_ id: DeliveryID, error: String) async throws {
    try await connection.execute(
      """
      update deliveries set status_id = 5, phase = null, error = \(error), completed_at = now()
      where id = \(id) and status_id in (1, 2)
      """)
  }
}

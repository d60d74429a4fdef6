import Model
import PostgresClient
import SQLText

/// Drops what is over and older than it is kept, in small pieces, so that nobody waits for it.
public struct Retention: Sendable {
  /// What is dropped, one after the other.
  enum Subject: CaseIterable {
    case events, jobs, undo, leftovers
  }

  let connection: PostgresConnection
  /// Rows of one piece.
  static let batch = 1000

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// All there is to drop, but at most a hundred thousand rows of each subject.
  public func apply() async throws {
    for _ in 0..<100 where try await !step() { return }
  }

  /// One piece of each subject; false: there is no more, or somebody else is at it.
  public func step() async throws -> Bool {
    var isMore = false
    for subject in Subject.allCases where try await drop(subject) { isMore = true }
    return isMore
  }

  private func drop(_ subject: Subject) async throws -> Bool {
    try await connection.transaction {
      let isMine = try await connection.query(
        "select pg_try_advisory_xact_lock(hashtextextended('callsheet retention', 0))"
      ).rows[0].decode(Bool.self)
      if !isMine { return false }
      return switch subject {
      case .events: try await dropEvents() == Self.batch
      case .jobs: try await dropJobs() == Self.batch
      case .undo: try await dropUndo()
      case .leftovers: try await dropLeftovers()
      }
    }
  }

  /// The newest dropped is remembered, so that a reader from before it knows that it has missed some.
  private func dropEvents() async throws -> Int {
    try await connection.query(
      """
      with old as (
        select e.id, e.xid from events e
        where e.at < now() - (select kept from retention where subject = 'events')
          and e.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by e.at limit \(Self.batch)),
      dropped as (delete from events e using old o where e.id = o.id returning e.id, e.xid),
      last as (select xid, id from dropped order by xid desc, id desc limit 1),
      noted as (
        update retention r set dropped_xid = l.xid, dropped_id = l.id from last l
        where r.subject = 'events' and (l.xid, l.id) > (r.dropped_xid, r.dropped_id))
      select count(*) from dropped
      """
    ).rows[0].decode(Int.self)
  }

  /// Finished jobs with their results and attempts. What an undo may set going again stays as long as that can be undone.
  private func dropJobs() async throws -> Int {
    try await connection.query(
      """
      with old as materialized (
        select x.job_id from job_results x
        where x.finished_at < now() - (select max(kept) from retention where subject in ('jobs', 'undo'))
        order by x.finished_at limit \(Self.batch)),
      tries as (delete from attempts a using old o where a.job_id = o.job_id),
      results as (delete from job_results x using old o where x.job_id = o.job_id),
      dropped as (delete from jobs j using old o where j.id = o.job_id returning 1)
      select count(*) from dropped
      """
    ).rows[0].decode(Int.self)
  }

  /// What old actions found and left, in the order of the actions. The actions themselves stay.
  private func dropUndo() async throws -> Bool {
    let actions = try await connection.query(
      """
      select a.id from (
        select id, created_at from actions
        where id > (select dropped_id from retention where subject = 'undo') order by id limit 100) a
      where a.created_at < now() - (select kept from retention where subject = 'undo') order by a.id
      """
    ).rows.map { try $0.decode(Int64.self) }
    guard let last = actions.last else { return false }
    var isMore = false
    for table: SQL in JournalSubject.allCases.map(\.table) + ["action_settings"] {
      let dropped = try await connection.execute(
        """
        delete from \(table) where ctid = any (array(
          select ctid from \(table) where action_id = any (\(actions)) limit \(Self.batch)))
        """)
      isMore = isMore || dropped == Self.batch
    }
    if isMore { return true }
    try await connection.execute("update retention set dropped_id = \(last) where subject = 'undo'")
    return actions.count == 100
  }

  /// Plans that nobody can apply any more, marks of actions whose connections are long gone, workers of long ago.
  private func dropLeftovers() async throws -> Bool {
    let counts = try await connection.query(
      """
      with plan as (
        delete from plans where id = any (array(
          select id from plans where created_at < now() - interval '7 days' limit \(Self.batch))) returning 1),
      mark as (
        update actions set token = null where id = any (array(
          select id from actions where token is not null and created_at < now() - interval '7 days'
          limit \(Self.batch))) returning 1),
      worker as (
        delete from workers w where w.id = any (array(
          select o.id from workers o
          where o.seen_at < now() - (select max(kept) from retention where subject in ('jobs', 'undo'))
            and not exists (select 1 from leased_jobs l where l.worker_id = o.id)
          limit \(Self.batch))) returning 1)
      select (select count(*) from plan), (select count(*) from mark), (select count(*) from worker)
      """
    ).rows[0].decode((Int, Int, Int).self)
    return max(counts.0, counts.1, counts.2) == Self.batch
  }
}

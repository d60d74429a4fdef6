import Model
import PostgresClient
import SQLText

/// Drops events that are older than they are kept, in small pieces, so that nobody waits for it.
public struct Retention: Sendable {
  let connection: PostgresConnection
  private static let batch = 5000

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// At most a hundred thousand rows a call.
  public func apply() async throws {
    for _ in 0..<20 where try await dropEvents() < Self.batch { break }
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
}

import Model
import PostgresClient
import SQLText

/// The statements of the one publisher, on a connection of its own.
public struct EventPublication: Sendable {
  /// What was there at a tick; another value means that there is something new.
  public struct Mark: Equatable, Sendable {
    /// The newest event anybody can see, and the newest that readers are handed.
    let newest: Int64
    let settled: Int64
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// "calls" in ASCII: any number that nobody else takes.
  private static let lock: Int64 = 0x63_616C_6C73

  /// Whether this connection is the publisher from now on. The server takes the office away when the connection ends, and
  /// ends the connection when it says nothing for two seconds, as when its process is suspended.
  public func takeOffice() async throws -> Bool {
    let isHolder: Bool = try await connection.query("select pg_try_advisory_lock(\(Self.lock))").rows[0].decode(
      column: 0)
    try await connection.execute("set idle_session_timeout = \(unsafeSQL: isHolder ? "'2s'" : "0")")
    return isHolder
  }

  /// Wakes readers when something is there that was not at the last mark. Both ends are one index probe each.
  public func tick(since last: Mark?) async throws -> Mark {
    let (newest, settled) = try await connection.query(
      """
      select coalesce((select max(id) from events), 0), coalesce((
        select id from events where xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid desc, id desc limit 1), 0)
      """
    ).rows[0].decode((Int64, Int64).self)
    let mark = Mark(newest: newest, settled: settled)
    if mark != last {
      try await connection.execute("select pg_notify(\(EventReader.channel), \(String(newest)))")
    }
    return mark
  }
}

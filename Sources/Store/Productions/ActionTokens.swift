import Model
import PostgresClient
import SQLText

/// Which of a shell's connections recorded an action: when one is lost in the middle, another finds out what became of it.
public struct ActionTokens: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// What the lost connection's statement recorded.
  public struct Recorded: Equatable, Sendable {
    public var id: ActionID
    public var verb: String
    public var entity: String
    public var changed: Int
  }

  /// Takes a name for this connection, which it holds until the server has done with it.
  public func hold(_ name: String) async throws {
    try await connection.execute("select pg_advisory_lock(hashtextextended(\(name), 0))")
  }

  /// What this connection records from now on bears the token.
  public func mark(_ token: String) async throws {
    try await connection.execute("select set_config('callsheet.token', \(token), false)")
  }

  /// The last action with the token; nil: there is none, and there never will be. Waits until the server has done with the
  /// connection of that name, whose client may be gone before its work is.
  public func recorded(_ token: String, by name: String) async throws -> Recorded? {
    try await connection.transaction {
      try await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(\(name), 0))", timeLimit: .seconds(60))
      let result = try await connection.query(
        "select id, verb, entity, changed from actions where token = \(token) order by id desc limit 1")
      return try result.rows.first.map { row in
        let (id, verb, entity, changed) = try row.decode((Int64, String, String, Int).self)
        return Recorded(id: ActionID(id), verb: verb, entity: entity, changed: changed)
      }
    }
  }
}

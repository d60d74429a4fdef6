import PostgresClient
import SQLText

/// Brings a database's schema to what this binary needs.
public struct Migrator: Sendable {
  /// Any number that nothing else locks; the same in every version.
  private static let lockKey: Int64 = 0x63_616c_6c73_6865
  private static let lockTimeLimit: Duration = .seconds(300)

  /// Tells what a database has; its answer is what `migrate(_:knowing:)` takes.
  public static let question: SQL = "select name, checksum from schema_migrations order by name"

  let migrations: [Migration]

  /// With the migrations of this binary, or others, oldest first.
  public init(migrations: [Migration] = Migration.carried) { self.migrations = migrations }

  /// What the database lacks, oldest first; one query, empty when it is current.
  /// - Throws: `MigrationError` when the two do not go together; `PostgresError`.
  public func pending(_ connection: PostgresConnection) async throws -> [Migration] {
    try MigrationPlan.pending(applied: try await applied(connection), carried: migrations)
  }

  /// As `migrate(_:)`, which it calls only when something is missing or the question had no answer.
  public func migrate(_ connection: PostgresConnection, knowing answer: QueryResult?) async throws {
    if let answer, try MigrationPlan.pending(applied: Self.applied(answer), carried: migrations).isEmpty { return }
    try await migrate(connection)
  }

  /// Applies what is missing, each migration in a transaction of its own, one process at a time.
  /// - Returns: what was applied; empty, after one query, when the database was current.
  /// - Throws: `MigrationError`, with name and line when a migration fails; `PostgresError`.
  @discardableResult
  public func migrate(_ connection: PostgresConnection) async throws -> [Migration] {
    if try await pending(connection).isEmpty { return [] }
    try await connection.execute("select pg_advisory_lock(\(Self.lockKey))", timeLimit: Self.lockTimeLimit)
    do {
      let done = try await applyPending(connection)
      try await unlock(connection)
      return done
    } catch {
      // A lost connection has let go of the lock by itself.
      try? await unlock(connection)
      throw error
    }
  }

  private func unlock(_ connection: PostgresConnection) async throws {
    try await connection.execute("select pg_advisory_unlock(\(Self.lockKey))")
  }

  private func applyPending(_ connection: PostgresConnection) async throws -> [Migration] {
    try await connection.execute(
      """
      create table if not exists schema_migrations (
        name text primary key,
        checksum text not null,
        applied_at timestamptz not null default now()
      )
      """)
    // Again, under the lock: another process may just have been here.
    let pending = try await pending(connection)
    for migration in pending { try await apply(migration, connection) }
    return pending
  }

  private func apply(_ migration: Migration, _ connection: PostgresConnection) async throws {
    do {
      try await connection.transaction {
        try await connection.executeScript(migration.sql)
        try await connection.execute(
          "insert into schema_migrations (name, checksum) values (\(migration.name), \(migration.checksum))")
      }
    } catch let error as PostgresError where error.sqlState != nil {
      let line = error.position.map { " line \(Self.line(of: $0, in: migration.sql))" } ?? ""
      throw MigrationError(
        message: "migration \(migration.name)\(line) failed and was taken back: \(error)",
        hint: "the database is as it was before this migration")
    }
  }

  private func applied(_ connection: PostgresConnection) async throws -> [MigrationPlan.Applied] {
    do {
      return try Self.applied(try await connection.query(Self.question))
    } catch let error as PostgresError where error.sqlState == "42P01" {
      return []
    }
  }

  private static func applied(_ answer: QueryResult) throws -> [MigrationPlan.Applied] {
    try answer.rows.map { row in
      let (name, checksum) = try row.decode((String, String).self)
      return MigrationPlan.Applied(name: name, checksum: checksum)
    }
  }

  /// - Returns: the line, from 1, of a character, from 1.
  static func line(of position: Int, in text: String) -> Int {
    text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } + 1
  }
}

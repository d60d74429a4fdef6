import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

@testable import Store

@Suite struct MigratorTests {
  private static let first = Migration(name: "20260101000000_first", sql: "create table a (n int);")
  private static let second = Migration(
    name: "20260102000000_second", sql: "-- é\ncreate table b (n int);\ninsert into b values (1);")

  private func applied(_ connection: PostgresConnection) async throws -> [String] {
    try await connection.query("select name from schema_migrations order by name").rows.map {
      try $0.decode(String.self)
    }
  }

  @Test func `every file of the folder is carried, byte for byte`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../migrations").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
      .sorted()
    #expect(files == Migration.carried.map { $0.name + ".sql" })
    for migration in Migration.carried {
      let file = folder.appendingPathComponent(migration.name + ".sql")
      #expect(try String(contentsOf: file, encoding: .utf8) == migration.sql)
      #expect(migration.name.wholeMatch(of: /[0-9]{14}_[a-z0-9_]+/) != nil)
    }
  }

  @Test func `the binary's own migrations make a current database`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      let pending = try await Migrator().pending(connection)
      #expect(pending.isEmpty)
      #expect(try await applied(connection) == Migration.carried.map(\.name))
      #expect(try await connection.execute("select from production_runs") == 0)
    }
  }

  @Test func `only what is missing is applied`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let done = try await Migrator(migrations: [Self.first]).migrate(connection)
      #expect(done == [Self.first])
      let both = Migrator(migrations: [Self.first, Self.second])
      #expect(try await both.pending(connection) == [Self.second])
      #expect(try await both.migrate(connection) == [Self.second])
      #expect(try await both.migrate(connection) == [])
      #expect(try await connection.execute("select from b") == 1)
    }
  }

  @Test func `start-ups that race apply each once`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 {
          group.addTask {
            let own = try await PostgresConnection.connect(to: target, applicationName: "racer")
            return try await Migrator(migrations: [Self.first, Self.second]).migrate(own).count
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(total == 2)
      #expect(try await connection.execute("select from b") == 1)
    }
  }

  @Test func `a migration that fails is taken back and points at its line`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let broken = Migration(name: "20260103000000_broken", sql: "create table c (n int);\n-- é\nselect nothing;")
      let error = try #require(
        await #expect(throws: MigrationError.self) {
          try await Migrator(migrations: [Self.first, broken]).migrate(connection)
        })
      #expect(error.message.hasPrefix("migration 20260103000000_broken line 3 failed"))
      #expect(try await applied(connection) == [Self.first.name])
      #expect(try await connection.query("select to_regclass('c')").rows.first?[0] == nil)
      let locks = try await connection.execute(
        """
        select from pg_locks join pg_database on pg_database.oid = pg_locks.database
        where locktype = 'advisory' and datname = current_database()
        """)
      #expect(locks == 0)
    }
  }

  @Test func `a changed text is refused`() throws {
    let error = try #require(throws: MigrationError.self) {
      try MigrationPlan.pending(
        applied: [.init(name: Self.first.name, checksum: Self.second.checksum)], carried: [Self.first])
    }
    #expect(error.message.contains("its text has changed"))
    #expect(error.hint.contains("migrations/20260101000000_first.sql"))
  }

  @Test func `a newer database is refused, and one of another build`() throws {
    let newer = try #require(throws: MigrationError.self) {
      try MigrationPlan.pending(applied: [applied(Self.first), applied(Self.second)], carried: [Self.first])
    }
    #expect(newer.message.contains("newer than this callsheet"))
    let other = try #require(throws: MigrationError.self) {
      try MigrationPlan.pending(applied: [applied(Self.first)], carried: [Self.second])
    }
    #expect(other.message.contains("does not know"))
  }

  @Test func `a migration cannot slip in behind one that is applied`() throws {
    let error = try #require(throws: MigrationError.self) {
      try MigrationPlan.pending(applied: [applied(Self.second)], carried: [Self.first, Self.second])
    }
    #expect(error.hint == "give the file a later time in its name")
  }

  private func applied(_ migration: Migration) -> MigrationPlan.Applied {
    MigrationPlan.Applied(name: migration.name, checksum: migration.checksum)
  }

  @Test(arguments: [(1, 1), (3, 1), (4, 2), (6, 3), (7, 4)]) func `positions are lines`(position: Int, line: Int) {
    #expect(Migrator.line(of: position, in: "ab\nc\n\nd") == line)
  }
}

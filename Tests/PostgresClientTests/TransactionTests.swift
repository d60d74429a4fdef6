import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

@Suite struct TransactionTests {
  struct Refused: Error {}

  private func withTable(_ body: @Sendable (PostgresConnection, ConnectionTarget) async throws -> Void) async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      try await connection.execute("create table t (n int)")
      try await body(connection, target)
    }
  }

  private func numbers(_ connection: PostgresConnection) async throws -> [Int] {
    try await connection.query("select n from t order by n").rows.map { try $0.decode(Int.self) }
  }

  @Test func `an error takes everything back, and success keeps it`() async throws {
    try await withTable { connection, _ in
      await #expect(throws: Refused.self) {
        try await connection.transaction {
          try await connection.execute("insert into t values (1)")
          throw Refused()
        }
      }
      let value = try await connection.transaction {
        try await connection.execute("insert into t values (2)")
        return "kept"
      }
      #expect(value == "kept")
      #expect(try await numbers(connection) == [2])
      #expect(await !connection.isInTransaction)
    }
  }

  @Test func `calls of other tasks wait for the end`() async throws {
    try await withTable { connection, _ in
      let other = try await connection.transaction {
        try await connection.execute("insert into t values (1)")
        let other = Task.detached { try await connection.query("select count(*) from t").rows.first?[0] }
        async let child: Void = { _ = try await connection.execute("insert into t values (2)") }()
        try await child
        try await Task.sleep(for: .milliseconds(50))
        try await connection.execute("insert into t values (3)")
        return other
      }
      #expect(try await other.value == "3")
    }
  }

  @Test func `many tasks share a connection without mixing`() async throws {
    try await withTable { connection, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for n in 0..<40 {
          group.addTask {
            if n.isMultiple(of: 2) {
              try await connection.transaction {
                try await connection.execute("insert into t values (\(n))")
                await Task.yield()
                try await connection.execute("update t set n = n + 100 where n = \(n)")
              }
            } else {
              try await connection.execute("insert into t values (\(n + 100))")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await numbers(connection) == Array(100..<140))
    }
  }

  @Test func `a transaction within is a savepoint`() async throws {
    try await withTable { connection, _ in
      try await connection.transaction {
        try await connection.execute("insert into t values (1)")
        let error = try await failure {
          try await connection.transaction {
            try await connection.execute("insert into t values (2)")
            _ = try await connection.execute("select 1 / 0")
          }
        }
        #expect(error.sqlState == "22012")
        try await connection.transaction { try await connection.execute("insert into t values (3)") }
      }
      #expect(try await numbers(connection) == [1, 3])
    }
  }

  @Test func `a swallowed error does not pass for success`() async throws {
    try await withTable { connection, _ in
      let error = try await failure {
        try await connection.transaction {
          try await connection.execute("insert into t values (1)")
          _ = try? await connection.execute("select 1 / 0")
        }
      }
      #expect(error.sqlState == "25P02")
      #expect(try await numbers(connection) == [])
    }
  }

  @Test func `a cancelled task takes everything back`() async throws {
    try await withTable { connection, _ in
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let task = Task { try await insertAndSleep(connection, start) }
      await untilFinished(started)
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(error.kind == .cancelled)
      let kept = try await numbers(connection)
      #expect(kept == [])
    }
  }

  private func insertAndSleep(_ connection: PostgresConnection, _ start: AsyncStream<Void>.Continuation) async throws {
    try await connection.transaction {
      try await connection.execute("insert into t values (1)")
      start.finish()
      try await connection.execute("select pg_sleep(60)")
    }
  }

  @Test func `waiting for a transaction that waits for the waiter ends`() async throws {
    try await TestDatabase.withEmptyDatabase { _, target in
      let connection = try await PostgresConnection.connect(
        to: target, applicationName: "test", options: ConnectionOptions(queueTimeLimit: .milliseconds(200)))
      let error = try await failure {
        try await connection.transaction {
          try await Task.detached { try await connection.execute("select 1") }.value
        }
      }
      #expect(error.kind == .timedOut)
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `a commit without an answer is of unknown outcome`() async throws {
    try await withTable { connection, target in
      try await connection.executeScript(
        """
        create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$;
        create constraint trigger slowly after insert on t deferrable initially deferred
          for each row execute function slowly();
        """)
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let backend = try #require(await connection.backendProcessID)
      let task = Task { try await connection.transaction { try await connection.execute("insert into t values (1)") } }
      try await untilActive(backend, "commit", other)
      try await other.execute("select pg_terminate_backend(\(backend)::int)")
      #expect(try await failure { try await task.value }.kind == .outcomeUnknown)
      #expect(try await failure { try await connection.execute("select 1") }.kind == .connectionLost)
      #expect(try await numbers(other) == [])
    }
  }
}

/// Waits until a backend runs a statement that begins so.
func untilActive(_ backend: Int32, _ start: String, _ observer: PostgresConnection) async throws {
  for _ in 0..<2000 {
    let found = try await observer.execute(
      "select from pg_stat_activity where pid = \(backend) and state = 'active' and starts_with(query, \(start))")
    if found == 1 { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw PostgresError(.timedOut, "the backend did not begin")
}

/// Waits for the sign of another task.
func untilFinished(_ sign: AsyncStream<Void>) async {
  for await _ in sign {}
}

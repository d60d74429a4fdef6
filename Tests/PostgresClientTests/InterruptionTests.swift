import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

@Suite struct InterruptionTests {
  @Test func `cancelling the task cancels on the server and leaves the connection clean`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let backend = try #require(await connection.backendProcessID)
      let begun = ContinuousClock.now
      let task = Task { try await connection.execute("select pg_sleep(60)") }
      try await untilActive(backend, "select pg_sleep", other)
      task.cancel()
      #expect(try await failure { try await task.value }.kind == .cancelled)
      #expect(ContinuousClock.now - begun < .seconds(30))
      #expect(try await connection.query("select \(7)").rows.first?[0] == "7")
    }
  }

  @Test func `cancel() reaches what another task runs`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let backend = try #require(await connection.backendProcessID)
      await connection.cancel()
      let task = Task { try await connection.execute("select pg_sleep(60)") }
      try await untilActive(backend, "select pg_sleep", other)
      await connection.cancel()
      #expect(try await failure { try await task.value }.kind == .cancelled)
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `a time limit holds, and the next statement is not hit`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      for _ in 0..<5 {
        let error = try await failure {
          try await connection.execute("select pg_sleep(60)", timeLimit: .milliseconds(30))
        }
        #expect(error.kind == .timedOut)
        #expect(try await connection.execute("select pg_sleep(0.01)") == 1)
      }
    }
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table t (n int)")
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await connection.execute("insert into t values (1)")
      }
      task.cancel()
      #expect(try await failure { try await task.value }.kind == .cancelled)
      #expect(try await connection.execute("select from t") == 0)
    }
  }

  @Test func `a killed backend is a lost connection, and nothing is sent again`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      try await connection.execute("create table t (n int)")
      let backend = try #require(await connection.backendProcessID)
      let task = Task { try await connection.execute("insert into t select 1 from pg_sleep(60)") }
      try await untilActive(backend, "insert", other)
      try await other.execute("select pg_terminate_backend(\(backend)::int)")
      let error = try await failure { try await task.value }
      #expect(error.kind == .connectionLost)
      #expect(error.message.contains("administrator"))
      #expect(await connection.isBroken)
      for _ in 0..<2 {
        #expect(try await failure { try await connection.execute("insert into t values (2)") }.kind == .connectionLost)
      }
      #expect(try await other.execute("select from t") == 0)
    }
  }

  @Test func `a backend killed while idle is found by the next call`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let backend = try #require(await connection.backendProcessID)
      try await other.execute("select pg_terminate_backend(\(backend)::int, 5000)")
      let error = try await failure { try await connection.transaction { try await connection.execute("select 1") } }
      #expect(error.kind == .connectionLost)
    }
  }

  @Test func `a closed connection refuses, and an unused one ends by itself`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      var closing: PostgresConnection? = try await PostgresConnection.connect(to: target, applicationName: "closing")
      await closing?.close()
      let closed = try #require(closing)
      #expect(try await failure { try await closed.execute("select 1") }.kind == .connectionLost)
      closing = try await PostgresConnection.connect(to: target, applicationName: "forgotten")
      closing = nil
      var left = 1
      for _ in 0..<500 where left > 0 {
        left = try await connection.execute(
          "select from pg_stat_activity where application_name in ('closing', 'forgotten')")
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(left == 0)
    }
  }
}

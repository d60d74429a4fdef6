import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@Suite struct `An action whose connection is lost` {
  private func record(_ connection: PostgresConnection) async throws -> ActionID {
    try await Actions(connection).record(
      verb: "hold", entity: "cells", statement: "cells | hold", project: nil, run: nil, by: nil, selected: 3,
      changed: [1, 2], leftAlone: [])
  }

  @Test func `is found by its token when it was committed, and not when it was not`() async throws {
    try await TestDatabase.withDatabase { connection, target in
      let lost = try await PostgresConnection.connect(to: target, applicationName: "lost")
      let tokens = ActionTokens(lost)
      try await tokens.hold("shell")
      try await tokens.mark("shell/1")
      let id = try await record(lost)
      try await tokens.mark("shell/2")
      await lost.close()
      let found = try await ActionTokens(connection).recorded("shell/1", by: "shell")
      #expect(found?.id == id && found?.verb == "hold" && found?.changed == 2)
      #expect(try await ActionTokens(connection).recorded("shell/2", by: "shell") == nil)
      // What bears no token is nobody's.
      _ = try await record(connection)
      #expect(
        try await connection.query("select count(*) from actions where token is null").rows[0].decode(Int.self) == 1)
    }
  }

  @Test func `is not judged before the server has done with it`() async throws {
    try await TestDatabase.withDatabase { connection, target in
      let slow = try await PostgresConnection.connect(to: target, applicationName: "slow")
      try await ActionTokens(slow).hold("shell")
      try await ActionTokens(slow).mark("shell/1")
      let verdict = Task { try await ActionTokens(connection).recorded("shell/1", by: "shell") }
      // It has asked, and waits.
      let watcher = try await PostgresConnection.connect(to: target, applicationName: "watcher")
      while try await watcher.query("select count(*) from pg_locks where locktype = 'advisory' and not granted").rows[0]
        .decode(Int.self) == 0
      {}
      let id = try await record(slow)
      await slow.close()
      #expect(try await verdict.value?.id == id)
      await watcher.close()
    }
  }
}

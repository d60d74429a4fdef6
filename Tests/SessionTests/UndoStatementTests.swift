import Diagnostics
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator
@testable import Session

@Suite struct UndoStatementTests {
  private static func with(
    _ body: @Sendable (ProducerSession, PostgresConnection) async throws -> Void
  ) async throws {
    try await TestDatabase.withDatabase { connection, target in
      let file = ProductionFile.oneClip
      let source = StoredSource(
        character: "Aria", path: "/a.png", storedPath: "/a.png", sha256: String(repeating: "a", count: 64), bytes: 1)
      _ = try await connection.transaction {
        try await Productions(connection).apply(file, sources: [source])
      }
      let session = ProducerSession(
        connection: connection, settings: SessionSettings(user: "mira", media: MediaFolder(root: "/media"))
      ) {
        try await PostgresConnection.connect(to: target, applicationName: "test")
      }
      try await session.useWhatIsThere()
      try await body(session, connection)
      #expect(try await MatrixCheck(connection).differences() == [])
    }
  }

  @discardableResult
  private static func say(_ text: String, _ session: ProducerSession) async throws -> Outcome {
    let parsed = Parser.parse(SourceText(name: "test", text: text))
    let statement = try #require(parsed.statements.first, "\(parsed.diagnostics)")
    return try await session.execute(statement).outcome
  }

  private static func undone(_ outcome: Outcome) -> UndoneNote? {
    guard case .action(let report) = outcome else { return nil }
    return report.undone
  }

  @Test func `a run that was made is unmade with its cells, and made again with the same number`() async throws {
    try await Self.with { session, connection in
      try await Self.say("create run spring", session)
      let run = await session.context.run
      try await Self.say("undo", session)
      #expect(try await connection.query("select 1 from cells").rows.isEmpty)
      #expect(await session.context.run == nil)
      try await Self.say("undo 2", session)
      #expect(try await connection.query("select run_id from cells").rows[0].decode(Int64.self) == run?.id)
      // Without a number an undo is never what is undone.
      try await Self.say("undo", session)
      await #expect(throws: DiagnosticError.self) { try await Self.say("undo", session) }
    }
  }

  @Test func `which action was taken back is said, with its run where that is another`() async throws {
    try await Self.with { session, connection in
      try await Self.say("create run spring", session)
      try await Self.say("cells where true | hold", session)
      try await Self.say("create run summer", session)
      try await Self.say("use run spring", session)
      try await Self.say("cells where true | tag hero", session)
      try await Self.say("use run summer", session)
      let tag = try await Self.say("undo", session)
      #expect(Self.undone(tag) == UndoneNote(action: ActionID(4), verb: "tag", run: "spring"))
      try await Self.say("use run spring", session)
      #expect(
        Self.undone(try await Self.say("undo 2", session)) == UndoneNote(action: ActionID(2), verb: "hold", run: nil))
    }
  }

  @Test func `what cannot be taken back is not passed over in silence`() async throws {
    try await Self.with { session, connection in
      try await Self.say("create run spring", session)
      try await connection.execute(
        """
        insert into actions (project_id, user_id, verb, entity, statement, selected, changed)
        select project_id, user_id, 'apply', 'characters', 'apply "a.yaml"', 1, 1 from actions
        """)
      let error = await #expect(throws: DiagnosticError.self) { try await Self.say("undo", session) }
      #expect(error?.diagnostics.first?.message == "action 2 (apply) cannot be undone")
      #expect(error?.diagnostics.first?.hints == ["undo 1   takes back the create before it"])
      // Named, it is what was meant.
      let named = await #expect(throws: DiagnosticError.self) { try await Self.say("undo 2", session) }
      #expect(named?.diagnostics.first?.hints == [])
    }
  }

  @Test func `the undo of an undo that made a run again unmakes it`() async throws {
    try await Self.with { session, connection in
      try await Self.say("create run spring", session)
      try await Self.say("undo", session)
      for undo in 2...5 {
        try await Self.say("undo \(undo)", session)
        #expect(try await connection.query("select 1 from production_runs").rows.isEmpty == (undo % 2 == 1))
      }
    }
  }

  @Test func `a run with work in it is not unmade`() async throws {
    try await Self.with { session, connection in
      try await Self.say("create run spring", session)
      try await Self.say("cells where true | submit", session)
      let error = await #expect(throws: DiagnosticError.self) { try await Self.say("undo 1", session) }
      #expect(error?.diagnostics.first?.code == "moved_on")
      #expect(error?.diagnostics.first?.message == "action 1 (create) cannot be undone whole: 1 run in work")
      #expect(error?.diagnostics.first?.hints == [])
      try await Self.say("undo", session)
      try await Self.say("undo", session)
      #expect(try await connection.query("select 1 from production_runs").rows.isEmpty)
    }
  }

  @Test func `a pause and a resume are taken back`() async throws {
    try await Self.with { session, connection in
      func status() async throws -> String {
        try await connection.query("select status from query_runs").rows[0].decode(column: 0)
      }
      try await Self.say("create run spring", session)
      try await Self.say("cells where true | submit", session)
      try await Self.say("pause", session)
      try await Self.say("undo", session)
      #expect(try await status() == "running")
      try await Self.say("pause", session)
      try await Self.say("resume", session)
      try await Self.say("undo", session)
      #expect(try await status() == "paused")
      await #expect(throws: DiagnosticError.self) { try await Self.say("undo 3", session) }
    }
  }

  @Test func `what cannot be undone says so with the way out`() async throws {
    try await Self.with { session, _ in
      func code(_ text: String) async throws -> String? {
        await #expect(throws: DiagnosticError.self) { try await Self.say(text, session) }?.diagnostics.first?.code
      }
      #expect(try await code("undo") == "unknown_action")
      #expect(try await code("undo 7") == "unknown_action")
      try await Self.say("create run spring", session)
      try await Self.say("cells where true | tag night", session)
      try await Self.say("cells where true | tag night", session)
      #expect(try await code("undo 3") == "nothing_to_undo")
      try await Self.say("undo", session)
      #expect(try await code("undo 2") == "undone_already")
    }
  }
}

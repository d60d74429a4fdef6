import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store
import TestDatabase
import TestFixtures
import Testing

@testable import Session

/// The productions of `Fixtures/world.sql` in a database of their own, at a fixed moment.
struct World: Sendable {
  let connection: PostgresConnection
  let target: ConnectionTarget

  /// 2026-11-22 12:00 in UTC.
  static let now = Date(timeIntervalSince1970: 1_795_348_800)
  static let compiler = PipelineCompiler(scope: QueryScope(projectID: 1, runID: 1))

  static func with(_ body: @Sendable (World) async throws -> Void) async throws {
    let script = String(decoding: try Snapshot.fixture("world.sql"), as: UTF8.self)
    try await TestDatabase.withDatabase { connection, target in
      try await connection.executeScript(script)
      try await body(World(connection: connection, target: target))
    }
  }

  /// A session in run spring of neon-city, for a producer who says yes to everything.
  func session() async throws -> ProducerSession {
    let target = target
    let folder = NSTemporaryDirectory() + "callsheet-language-\(UUID().uuidString)"
    let session = ProducerSession(
      connection: connection,
      settings: SessionSettings(
        user: "mira", media: MediaFolder(root: folder), assumesYes: true, now: { Self.now }, timeZone: .gmt)
    ) {
      try await PostgresConnection.connect(to: target, applicationName: "test")
    }
    try await session.use(project: "neon-city", run: "spring")
    return session
  }

  /// With the names and macros that exist.
  func checker(variables: [String: Literal] = [:]) async throws -> Checker {
    let read = try await Names(connection).read(NameKind.allCases, project: ProjectID(1))
    var names = LiveNames()
    for kind in ReferenceKind.allCases {
      names.entries[kind] = (read[NameKind(kind)] ?? []).map { LiveNames.Entry(id: $0.id, name: $0.name) }
    }
    let texts = try await connection.query("select definition from query_macros where project_id = 1").rows.map {
      try $0.decode(String.self)
    }
    return Checker(
      catalogue: .standard, names: names, macros: MacroLibrary(texts: texts), variables: variables, now: Self.now,
      timeZone: .gmt)
  }

  static func statement(_ text: String) throws -> Statement {
    try #require(Parser.parse(SourceText(name: "test", text: text)).statements.first, "\(text)")
  }

  static func pipeline(_ text: String, _ checker: Checker) throws -> CheckedPipeline {
    let (checked, diagnostics) = checker.check(try statement(text))
    guard case .pipeline(let pipeline) = checked else {
      throw DiagnosticError(diagnostics)
    }
    return pipeline
  }
}

import Diagnostics
import Foundation
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import TestDatabase
import Testing

/// The catalogue and the compiler against the schema of the migrations.
@Suite struct `language on the schema` {
  private static func pipeline(_ text: String) throws -> CheckedPipeline {
    let statement = try #require(Parser.parse(SourceText(name: "test", text: text)).statements.first)
    let checker = Checker(
      catalogue: .standard, names: LiveNames(), now: Date(timeIntervalSince1970: 1_795_345_200), timeZone: .gmt)
    guard case .pipeline(let pipeline) = checker.check(statement).0 else {
      throw DiagnosticError(checker.check(statement).1)
    }
    return pipeline
  }

  @Test func `every field of every entity can be shown, compared, sorted and grouped by`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      let compiler = PipelineCompiler(scope: QueryScope(projectID: 1, runID: 1))
      for entity in Catalogue.standard.entities {
        let fields = entity.fields.map(\.name).joined(separator: ", ")
        let everything = compiler.rows(try Self.pipeline("\(entity.name) | pick \(fields)"))
        _ = try await connection.query(everything.sql)
        for field in entity.fields {
          let value = Self.value(of: field)
          let condition =
            "\(field.name) = \(value) or \(field.name) != \(value) or \(field.name) not in (\(value), null)"
          let pipeline = try Self.pipeline("\(entity.name) where \(condition) | sort -\(field.name) | take last 3")
          _ = try await connection.query(compiler.rows(pipeline).sql)
          _ = try await connection.query(compiler.ids(pipeline))
          _ = try await connection.query(compiler.total(pipeline))
          let groups = try Self.pipeline("\(entity.name) | distinct \(field.name) | sample 2")
          _ = try await connection.query(compiler.rows(groups).sql)
        }
      }
    }
  }

  private static func value(of field: Field) -> String {
    switch field.type {
    case .bool: "true"
    case .int, .reference: "1"
    case .double: "50%"
    case .text: "\"it's\""
    case .word(let vocabulary): vocabulary.words[0]
    case .time: "today"
    case .duration: "2h"
    case .list(let vocabulary): vocabulary?.words[0] ?? "hero"
    }
  }

  @Test(arguments: [
    ("users", "ann bo cy dee"),
    ("users where role = producer", "ann"),
    ("users where role != producer", "bo cy dee"),
    ("users where not role = producer", "bo cy dee"),
    ("users where not (role = producer or role = reviewer)", "cy dee"),
    ("users where role not in (producer, viewer)", "bo cy dee"),
    ("users where role not in (producer, null)", "bo"),
    ("users where role in (producer, null)", "ann cy dee"),
    ("users where role = null", "cy dee"),
    ("users where role != null", "ann bo"),
    ("users where role is set and name like \"A*\"", "ann"),
    ("users where not name like \"?o\"", "ann cy dee"),
    ("users where name ~ /^[AB]/i", "ann bo"),
    ("users | sort -role", "bo ann cy dee"),
    ("users | sort role | take last 3", "bo cy dee"),
    ("users | sort -name | take 3 | where role is null | take last 1", "cy"),
    ("users | offset 1 | take 2 | offset 1", "cy"),
    ("users where role = producer | union (users | take last 1)", "ann dee"),
    ("users | except users where role is set", "cy dee"),
    ("users | take 3 | intersect (users | take last 3)", "bo cy"),
    ("users where created_at since 2h and name = \"' or true --\"", ""),
  ])
  func `a statement chooses what it says`(text: String, names: String) async throws {
    try await TestDatabase.withDatabase { connection, _ in
      try await Self.insertUsers(connection)
      let compiler = PipelineCompiler(scope: QueryScope(projectID: 1))
      let pipeline = try Self.pipeline(text)
      let rows = try await connection.query(compiler.rows(pipeline).sql).rows
      let found = try rows.map { try $0.decode(column: 1, as: String.self) }
      #expect(found.joined(separator: " ") == names)
      let total = try await connection.query(compiler.total(pipeline)).rows[0].decode(column: 0, as: Int.self)
      #expect(total == found.count)
      #expect(try await connection.query(compiler.ids(pipeline)).rows.count == found.count)
    }
  }

  @Test func `groups count and expectations hold for every row`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      try await Self.insertUsers(connection)
      let compiler = PipelineCompiler(scope: QueryScope(projectID: 1))
      let pipeline = try Self.pipeline("users | group by role | expect count < 2")
      let rows = try await connection.query(compiler.rows(pipeline).sql).rows
      #expect(try rows.map { try $0.decode(column: 1, as: Int.self) } == [1, 1, 2])
      let expectation = try #require(pipeline.expectation)
      let tally = try await connection.query(compiler.tally(expectation, of: pipeline)).rows[0]
      #expect(try tally.decode((Int, Int).self) == (1, 3))
      let unmet = try await connection.query(compiler.firstUnmet(expectation, in: pipeline).sql).rows
      #expect(try unmet.map { try $0.decode(column: 1, as: Int.self) } == [2])
    }
  }

  private static func insertUsers(_ connection: PostgresConnection) async throws {
    try await connection.executeScript(
      """
      insert into projects (id, name, folder) values (1, 'neon-city', '.');
      insert into users (id, name) values (1, 'ann'), (2, 'bo'), (3, 'cy'), (4, 'dee');
      insert into project_members (project_id, user_id, role) values (1, 1, 'producer'), (1, 2, 'reviewer');
      """)
  }
}

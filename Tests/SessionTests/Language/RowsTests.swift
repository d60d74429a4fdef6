import Diagnostics
import Foundation
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import TestFixtures
import Testing

/// Each statement of `rows.callsheet` with the SQL it becomes and the rows that come of it.
@Suite struct `statements, their SQL and their rows` {
  @Test func `are as they were`() async throws {
    let source = SourceText(name: "rows.callsheet", bytes: try Snapshot.fixture("rows.callsheet"))
    let statements = Parser.parse(source).statements
    try await World.with { world in
      let checker = try await world.checker()
      var pages: [String] = []
      for statement in statements {
        guard case .pipeline(let pipeline) = checker.check(statement).0 else {
          throw DiagnosticError(checker.check(statement).1)
        }
        let query = World.compiler.rows(pipeline)
        let displayed = query.sql.displayed()
        let rows = try await Self.rows(query.sql, world.connection)
        // The readable form is the same statement: with its values in place it brings the same rows.
        let pasted: SQL = "\(unsafeSQL: displayed)"
        #expect(try await Self.rows(pasted, world.connection) == rows, "\(statement.text)")
        let ids =
          pipeline.shape.isEntity ? try await world.connection.query(World.compiler.ids(pipeline)).rows.count : nil
        let total = try await world.connection.query(World.compiler.total(pipeline)).rows[0].decode(Int.self)
        #expect(total == rows.count && (ids ?? total) == total, "\(statement.text)")
        let values = query.sql.rendered().bindings.map(\.literal).joined(separator: "  ")
        var page = "\(statement.text)\n\(Self.indented(displayed))\n  -- \(values)\n" + rows.map { "\($0)\n" }.joined()
        if let expectation = pipeline.expectation {
          let tally = try await Self.rows(World.compiler.tally(expectation, of: pipeline), world.connection)
          let first = World.compiler.firstUnmet(expectation, in: pipeline)
          page += "  -- does not hold, of: \(tally[0])\n"
          page += try await Self.rows(first.sql, world.connection).map { "  -- first: \($0)\n" }.joined()
        }
        pages.append(page)
      }
      try Snapshot.check(pages.joined(separator: "\n"), "rows.txt")
    }
  }

  private static func rows(_ sql: SQL, _ connection: PostgresConnection) async throws -> [String] {
    try await connection.query(sql).rows.map { row in
      (0..<row.count).map { (row[$0] ?? "-").replacing("\n", with: "\\n") }.joined(separator: " | ")
    }
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
  }
}

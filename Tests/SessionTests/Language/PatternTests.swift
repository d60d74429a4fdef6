import Diagnostics
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Testing

@testable import Session

@Suite struct `regular expressions` {
  private static func refusal(_ text: String, _ session: ProducerSession) async throws -> [Diagnostic] {
    do {
      _ = try await session.execute(try World.statement(text))
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics
    }
  }

  @Test(arguments: [
    ("cells where error ~ /(open/", "/(open/"), ("cells where id = 999 and error ~ /a{2,1}/i", "/a{2,1}/i"),
    ("cells | where error ~ /*/ | submit", "/*/"), ("plan cells where not (error ~ /[z-a]/) | submit", "/[z-a]/"),
    ("cells where stale | union (cells where error ~ /(?</)", "/(?</"),
    ("save @bad = cells where error ~ /)(/", "/)(/"),
    ("cells | group by error | expect error ~ /[/", "/[/"), ("why where error ~ /\\/", "/\\/"),
  ])
  func `that are none are refused under their own letters, whether or not a row is there`(
    text: String, pattern: String
  ) async throws {
    try await World.with { world in
      let session = try await world.session()
      let before = try await world.fingerprint()
      let found = try await Self.refusal(text, session)
      if found.map(\.code) == ["syntax"] { return }
      #expect(found.map(\.code) == ["bad_pattern"], "\(text)")
      let diagnostic = try #require(found.first)
      #expect(diagnostic.source.map { source in diagnostic.span.map { source[$0] } } == pattern)
      #expect(diagnostic.message.hasPrefix("this is no regular expression: "))
      #expect(try await world.fingerprint() == before)
    }
  }

  @Test func `several mistakes are all told, and a transaction goes on`() async throws {
    try await World.with { world in
      let session = try await world.session()
      try await world.connection.transaction {
        let text = "cells where error ~ /(/ or note ~ /fine/ or note ~ /[/"
        let found = try await Self.refusal(text, session)
        #expect(found.map(\.code) == ["bad_pattern", "bad_pattern"])
        #expect(try await Self.refusal("cells where error ~ /memory/", session).isEmpty)
      }
    }
  }
}

@Suite struct `kept counts` {
  /// `id > 0` is true of every cell and no question of its status, so that the cells themselves are counted.
  @Test(arguments: [
    "true", "status = failed", "status != failed", "status in (failed, approved, blocked)",
    "status not in (failed, approved)",
    "not (status = blocked or status = queued)", "status like \"*ed\"", "status ~ /^q/", "status is null",
    "status = failed and false",
  ])
  func `are those that counting comes to`(condition: String) async throws {
    try await World.with { world in
      let checker = try await world.checker()
      for ending in ["count", "group by status", "group count by status | where count > 1", "sort -updated_at | count"]
      {
        let kept = World.compiler.rows(try World.pipeline("cells where \(condition) | \(ending)", checker)).sql
        let counted = World.compiler.rows(
          try World.pipeline("cells where \(condition) | where id > 0 | \(ending)", checker)
        ).sql
        #expect(kept.rendered().text.contains("run_status_counts"))
        #expect(counted.rendered().text.contains("query_cells"))
        let rows = try await [kept, counted].asyncMap { sql in
          try await world.connection.query(sql).rows.map { row in (0..<row.count).map { row[$0] } }
        }
        #expect(rows[0] == rows[1], "\(condition) | \(ending)")
      }
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async throws -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}

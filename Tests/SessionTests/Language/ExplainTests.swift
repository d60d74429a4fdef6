import Diagnostics
import Model
import PostgresClient
import QueryLanguage
import SQLText
import TestFixtures
import Testing

@testable import Session

@Suite struct `explain` {
  private static func explanation(_ text: String, _ session: ProducerSession) async throws -> Explanation {
    let outcome = try await session.execute(try World.statement(text)).outcome
    guard case .explanation(let explanation, _) = outcome else {
      Issue.record("\(text) gave \(outcome)")
      throw DiagnosticError([])
    }
    return explanation
  }

  @Test func `says the rows, the steps, the SQL, the values and what an action would touch`() async throws {
    let source = SourceText(name: "explained.callsheet", bytes: try Snapshot.fixture("explained.callsheet"))
    try await World.with { world in
      let session = try await world.session()
      let before = try await world.fingerprint()
      var pages: [String] = []
      for statement in Parser.parse(source).statements {
        let explanation = try await Self.explanation("explain " + statement.text, session)
        #expect(explanation.estimatedRows >= 0)
        #expect(explanation.rows == nil && explanation.timings.isEmpty)
        // What it prints can be pasted: the server takes it as it stands.
        let sql: SQL = "\(unsafeSQL: String(explanation.sql.dropLast()))"
        _ = try await world.connection.query(sql)
        pages.append(Self.page(statement.text, explanation))
      }
      try Snapshot.check(pages.joined(separator: "\n"), "explained.txt")
      #expect(try await world.fingerprint() == before)
    }
  }

  private static func page(_ text: String, _ explanation: Explanation) -> String {
    var lines = [text, "  " + explanation.place] + explanation.steps.map { "    " + $0 }
    lines += explanation.sql.split(separator: "\n").map { "  \($0)" }
    lines.append("  " + explanation.bindings.joined(separator: "  "))
    if let touch = explanation.touch {
      lines.append("  selects " + touch.statuses.map { "\($0.count) \($0.status)" }.joined(separator: ", "))
      let alone = touch.plan.report.leftAlone.map { "\($0.count) \($0.reason)" }.joined(separator: ", ")
      lines.append("  changes \(touch.plan.report.changed), leaves alone \(alone)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test(arguments: ["cells where status=failed", "cells | matrix", "why", "cells | group by status", "progress"])
  func `analyze runs what reads and says where the time went`(text: String) async throws {
    try await World.with { world in
      let session = try await world.session()
      let outcome = try await session.execute(try World.statement("explain analyze " + text)).outcome
      guard case .explanation(let explanation, let shown?) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(explanation.timings.map(\.stage) == ["parse", "check", "compile", "plan", "server", "fetch"])
      #expect(explanation.timings.allSatisfy { $0.milliseconds >= 0 })
      #expect(explanation.rows != nil)
      #expect(try await session.execute(try World.statement(text)).outcome.isLike(shown))
    }
  }

  @Test func `analyze does not run an action`() async throws {
    try await World.with { world in
      let session = try await world.session()
      let before = try await world.fingerprint()
      let statement = try World.statement("explain analyze cells where status=failed | submit")
      await #expect {
        _ = try await session.execute(statement)
      } throws: { error in
        (error as? DiagnosticError)?.diagnostics.map(\.code) == ["explain_action"]
      }
      #expect(try await world.fingerprint() == before)
    }
  }
}

extension Outcome {
  /// The same kind of answer with the same rows; times of asking differ.
  fileprivate func isLike(_ other: Outcome) -> Bool {
    if case (.why(let left), .why(let right)) = (self, other) { return left.blockages == right.blockages }
    return self == other
  }
}

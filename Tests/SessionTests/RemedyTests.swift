import Diagnostics
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Testing

@testable import Session

/// What `why` says to do is done, word for word, and the cause is gone.
@Suite struct RemedyTests {
  struct Trouble: Sendable, CustomTestStringConvertible {
    let cause: BlockCause
    let cells: String
    /// How it comes about: facts that no statement makes, then statements.
    var facts: [SQL] = []
    var statements: [String] = []
    /// Remedies to carry out; those left out need a file of the producer's.
    var remedies = 0..<1

    var testDescription: String { cause.rawValue }
  }

  static let troubles = [
    Trouble(cause: .variantApproval, cells: "id in (4..6)"),
    Trouble(cause: .sourceQAFailed, cells: "id = 7", remedies: 1..<3),
    Trouble(cause: .takeFailed, cells: "id = 1"),
    Trouble(cause: .qaReview, cells: "id = 2", remedies: 0..<2),
    Trouble(cause: .takeRejected, cells: "id = 2", statements: ["cells where id = 2 | reject reason=\"eyes\""]),
    Trouble(cause: .runPaused, cells: "id in (3, 4)", statements: ["pause"]),
    Trouble(cause: .held, cells: "id in (4, 6)", statements: ["cells where id in (4, 6) | hold"]),
    Trouble(cause: .variantRejected, cells: "id in (4..6)", statements: ["variants where character=Bo | reject"]),
    Trouble(
      cause: .variantFailed, cells: "id in (4..6)",
      facts: ["update variants set status = 'failed', error = 'no memory' where status = 'review'"]),
    Trouble(
      cause: .variantStale, cells: "id in (4..6)",
      facts: ["update variants set status = 'approved', source_sha256 = repeat('b', 64) where status = 'review'"]),
    Trouble(cause: .stale, cells: "id = 2", facts: ["update variants set sha256 = repeat('b', 64) where id = 1"]),
    Trouble(
      cause: .sceneTypeHeld, cells: "id = 1",
      facts: [
        "update scene_types set tripped_at = now(), tripped_error = 'no memory', failed_in_a_row = 5 where id = 1"
      ],
      statements: ["cells where id = 1 | resubmit"]),
    Trouble(
      cause: .gpuBudget, cells: "id = 1", facts: ["update budgets set allowed = reserved + spent"],
      statements: ["cells where id = 1 | resubmit"]),
    Trouble(
      cause: .noWorker, cells: "id = 3", facts: ["update workers set stopped_at = now()"], remedies: 0..<0),
  ]

  @Test(arguments: troubles) func `every remedy parses, and clears its cause when it is pasted`(_ trouble: Trouble)
    async throws
  {
    for index in trouble.remedies.isEmpty ? 0..<1 : trouble.remedies {
      try await Stage.with { stage in
        let mira = try await stage.session()
        for fact in trouble.facts { try await stage.connection.execute(fact) }
        for statement in trouble.statements { try await mira.say(statement) }
        let before = try await Self.blockage(trouble, mira)
        let blockage = try #require(before, "nothing is held up by it")
        // Since when a budget is too small for them nobody knows.
        #expect((blockage.since != nil || trouble.cause == .gpuBudget) && blockage.chain.count > 1)
        for remedy in blockage.remedies {
          let parsed = Parser.parse(SourceText(name: "remedy", text: remedy.line))
          #expect(parsed.diagnostics.isEmpty && parsed.statements.count == (remedy.statement == nil ? 0 : 1))
        }
        if trouble.remedies.isEmpty { return }
        try await mira.say(blockage.remedies[index].line)
        let after = try await Self.blockage(trouble, mira)
        #expect(after == nil, "\(blockage.remedies[index].line)")
      }
    }
  }

  private static func blockage(_ trouble: Trouble, _ session: ProducerSession) async throws -> Blockage? {
    guard case .why(let report) = try await session.say("cells where \(trouble.cells) | why") else { return nil }
    return report.blockages.first { $0.cause == trouble.cause.rawValue }
  }

  @Test func `the production file is named from where the producer is`() async throws {
    try await Stage.with { stage in
      let mira = try await stage.session()
      try await stage.connection.execute(
        "update projects set folder = '/films/neon city', file = 'neon.yaml'")
      guard case .why(let report) = try await mira.say("cells where id = 7 | why") else { return }
      let remedy = report.blockages.first { $0.cause == "source_qa_failed" }?.remedies.first
      #expect(remedy?.statement == #"apply "/films/neon city/neon.yaml""#)
    }
    #expect(ShownPath.of("/films/neon/production.yaml", from: "/films") == "neon/production.yaml")
    #expect(ShownPath.of("/films/neon/production.yaml", from: "/") == "films/neon/production.yaml")
    #expect(ShownPath.of("/films/neon/production.yaml", from: "/fil") == "/films/neon/production.yaml")
  }
}

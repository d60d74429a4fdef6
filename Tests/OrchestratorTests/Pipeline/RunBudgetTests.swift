import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// Budgets of runs beside that of their project.
@Suite struct RunBudgetTests {
  /// A second run over the scene types from the third on, with a budget of its own; the first run has those before.
  private static func make(_ fixture: PipelineFixture, _ gpuSeconds: Double?) async throws -> RunID {
    let connection = fixture.connection
    return try await connection.transaction {
      let (run, _) = try await Runs(connection).create(
        name: "other", project: fixture.project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
      if let gpuSeconds {
        try await RunBudgets(connection).set(BudgetChange(gpuHours: .amount(gpuSeconds / 3600)), of: run)
      }
      return run
    }
  }

  private static func cells(_ run: RunID, _ fixture: PipelineFixture, _ sceneTypes: SQL) async throws -> [Int64] {
    try await fixture.ids(
      "select id from cells where run_id = \(run) and scene_type_id in (select id from scene_types where \(sceneTypes)) order by id"
    )
  }

  private static func queued(_ run: RunID, _ fixture: PipelineFixture) async throws -> Int {
    try await fixture.ids(
      "select id from cells where run_id = \(run) and submitted and status in ('queued', 'qa_review')"
    ).count
  }

  private static func submit(_ cells: [Int64], _ fixture: PipelineFixture) async throws {
    try await fixture.act(.submit(takeNew: false, priority: nil), .cells(cells))
  }

  // A take is estimated at 20 s and uses 6; a look at 1 s and uses 2.

  @Test func `two runs never spend more than their own and the project's budget`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 6, gpuHours: 85.0 / 3600)) { fixture in
      let other = try await Self.make(fixture, 45)
      try await Self.submit(try await Self.cells(other, fixture, "position > 3"), fixture)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      // Of three, two fit into the run's own budget, whose look took 2 s of it.
      #expect(try await Self.queued(other, fixture) == 2)
      try await Self.submit(try await Self.cells(fixture.run, fixture, "position <= 3"), fixture)
      #expect(try await Self.queued(fixture.run, fixture) == 2)
      let over = try await fixture.ids("select id from budgets where reserved + spent > allowed")
      #expect(over.isEmpty)
    }
  }

  @Test func `a run whose budget is spent does not keep others from what is given back`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 6, gpuHours: 45.0 / 3600)) { fixture in
      let other = try await Self.make(fixture, 5)
      // It waits for its own budget, before all others.
      try await fixture.act(
        .submit(takeNew: false, priority: 90), .cells(try await Self.cells(other, fixture, "position > 3")))
      try await Self.submit(try await Self.cells(fixture.run, fixture, "position <= 3"), fixture)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      #expect(try await Self.queued(fixture.run, fixture) == 2)
      #expect(try await Self.queued(other, fixture) == 0)
      try await fixture.work()
      #expect(try await Self.queued(fixture.run, fixture) == 3)
      #expect(try await Self.queued(other, fixture) == 0)
      let why = try await WhyReads(fixture.connection).report(try await Self.cells(other, fixture, "position > 3"))
      #expect(why.blockages.map(\.cause) == ["gpu_budget"])
    }
  }

  @Test func `a budget that is set in the middle begins with what was used, and settles like any other`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 2)) { fixture in
      try await fixture.queueTakes()
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      _ = try await RunBudgets(fixture.connection).set(
        BudgetChange(gpuHours: .amount(1), diskGB: .amount(1)), of: fixture.run)
      try await fixture.expectTruth()
      #expect(try await fixture.budget().reserved == 30)
      #expect(try await fixture.budget().spent == 5)
      try await fixture.work()
      #expect(try await fixture.budget().reserved == 0)
      #expect(try await fixture.budget().spent == 2 + 4 * 3)
    }
  }
}

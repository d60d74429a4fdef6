import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// `submit fit=true`. A take is estimated at 20 s and uses 6; a look at 1 s and uses 2.
@Suite struct FitTests {
  private static func with(
    _ sceneTypes: Int, gpuSeconds: Double, _ body: @Sendable (PipelineFixture) async throws -> Void
  ) async throws {
    let size = PipelineFixture.Size(characters: 1, sceneTypes: sceneTypes, gpuHours: gpuSeconds / 3600)
    try await PipelineFixture.with(size, body)
  }

  private static func submit(_ fixture: PipelineFixture, _ cells: [Int64]? = nil) async throws -> ActionReport {
    let all = try await fixture.cells()
    return try await fixture.act(.submit(takeNew: false, priority: nil, fit: true), .cells(cells ?? all))
  }

  private static func served(_ fixture: PipelineFixture) async throws -> [Int64] {
    try await fixture.ids("select id from cells where reserved_gpu_seconds is not null order by id")
  }

  private static func causes(_ fixture: PipelineFixture, _ cells: [Int64]) async throws -> Set<String> {
    Set(try await WhyReads(fixture.connection).report(cells).blockages.map(\.cause))
  }

  @Test func `as many as fit are set aside by priority, and the others go on when something is given back`()
    async throws
  {
    try await Self.with(4, gpuSeconds: 45) { fixture in
      let cells = try await fixture.cells()
      try await fixture.act(.prioritize(90), .cells([cells[3]]))
      let report = try await Self.submit(fixture)
      #expect(report.changed == 4 && report.notDone.map(\.count) == [2])
      #expect(try await Self.served(fixture) == [cells[0], cells[3]])
      #expect(try await fixture.budget().reserved == 40)
      #expect(try await Self.causes(fixture, [cells[1]]).contains("gpu_budget"))
      #expect(try await Self.causes(fixture, [cells[0]]).contains("gpu_budget") == false)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      #expect(try await fixture.cells("status = 'queued'") == [cells[0], cells[3]])
      #expect(try await fixture.budget().reserved == 40)
      #expect(try await Self.causes(fixture, [cells[1], cells[2]]) == ["gpu_budget"])
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
      #expect(try await fixture.budget().reserved == 0)
    }
  }

  @Test func `nothing is made for a cell whose take the budget does not hold, until it grows`() async throws {
    try await Self.with(1, gpuSeconds: 15) { fixture in
      _ = try await Self.submit(fixture)
      try await fixture.work()
      #expect(try await fixture.ids("select count(*) from variants where status <> 'not_started'") == [0])
      let larger = PipelineFixture.file(.init(characters: 1, sceneTypes: 1, gpuHours: 30.0 / 3600))
      try await fixture.connection.transaction {
        _ = try await Productions(fixture.connection).apply(larger, sources: PipelineFixture.sources(larger))
      }
      try await fixture.expectTruth()
      try await fixture.work()
      #expect(try await fixture.ids("select count(*) from variants where status = 'review'") == [1])
    }
  }

  @Test func `a plain submit makes the look all the same`() async throws {
    try await Self.with(1, gpuSeconds: 15) { fixture in
      try await fixture.submitAll()
      try await fixture.work()
      #expect(try await fixture.ids("select count(*) from variants where status = 'review'") == [1])
    }
  }

  @Test func `what is set aside comes back with a cancel, a skip and an undo, and with a plain submit`() async throws {
    try await Self.with(3, gpuSeconds: 65) { fixture in
      let cells = try await fixture.cells()
      _ = try await Self.submit(fixture)
      #expect(try await fixture.budget().reserved == 60)
      try await fixture.act(.cancel, .cells([cells[0]]))
      #expect(try await fixture.budget().reserved == 40)
      try await fixture.act(.skip(reason: nil), .cells([cells[1]]))
      #expect(try await fixture.budget().reserved == 20)
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells([cells[2]]))
      #expect(try await fixture.budget().reserved == 0)
      let report = try await Self.submit(fixture, [cells[0], cells[2]])
      #expect(try await fixture.budget().reserved == 40)
      let context = ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "undo")
      _ = try await UndoRunner(fixture.connection).run(report.id, partial: false, in: context)
      try await fixture.expectTruth()
      #expect(try await fixture.budget().reserved == 0)
    }
  }

  @Test func `others cannot spend what is set aside`() async throws {
    try await Self.with(3, gpuSeconds: 45) { fixture in
      let cells = try await fixture.cells()
      _ = try await Self.submit(fixture, [cells[2]])
      try await fixture.act(.submit(takeNew: false, priority: 90), .cells([cells[0], cells[1]]))
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      #expect(try await fixture.cells("status = 'queued'") == [cells[0], cells[2]])
      let over = try await fixture.ids("select id from budgets where reserved + spent > allowed")
      #expect(over.isEmpty)
    }
  }

  private static func otherRun(_ fixture: PipelineFixture) async throws -> [Int64] {
    let connection = fixture.connection
    let other = try await connection.transaction {
      try await Runs(connection).create(
        name: "other", project: fixture.project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil
      ).id
    }
    return try await fixture.ids("select id from cells where run_id = \(other) order by id")
  }

  @Test func `two runs that want the same scene pay for it once`() async throws {
    try await Self.with(1, gpuSeconds: 65) { fixture in
      let others = try await Self.otherRun(fixture)
      _ = try await Self.submit(fixture)
      _ = try await Self.submit(fixture, others)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      #expect(try await fixture.budget().reserved == 20)
      try await fixture.work()
      #expect(try await fixture.budget().reserved == 0)
    }
  }

  @Test func `what two runs had set aside for one scene goes to others when its take begins`() async throws {
    try await Self.with(3, gpuSeconds: 65) { fixture in
      let cells = try await fixture.cells()
      let others = try await Self.otherRun(fixture)
      _ = try await Self.submit(fixture, [cells[0], cells[1], others[0]])
      #expect(try await Self.served(fixture) == [cells[0], cells[1], others[0]])
      _ = try await Self.submit(fixture, [cells[2]])
      try await fixture.work([.sourceQA, .variant])
      #expect(try await fixture.budget().reserved == 60)
      try await fixture.approveVariants()
      #expect(try await fixture.statuses() == ["queued": 3])
      #expect(try await fixture.budget().reserved == 60)
    }
  }

  @Test func `what a plain submit gives back goes to others at once`() async throws {
    try await Self.with(2, gpuSeconds: 35) { fixture in
      let cells = try await fixture.cells()
      _ = try await Self.submit(fixture)
      #expect(try await Self.served(fixture) == [cells[0]])
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells([cells[0]]))
      #expect(try await Self.served(fixture) == [cells[1]])
    }
  }

  @Test func `a take that was set aside begins when a budget that was exceeded has any room again`() async throws {
    try await Self.with(2, gpuSeconds: 45) { fixture in
      let cells = try await fixture.cells()
      _ = try await Self.submit(fixture)
      try await fixture.work([.sourceQA, .variant])
      // 40 s are set aside and 2 s spent: the budget is less than that, then half a second more than the rest needs.
      try await fixture.connection.execute("update budgets set allowed = 22.5")
      try await fixture.approveVariants()
      #expect(try await fixture.statuses() == ["blocked": 2])
      try await fixture.act(.cancel, .cells([cells[1]]))
      #expect(try await fixture.statuses() == ["queued": 1, "not_started": 1])
    }
  }

  @Test func `the undo of a rejected look pays for its takes with what is set aside for their cells`() async throws {
    try await Self.with(2, gpuSeconds: 45) { fixture in
      _ = try await Self.submit(fixture)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      let looks = try await fixture.ids("select id from variants")
      let report = try await fixture.act(.reject(reason: "hat"), .variants(looks))
      #expect(try await Self.served(fixture).count == 2)
      try await fixture.undo(report.id)
      #expect(try await fixture.statuses() == ["queued": 2])
      #expect(try await fixture.budget().reserved == 40)
    }
  }

  @Test func `two shells that submit at once never set aside more than there is`() async throws {
    try await Self.with(8, gpuSeconds: 65) { fixture in
      let cells = try await fixture.cells()
      let target = fixture.target
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in [cells.prefix(4), cells.suffix(4)] {
          group.addTask {
            let connection = try await PostgresConnection.connect(to: target, applicationName: "shell")
            _ = try await ActionRunner(connection).run(
              .submit(takeNew: false, priority: nil, fit: true), on: .cells(Array(part)),
              in: ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "submit fit=true"))
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      #expect(try await Self.served(fixture).count == 3)
      #expect(try await fixture.budget().reserved == 60)
    }
  }
}

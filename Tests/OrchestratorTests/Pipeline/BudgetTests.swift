import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

@Suite struct BudgetTests {
  /// Takes of 20 s; one look of 1 s, which uses 2 s.
  private static func with(
    _ sceneTypes: Int, gpuSeconds: Double, _ body: @Sendable (PipelineFixture) async throws -> Void
  ) async throws {
    let size = PipelineFixture.Size(characters: 1, sceneTypes: sceneTypes, gpuHours: gpuSeconds / 3600)
    try await PipelineFixture.with(size) { fixture in
      try await fixture.queueTakes()
      try await body(fixture)
    }
  }

  @Test func `what a cancelled cell gives back starts the next`() async throws {
    try await Self.with(4, gpuSeconds: 45) { fixture in
      #expect(try await fixture.statuses() == ["queued": 2, "blocked": 2])
      let queued = try await fixture.cells("status = 'queued'")
      let report = try await fixture.act(.cancel, .cells(queued))
      #expect(report.jobsQueued == 2)
      #expect(try await fixture.statuses() == ["not_started": 2, "queued": 2])
    }
  }

  @Test func `what a take did not use starts the next`() async throws {
    // A take is estimated at 20 s and takes 6.
    try await Self.with(3, gpuSeconds: 45) { fixture in
      #expect(try await fixture.statuses() == ["queued": 2, "blocked": 1])
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 3])
    }
  }

  @Test func `a failed take gives back what its other segments had set aside`() async throws {
    try await Self.with(2, gpuSeconds: 23) { fixture in
      #expect(try await fixture.statuses() == ["queued": 1, "blocked": 1])
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, JobReport(end: .failed("no", isFinal: true), gpuSeconds: 0.5))
      #expect(try await fixture.statuses() == ["failed": 1, "queued": 1])
    }
  }

  @Test func `a try that failed before it was shown as running is charged`() async throws {
    try await Self.with(1, gpuSeconds: 45) { fixture in
      let job = try #require(
        try await Queue(fixture.connection).claim(.segment, limit: 1, worker: fixture.worker).first)
      try await fixture.settle(job, JobReport(end: .failed("no", isFinal: false), gpuSeconds: 1.5))
      #expect(try await fixture.budget().spent == 3.5)
    }
  }

  @Test func `a cell that is too large does not stand in the way of a smaller one`() async throws {
    try await Self.with(3, gpuSeconds: 23) { fixture in
      // The first is made dearer than the whole budget, the others fit one after the other.
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
      try await fixture.connection.execute(
        "update scene_types set estimated_gpu_seconds = case position when 1 then 50 else 5 end")
      try await fixture.submitAll()
      #expect(try await fixture.statuses() == ["queued": 2, "blocked": 1])
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells("status = 'blocked'"))
      #expect(why.blockages.map(\.cause) == ["gpu_budget"])
    }
  }

  @Test func `a look that the budget does not hold is blocked by the budget`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1, gpuHours: 0.5 / 3600)) { fixture in
      try await fixture.submitAll()
      try await fixture.work()
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells())
      #expect(why.blockages.contains { $0.cause == "gpu_budget" })
      let larger = PipelineFixture.file(.init(characters: 1, sceneTypes: 1, gpuHours: 1))
      try await fixture.connection.transaction {
        _ = try await Productions(fixture.connection).apply(larger, sources: PipelineFixture.sources(larger))
      }
      #expect(try await fixture.ids("select count(*) from ready_jobs where kind = 'variant'") == [1])
    }
  }

  @Test func `check matrix finds what is wrong`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.submitAll()
      for damage: SQL in [
        "update cells set status = 'approved' where id = (select min(id) from cells)",
        "update run_status_counts set count = count + 1", "update production_runs set total_cells = 7",
        "update budgets set reserved = reserved + 5", "update budgets set spent = spent + 5",
        "delete from live_jobs",
      ] {
        let found = try await Self.differences(after: damage, fixture.connection)
        #expect(found > 0, "\(damage)")
      }
    }
  }

  /// The damage is taken back.
  private static func differences(after damage: SQL, _ connection: PostgresConnection) async throws -> Int {
    struct TakenBack: Error { let count: Int }
    do {
      try await connection.transaction {
        try await connection.execute("set local session_replication_role = replica")
        try await connection.execute(damage)
        throw TakenBack(count: try await MatrixCheck(connection).differences().count)
      }
    } catch let error as TakenBack {
      return error.count
    }
    return 0
  }

  @Test func `other rules have pictures checked again, and a new path alone does not`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.work()
      var file = PipelineFixture.file(.init())
      let moved = PipelineFixture.sources(file).map { source in
        StoredSource(
          character: source.character, path: "/new" + source.path, storedPath: source.storedPath,
          sha256: source.sha256, bytes: source.bytes)
      }
      let same = file
      let (_, first) = try await fixture.connection.transaction {
        try await Productions(fixture.connection).apply(same, sources: moved)
      }
      #expect(first.changes.map(\.name) == ["c1", "c2"] && first.jobsQueued == 0)
      file.sourceRules = ["min_width": 600]
      let stricter = file
      let (_, second) = try await fixture.connection.transaction {
        try await Productions(fixture.connection).apply(stricter, sources: moved)
      }
      #expect(second.jobsQueued == 2)
      try await fixture.work()
    }
  }
}

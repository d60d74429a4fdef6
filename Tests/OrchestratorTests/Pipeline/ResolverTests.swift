import Model
import PostgresClient
import SQLText
import Testing

@testable import Orchestrator
@testable import Store

@Suite struct ResolverTests {
  @Test func `a rejected look ends the takes in the making and marks the finished ones stale`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 3, gpuHours: 1)) { fixture in
      try await fixture.queueTakes()
      // One take is finished, one is in somebody's hand, one waits.
      let cells = try await fixture.cells()
      try await fixture.act(.prioritize(90), .cells([cells[0]]))
      while try await fixture.statuses()["qa_review"] != 1 {
        let kind: JobKind =
          try await fixture.ids("select 1 from ready_jobs where kind = 'scene_qa'").isEmpty ? .segment : .sceneQA
        let job = try #require(try await fixture.claim(kind).first)
        try await fixture.settle(job, PipelineFixture.success(job))
      }
      let running = try #require(try await fixture.claim(.segment).first)
      try await fixture.act(.reject(reason: "hat"), .variants(try await fixture.ids("select id from variants")))
      #expect(try await fixture.statuses() == ["blocked": 2, "qa_review": 1])
      #expect(try await fixture.cells("stale") == [cells[0]])
      #expect(try await fixture.budget().reserved == 0)
      // Its worker is told at the next heartbeat; what it used until then is paid for.
      var late = JobReport(end: .cancelled, gpuSeconds: 4)
      let before = try await fixture.budget().spent
      #expect(try await fixture.settle(running, late) == false)
      #expect(try await fixture.budget().spent == before + 4)
      late.gpuSeconds = 9
      #expect(try await fixture.settle(running, late) == false)
      #expect(try await fixture.budget().spent == before + 4)
    }
  }

  @Test func `a replaced picture ends what is made from the old one, and a new look clears it, once`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 2)) { fixture in
      try await fixture.queueTakes()
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      let file = PipelineFixture.file(.init(characters: 1, sceneTypes: 2))
      _ = try await fixture.connection.transaction {
        try await Productions(fixture.connection).apply(file, sources: PipelineFixture.sources(file, version: "b"))
      }
      #expect(try await fixture.statuses() == ["blocked": 2])
      try await fixture.work()
      #expect(try await fixture.ids("select generation from variants where status = 'review'") == [2])
      try await fixture.approveVariants()
      #expect(try await fixture.statuses() == ["queued": 2])
      try await fixture.connection.transaction { _ = try await Advance(fixture.connection).project(fixture.project) }
      #expect(try await fixture.ids("select count(*) from ready_jobs where kind = 'segment'") == [2])
      try await fixture.work()
      #expect(try await fixture.cells("status = 'qa_review' and not stale").count == 2)
    }
  }

  @Test func `a scene type that keeps failing is held, says why, and goes on when it is released`() async throws {
    let size = PipelineFixture.Size(characters: 8, sceneTypes: 2)
    try await PipelineFixture.with(size) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
      let first = Array(try await fixture.ids("select id from variants order by id").prefix(7))
      try await fixture.act(.approve(note: nil), .variants(first))
      let bad = try await fixture.cells("scene_type = 's1'")
      var failed = 0
      while failed < Breaker.failuresToTrip {
        let job = try #require(try await fixture.claim(.segment).first)
        let isBad = try await !fixture.ids(
          """
          select 1 from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
          join scene_types y on y.id = s.scene_type_id where g.id = \(job.subjectID) and y.name = 's1'
          """
        ).isEmpty
        failed += isBad ? 1 : 0
        try await fixture.settle(
          job, isBad ? JobReport(end: .failed("no such model", isFinal: true)) : PipelineFixture.success(job))
      }
      // Neither what waits in line nor what becomes ready now is started.
      try await fixture.approveVariants()
      try await fixture.work()
      #expect(try await fixture.cells("scene_type = 's2' and status = 'qa_review'").count == 8)
      #expect(try await fixture.cells("scene_type = 's1' and status = 'queued'").count == 2)
      #expect(try await fixture.cells("blocked_by is not null").count == 1)
      let why = try await WhyReads(fixture.connection).report(bad)
      let held = why.blockages.filter { $0.cause == "scene_type_held" }
      #expect(held.reduce(0) { $0 + $1.cellIDs.count } == 3)
      #expect(held.allSatisfy { $0.explanation.hasSuffix("one after the other: no such model") })
      // Released with them, and with no cell that is held by hand.
      for blockage in held {
        let ids = blockage.cellIDs.map(\.rawValue).sorted().map(String.init).joined(separator: ", ")
        let condition = blockage.cellIDs.count == 1 ? "id=\(ids)" : "id in (\(ids))"
        #expect(blockage.remedies.map(\.statement) == ["cells where \(condition) | release"])
      }
      let report = try await fixture.act(.release, .cells(bad))
      #expect(report.changed == 3 && report.jobsQueued == 1)
      #expect(report.leftAlone == [.init(reason: "failed", count: 5)])
      try await fixture.work()
      #expect(try await fixture.cells("scene_type = 's1' and status = 'qa_review'").count == 3)
    }
  }

  @Test func `a second run over the same cells uses what is approved, unless a new take is asked for`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      let (connection, project) = (fixture.connection, fixture.project)
      let (second, _) = try await connection.transaction {
        try await Store.Runs(connection).create(
          name: "summer", project: project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
      }
      let cells = try await fixture.ids("select id from cells where run_id = \(second) order by id")
      let report = try await fixture.act(.submit(takeNew: false, priority: nil), .cells(cells))
      #expect(report.leftAlone == [.init(reason: "approved", count: 4)] && report.jobsQueued == 0)
      let anew = try await fixture.act(.submit(takeNew: true, priority: nil), .cells([cells[0]]))
      #expect(anew.jobsQueued == 1)
      // The first run has what it wanted: nobody else asks for the new take.
      try await fixture.act(.cancel, .cells([cells[0]]))
      #expect(try await fixture.ids("select count(*) from cells where status = 'not_started'") == [2])
      // The way back to the take that was there.
      try await fixture.act(.approve(note: nil, take: 1), .cells([cells[0]]))
      #expect(try await fixture.ids("select count(*) from cells where status = 'approved'") == [8])
    }
  }

  @Test func `a claim behind a floor takes what follows, and the jobs of a paused run are no part of the line`()
    async throws
  {
    try await PipelineFixture.with(.init(characters: 6, sceneTypes: 1)) { fixture in
      let queue = Queue(fixture.connection)
      let (first, floor) = try await queue.claim(
        .sourceQA, limit: 2, worker: fixture.worker, only: nil, behind: .beginning)
      let (second, next) = try await queue.claim(
        .sourceQA, limit: 2, worker: fixture.worker, only: nil, behind: try #require(floor))
      let (third, end) = try await queue.claim(
        .sourceQA, limit: 3, worker: fixture.worker, only: nil, behind: try #require(next))
      #expect((first + second + third).map(\.subjectID) == (first + second + third).map(\.subjectID).sorted())
      #expect(Set((first + second + third).map(\.id)).count == 6 && end == nil)
    }
  }

  @Test func `floors are forgotten after a second, and at the end of the line`() {
    let start = ContinuousClock.now
    var floors = ClaimFloors(now: start)
    let floor = ClaimFloor(rank: -50, turn: 5, job: 7)
    floors.claimed(.segment, upTo: floor)
    #expect(floors.floor(of: .segment, now: start) == floor)
    #expect(floors.floor(of: .variant, now: start) == .beginning)
    #expect(floors.floor(of: .segment, now: start + .seconds(2)) == .beginning)
    floors.claimed(.segment, upTo: floor)
    floors.claimed(.segment, upTo: nil)
    #expect(floors.floor(of: .segment, now: start + .seconds(2)) == .beginning)
  }
}

import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

/// In which order jobs of one priority are taken, and how many of a kind at a time.
@Suite struct TurnTests {
  /// Another run over the same matrix, with no cells armed.
  private static func make(_ name: String, _ fixture: PipelineFixture) async throws -> RunID {
    let connection = fixture.connection
    return try await connection.transaction {
      try await Runs(connection).create(
        name: name, project: fixture.project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil
      ).id
    }
  }

  /// Armed cells of these scene types whose takes are queued.
  private static func submit(_ run: RunID, _ sceneTypes: ClosedRange<Int>, _ fixture: PipelineFixture) async throws {
    let cells = try await fixture.ids(
      """
      select c.id from cells c join scene_types y on y.id = c.scene_type_id
      where c.run_id = \(run) and y.position between \(sceneTypes.lowerBound) and \(sceneTypes.upperBound) order by c.id
      """)
    try await fixture.act(.submit(takeNew: false, priority: nil), .cells(cells))
  }

  /// The first run with 30 takes of the first scene types in line, and looks that are there.
  private static func with(_ body: @Sendable (PipelineFixture) async throws -> Void) async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 60, segments: 2)) { fixture in
      try await submit(fixture.run, 1...30, fixture)
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      try await body(fixture)
    }
  }

  /// Whose jobs the next claims take, as `.` for the first run and `x` for others.
  private static func next(_ count: Int, _ fixture: PipelineFixture) async throws -> String {
    let jobs = try await fixture.claim(.segment, limit: count)
    return jobs.map { $0.runID == fixture.run ? "." : "x" }.joined()
  }

  @Test func `a run that comes later takes turns with one that has many jobs in line`() async throws {
    try await Self.with { fixture in
      #expect(try await Self.next(5, fixture) == ".....")
      try await Self.submit(try await Self.make("late", fixture), 31...34, fixture)
      #expect(try await Self.next(10, fixture) == ".x.x.x.x..")
    }
  }

  @Test func `what a run has been given before does not count against it`() async throws {
    try await Self.with { fixture in
      let late = try await Self.make("late", fixture)
      _ = try await Self.next(30, fixture)
      try await Self.submit(late, 31...33, fixture)
      try await Self.submit(fixture.run, 41...43, fixture)
      #expect(try await Self.next(6, fixture).sorted() == Array("...xxx"))
      try await Self.submit(late, 51...53, fixture)
      try await Self.submit(fixture.run, 44...46, fixture)
      let order = try await Self.next(6, fixture)
      #expect(Set(order.prefix(2)) == [".", "x"] && Set(order.suffix(2)) == [".", "x"], "\(order)")
    }
  }

  @Test func `a run that was paused for long joins where the line is now`() async throws {
    try await Self.with { fixture in
      let late = try await Self.make("late", fixture)
      _ = try await Runs(fixture.connection).pause(fixture.run)
      try await Self.submit(late, 31...50, fixture)
      #expect(try await Self.next(10, fixture) == "xxxxxxxxxx")
      _ = try await Runs(fixture.connection).resume(fixture.run)
      let order = try await Self.next(10, fixture)
      #expect(order.count { $0 == "x" } == 5, "\(order)")
    }
  }

  @Test func `a take that was begun is finished before others begin`() async throws {
    try await Self.with { fixture in
      let first = try #require(try await fixture.claim(.segment).first)
      try await Self.submit(try await Self.make("late", fixture), 31...34, fixture)
      try await fixture.settle(first, PipelineFixture.success(first))
      let second = try #require(try await fixture.claim(.segment).first)
      let takes = try await fixture.ids(
        "select distinct take_id from segments where id in (\(first.subjectID), \(second.subjectID))")
      #expect(takes.count == 1)
    }
  }

  @Test func `a retry comes back to its place, and holds nobody up while it waits`() async throws {
    try await Self.with { fixture in
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, JobReport(end: .failed("no", isFinal: false)))
      #expect(try await Self.next(2, fixture) == "..")
      try await fixture.connection.execute("update ready_jobs set run_at = now() where job_id = \(job.id)")
      #expect(try await fixture.claim(.segment).first?.id == job.id)
    }
  }

  @Test func `more urgent work comes first, and its runs take turns too`() async throws {
    try await Self.with { fixture in
      let late = try await Self.make("late", fixture)
      try await Self.submit(late, 31...33, fixture)
      let urgent = try await fixture.ids(
        "select id from cells where status = 'queued' and (run_id = \(late) or scene_type_id in (select id from scene_types where position <= 3))"
      )
      try await fixture.act(.prioritize(90), .cells(urgent))
      let order = try await Self.next(6, fixture)
      #expect(order == ".x.x.x" || order == "x.x.x.", "\(order)")
      let jobs = try await fixture.ids("select -rank from leased_jobs order by 1 limit 1")
      #expect(jobs == [90])
    }
  }

  // MARK: Limits

  private static func limit(_ most: Int?, _ fixture: PipelineFixture) async throws {
    try await SharedSettings(fixture.connection).set(.limit(.segment), to: most.map(String.init))
  }

  @Test func `workers that claim at once never run more of a kind than its limit`() async throws {
    try await Self.with { fixture in
      try await Self.limit(3, fixture)
      let target = fixture.target
      let most = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<4 {
          group.addTask {
            let connection = try await PostgresConnection.connect(to: target, applicationName: "worker \(number)")
            let queue = Queue(connection)
            let worker = try await queue.register(
              name: "w\(number)", host: "here", pid: number, kinds: [.segment], slots: 5)
            var most = 0
            for _ in 0..<40 {
              let jobs = try await queue.claim(.segment, limit: 5, worker: worker)
              let running: Int = try await connection.query("select count(*) from leased_jobs").rows[0].decode(
                column: 0)
              most = max(most, running)
              for job in jobs { try await queue.handBack(job, worker: worker) }
            }
            await connection.close()
            return most
          }
        }
        return try await group.reduce(0) { Swift.max($0, $1) }
      }
      #expect(most == 3)
      #expect(try await fixture.ids("select count(*) from leased_jobs") == [0])
      #expect(
        try await fixture.ids("select count(*) from attempts where outcome = 'handed_back' having count(*) > 0").count
          == 1)
    }
  }

  @Test func `a limit holds across claims, and says so where it is the cause`() async throws {
    try await Self.with { fixture in
      try await Self.limit(2, fixture)
      #expect(try await Self.next(10, fixture) == "..")
      #expect(try await Self.next(10, fixture) == "")
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells("status = 'queued'"))
      #expect(why.blockages.map(\.cause) == ["limit_reached"])
      #expect(
        why.blockages.map(\.explanation)
          == ["2 segment jobs run, and no more may at a time"])
      try await Self.limit(nil, fixture)
      #expect(try await Self.next(10, fixture).count == 10)
    }
  }

  @Test func `with a limit of nothing, draining has nothing to wait for`() async throws {
    try await Self.with { fixture in
      #expect(try await Queue(fixture.connection).isIdle(kinds: [.segment]) == false)
      try await Self.limit(0, fixture)
      #expect(try await Self.next(10, fixture) == "")
      #expect(try await Queue(fixture.connection).isIdle(kinds: [.segment]))
    }
  }
}

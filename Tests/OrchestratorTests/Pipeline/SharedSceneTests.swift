import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// Scenes that several runs have cells at, and one take at a time.
@Suite struct SharedSceneTests {
  /// Two characters and two scene types, approved in the run `spring`, and the run `two` over the same.
  static func with(
    _ body: @Sendable (PipelineFixture, _ two: [Int64]) async throws -> Void
  ) async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      let two = try await fixture.makeRun("two")
      try await body(fixture, try await fixture.ids("select id from cells where run_id = \(two) order by id"))
    }
  }

  private static let again = ProducerAction.submit(takeNew: true, priority: nil)

  @Test func `a new take in one run takes the approved one from the other, says so, and gives it back`() async throws {
    try await Self.with { fixture, two in
      let before = try await fixture.facts()
      let report = try await fixture.act(Self.again, .cells([two[0]]))
      #expect(report.jobsQueued == 1)
      #expect(report.remarks == [.loseTake(run: "spring", was: .approved, cells: 1)])
      #expect(report.remarks.map(\.sentence) == ["1 cell of run spring loses its approved take"])
      #expect(try await fixture.ids("select id from cells where status = 'queued' and submitted") == [two[0]])
      let after = try await fixture.facts()
      let undo = try await fixture.undo(report.id)
      #expect(undo.changed == 1)
      #expect(try await fixture.facts() == before)
      try await fixture.undo(undo.id)
      #expect(try await fixture.facts() == after)
    }
  }

  @Test func `what a run's own budget does not hold is not made through another run`() async throws {
    try await Self.with { fixture, two in
      try await fixture.allow(25, cellsOf: two)
      let before = try await fixture.facts()
      let report = try await fixture.act(Self.again, .cells(two))
      #expect(report.jobsQueued == 1)
      #expect(report.notDone == [.init(reason: "the GPU budget does not hold them", count: 3)])
      #expect(report.remarks == [.loseTake(run: "spring", was: .approved, cells: 4)])
      try await fixture.work()
      #expect(try await fixture.ids("select count(*) from takes where number = 2") == [1])
      #expect(try await fixture.statuses() == ["not_started": 3, "qa_review": 1])
      let partial = try await fixture.undo(report.id, partial: true)
      #expect(partial.changed == 3)
      #expect(try await fixture.statuses() == ["approved": 3, "qa_review": 1])
      #expect(try await fixture.facts() != before)
    }
  }

  @Test func `an undo starts nothing for the run that lost its takes`() async throws {
    try await Self.with { fixture, two in
      try await fixture.allow(25, cellsOf: two)
      let before = try await fixture.facts()
      let report = try await fixture.act(Self.again, .cells(two))
      let undo = try await fixture.undo(report.id)
      #expect(undo.jobsQueued == 0 && undo.changed == 4)
      #expect(try await fixture.facts() == before)
    }
  }

  @Test func `a new take that is cancelled ends, for nobody else has asked for it`() async throws {
    try await Self.with { fixture, two in
      let before = (try await fixture.facts(), try await fixture.budget().reserved)
      let submit = try await fixture.act(Self.again, .cells([two[0]]))
      let cancel = try await fixture.act(.cancel, .cells([two[0]]))
      #expect(try await fixture.ids("select count(*) from live_jobs") == [0])
      #expect(try await fixture.budget().reserved == before.1)
      #expect(try await fixture.ids("select count(*) from cells where status = 'not_started'") == [2])
      try await fixture.undo(cancel.id)
      try await fixture.undo(submit.id)
      #expect(try await fixture.facts() == before.0)
    }
  }

  @Test func `a cell of another run that waits for the same take stays submitted`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      let two = try await fixture.ids(
        "select id from cells where run_id = \(try await fixture.makeRun("two")) order by id")
      try await fixture.submitAll()
      let report = try await fixture.act(.submit(takeNew: false, priority: 70), .cells(two))
      #expect(report.remarks == [])
      try await fixture.work([.sourceQA, .variant])
      try await fixture.approveVariants()
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
      #expect(try await fixture.statuses() == ["queued": 4])
      try await fixture.act(.cancel, .cells(two))
      #expect(try await fixture.statuses() == ["not_started": 4])
    }
  }

  @Test func `a blocked cell with nothing in its way is reported`() async throws {
    try await Self.with { fixture, two in
      let scene = try await fixture.ids("select scene_id from cells where id = \(two[0])")[0]
      let take = try await fixture.ids("select current_take_id from scenes where id = \(scene)")[0]
      try await fixture.connection.execute("update scenes set current_take_id = null where id = \(scene)")
      let first = try await fixture.cells()[0]
      let differences = try await MatrixCheck(fixture.connection).differences()
      #expect(differences.map(\.what) == ["cell \(first)"])
      #expect(differences.map(\.truth) == ["nothing is in its way"])
      let report = try await WhyReads(fixture.connection).report(try await fixture.cells())
      #expect(report.unblocked.last == .init(reason: "blocked, and no cause is known:  check matrix", count: 1))
      try await fixture.connection.execute("update scenes set current_take_id = \(take) where id = \(scene)")
    }
  }

  @Test func `the way back to an approved take keeps who approved it and why`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      let cell = try await fixture.cells()[0]
      try await fixture.act(.approve(note: "good"), .cells([cell]))
      try await fixture.act(Self.again, .cells([cell]))
      try await fixture.work()
      let back = try await fixture.act(.approve(note: nil, take: 1), .cells([cell]))
      #expect(back.changed == 1)
      #expect(try await fixture.cells("note = 'good' and status = 'approved' and take = 1") == [cell])
    }
  }
}

extension PipelineFixture {
  func makeRun(_ name: String) async throws -> RunID {
    let (connection, project) = (connection, project)
    return try await connection.transaction {
      try await Store.Runs(connection).create(
        name: name, project: project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil
      ).id
    }
  }

  /// A budget of GPU seconds of the run that these cells are of.
  func allow(_ seconds: Double, cellsOf cells: [Int64]) async throws {
    let connection = connection
    let run = try await ids("select distinct run_id from cells where id = any (\(cells))")
    try await connection.transaction {
      try await RunBudgets(connection).set(BudgetChange(gpuHours: .amount(seconds / 3600)), of: RunID(run[0]))
    }
  }
}

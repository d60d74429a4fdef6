import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// Cells that are held while their takes wait in line.
@Suite struct HoldTests {
  enum Obstacle: CaseIterable { case hold, pause, breaker }

  @Test func `queued takes of held cells wait, what is in hand goes on, and why names the hold`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.queueTakes()
      let job = try #require(try await fixture.claim(.segment).first)
      let hold = try await fixture.act(.hold, .cells(try await fixture.cells()))
      #expect(hold.changed == 4 && hold.remarks == [.goOn(.generating, cells: 1)])
      #expect(hold.remarks.map(\.sentence) == ["1 generating goes on"])
      try await fixture.settle(job, PipelineFixture.success(job))
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 1, "queued": 3])
      let held = try await WhyReads(fixture.connection).report(try await fixture.cells("status = 'queued'"))
      #expect(held.blockages.map(\.cause) == ["held"] && held.blockages.map(\.cells) == [3])
      try await fixture.act(.release, .cells(try await fixture.cells()))
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
    }
  }

  /// What is taken away, in every order.
  static let orders: [[Obstacle]] = Obstacle.allCases.flatMap { first in
    Obstacle.allCases.filter { $0 != first }.map { second in
      [first, second] + Obstacle.allCases.filter { $0 != first && $0 != second }
    }
  }

  @Test(arguments: orders)
  func `a take waits until the hold, the pause and the breaker are gone`(_ order: [Obstacle]) async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.queueTakes()
      var holding: ActionID?
      for obstacle in order.reversed() {
        switch obstacle {
        case .hold: holding = try await fixture.act(.hold, .cells(try await fixture.cells())).id
        case .pause: try await fixture.pause(true)
        case .breaker: try await fixture.trip(true)
        }
      }
      for obstacle in order {
        #expect(try await fixture.claim(.segment, limit: 9).isEmpty)
        switch obstacle {
        case .hold: try await fixture.undo(holding)
        case .pause: try await fixture.pause(false)
        case .breaker: try await fixture.trip(false)
        }
      }
      #expect(try await fixture.claim(.segment, limit: 9).count == 4)
    }
  }

  @Test func `a take that another run's cell wants, which is not held, goes on until it does not`() async throws {
    try await PipelineFixture.with { fixture in
      let two = try await fixture.ids(
        "select id from cells where run_id = \(try await fixture.makeRun("two")) order by id")
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells(two))
      try await fixture.queueTakes()
      let hold = try await fixture.act(.hold, .cells(try await fixture.cells()))
      #expect(hold.remarks == [.goOn(.queued, cells: 4)])
      try await fixture.act(.cancel, .cells(Array(two.prefix(3))))
      #expect(try await fixture.claim(.segment, limit: 9).count == 1)
      let undo = try await fixture.undo(hold.id)
      #expect(try await fixture.claim(.segment, limit: 9).count == 3)
      try await fixture.undo(undo.id)
    }
  }
}

extension PipelineFixture {
  func pause(_ isPaused: Bool) async throws {
    let (connection, run) = (connection, run)
    try await connection.transaction {
      if isPaused { _ = try await Store.Runs(connection).pause(run) }
      if !isPaused { _ = try await Store.Runs(connection).resume(run) }
    }
    try await expectTruth()
  }

  /// Holds every scene type, as after many failures, or releases them.
  func trip(_ isTripped: Bool) async throws {
    let (connection, project) = (connection, project)
    try await connection.transaction {
      try await ProjectLock(connection).take([project])
      if isTripped {
        try await connection.execute("update scene_types set tripped_at = now(), tripped_error = 'no such model'")
        try await connection.execute("update ready_jobs set run_at = 'infinity' where kind = 'segment'")
        return
      }
      let journal = try await Journal.open(connection)
      for id in try await ids("select id from scene_types order by id") {
        _ = try await SharedSettings(connection).change(.breaker(id), to: nil, in: journal)
      }
    }
    try await expectTruth()
  }
}

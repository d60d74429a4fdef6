import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

@Suite struct ProducerActionTests {
  @Test func `a rejected take is kept, and submitting again makes the next`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      let first = Array(try await fixture.cells().prefix(1))
      try await fixture.act(.reject(reason: "eyes off model"), .cells(first))
      #expect(try await fixture.statuses() == ["qa_review": 3, "rejected": 1])
      let report = try await fixture.act(.resubmit(priority: nil), .cells(try await fixture.cells()))
      #expect(report.changed == 1 && report.jobsQueued == 1)
      #expect(report.leftAlone == [.init(reason: "qa_review", count: 3)])
      try await fixture.work()
      #expect(try await fixture.cells("take = 2 and status = 'qa_review'") == first)
      #expect(try await fixture.ids("select count(*) from takes where review = 'rejected'") == [1])
    }
  }

  @Test func `approved cells are left alone unless a new take is asked for`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      let usual = try await fixture.submitAll()
      #expect(usual.changed == 0 && usual.leftAlone == [.init(reason: "approved", count: 4)])
      let anew = try await fixture.act(.submit(takeNew: true, priority: 70), .cells(try await fixture.cells()))
      #expect(anew.changed == 4 && anew.jobsQueued == 4)
      #expect(try await fixture.cells("priority = 70 and take = 2 and status = 'queued'").count == 4)
    }
  }

  @Test func `what waits already as it would then is left alone as submitted already`() async throws {
    try await PipelineFixture.with { fixture in
      let cells = try await fixture.cells()
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells([cells[0]]))
      let all = try await fixture.submitAll()
      #expect(all.changed == 3 && all.leftAlone == [.init(reason: "submitted already", count: 1)])
      // Another priority, and beginning only as a whole, are changes.
      try await fixture.act(.submit(takeNew: false, priority: 70), .cells([cells[1]]))
      #expect(try await fixture.ids("select id from cells where priority = 70") == [cells[1]])
      #expect(try await fixture.act(.submit(takeNew: false, priority: nil, fit: true), .cells(cells)).changed == 4)
      let again = try await fixture.act(.submit(takeNew: false, priority: nil, fit: true), .cells(cells))
      #expect(again.changed == 0 && again.leftAlone == [.init(reason: "submitted already", count: 4)])
      // So is ordering anew a look that was rejected.
      try await fixture.work([.sourceQA, .variant])
      try await fixture.act(.reject(reason: "hat"), .variants(try await fixture.ids("select min(id) from variants")))
      #expect(try await fixture.act(.submit(takeNew: false, priority: nil, fit: true), .cells(cells)).changed == 2)
    }
  }

  @Test func `cells that a budget does not hold are not done, however often they are submitted`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1, gpuHours: 5.0 / 3600)) { fixture in
      try await fixture.submitAll()
      try await fixture.work()
      try await fixture.approveVariants()
      let again = try await fixture.submitAll()
      #expect(again.changed == 0 && again.leftAlone.map(\.reason) == ["submitted already"])
      #expect(again.notDone == [.init(reason: "the GPU budget does not hold them", count: 1)])
    }
  }

  @Test func `cancel takes queued work back and gives the budget back`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.queueTakes()
      #expect(try await fixture.budget().reserved == 80)
      // One of them runs already.
      let running = try #require(try await fixture.claim(.segment).first)
      let report = try await fixture.act(.cancel, .cells(try await fixture.cells()))
      #expect(report.changed == 4)
      #expect(try await fixture.statuses() == ["not_started": 4])
      #expect(try await fixture.budget().reserved == 0)
      // Its worker comes too late.
      #expect(try await fixture.settle(running, PipelineFixture.success(running)) == false)
      #expect(try await fixture.claim(.segment, limit: 10).isEmpty)
      try await fixture.submitAll()
      #expect(try await fixture.cells("status = 'queued' and take = 2").count == 4)
    }
  }

  @Test func `cancel takes back looks that nobody else wants`() async throws {
    try await PipelineFixture.with(.init(characters: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA])
      let cells = try await fixture.cells()
      try await fixture.act(.cancel, .cells(Array(cells.prefix(1))))
      #expect(try await fixture.ids("select count(*) from ready_jobs where kind = 'variant'") == [1])
      try await fixture.act(.cancel, .cells(cells))
      #expect(try await fixture.ids("select count(*) from ready_jobs where kind = 'variant'") == [0])
      #expect(try await fixture.ids("select count(*) from variants where status = 'not_started'") == [1])
    }
  }

  @Test func `skipped cells leave the run with a reason and come back`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      let cells = try await fixture.cells()
      try await fixture.act(.skip(reason: "cut"), .cells(Array(cells.prefix(1))))
      try await fixture.act(.approve(note: nil), .cells(cells))
      #expect(try await fixture.statuses() == ["approved": 3, "skipped": 1])
      #expect(try await Store.Deliveries(fixture.connection).undeliverable(fixture.run) == [])
      let (delivery, _) = try await fixture.startDelivery(to: "/out")
      let packed = try await Store.Deliveries(fixture.connection).cells(of: delivery)
      #expect(packed.filter(\.isSkipped).map(\.skippedReason) == ["cut"])
      try await fixture.act(.unskip, .cells(cells))
      #expect(try await fixture.statuses() == ["approved": 3, "qa_review": 1])
    }
  }

  @Test func `held cells do not start until they are released`() async throws {
    try await PipelineFixture.with { fixture in
      let cells = try await fixture.cells()
      try await fixture.act(.hold, .cells(cells))
      try await fixture.submitAll()
      try await fixture.work()
      #expect(try await fixture.ids("select count(*) from jobs where kind = 'variant'") == [0])
      let report = try await fixture.act(.release, .cells(cells))
      #expect(report.jobsQueued == 2)
    }
  }

  @Test func `a paused run starts nothing and goes on where it was`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.queueTakes()
      let running = try #require(try await fixture.claim(.segment).first)
      try await fixture.connection.transaction {
        _ = try await Runs(fixture.connection).pause(fixture.run)
      }
      // The next segment of what ran waits too.
      try await fixture.settle(running, PipelineFixture.success(running))
      #expect(try await fixture.claim(.segment, limit: 10).isEmpty)
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells())
      #expect(why.blockages.map(\.cause) == ["run_paused"])
      try await fixture.connection.transaction {
        _ = try await Runs(fixture.connection).resume(fixture.run)
        _ = try await Advance(fixture.connection).run(fixture.run)
      }
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
    }
  }

  @Test func `a rejected look that is ordered while the run is paused is made when it goes on`() async throws {
    try await PipelineFixture.with(.init(characters: 1)) { fixture in
      try await fixture.workUntilReview()
      try await fixture.connection.transaction { _ = try await Runs(fixture.connection).pause(fixture.run) }
      try await fixture.act(.reject(reason: "wrong hat"), .variants(try await fixture.ids("select id from variants")))
      let report = try await fixture.submitAll()
      #expect(report.changed == 2 && report.jobsQueued == 0)
      try await fixture.connection.transaction {
        _ = try await Runs(fixture.connection).resume(fixture.run)
        _ = try await Advance(fixture.connection).run(fixture.run)
      }
      #expect(try await fixture.ids("select generation from variants where status = 'queued'") == [2])
    }
  }

  @Test func `submission stays within the budget, and a larger budget releases the rest`() async throws {
    // Two looks take 2 s, a take 20 s: of four takes, two fit into 45 s.
    try await PipelineFixture.with(.init(gpuHours: 45.0 / 3600)) { fixture in
      try await fixture.queueTakes()
      #expect(try await fixture.statuses() == ["queued": 2, "blocked": 2])
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells("status = 'blocked'"))
      #expect(why.blockages.map(\.cause) == ["gpu_budget"])
      let again = try await fixture.submitAll()
      #expect(again.notDone.map(\.count) == [2])
      let larger = PipelineFixture.file(.init(gpuHours: 1))
      try await fixture.connection.transaction {
        _ = try await Productions(fixture.connection).apply(larger, sources: PipelineFixture.sources(larger))
      }
      #expect(try await fixture.statuses() == ["queued": 4])
    }
  }

  @Test func `two shells that submit at once cannot both spend the last hour`() async throws {
    // Forty takes of 20 s, room for ten.
    let size = PipelineFixture.Size(characters: 1, sceneTypes: 40, gpuHours: 201.0 / 3600)
    try await PipelineFixture.with(size) { fixture in
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells(Array(try await fixture.cells().prefix(1))))
      try await fixture.work([.sourceQA, .variant])
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
      try await fixture.approveVariants()
      let cells = try await fixture.cells()
      let target = fixture.target
      let context = ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "submit")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for shell in 0..<4 {
          group.addTask {
            let connection = try await PostgresConnection.connect(to: target, applicationName: "shell \(shell)")
            let mine = cells.indices.filter { $0 % 4 == shell }.map { cells[$0] }
            _ = try await ActionRunner(connection).run(
              .submit(takeNew: false, priority: nil), on: .cells(mine), in: context)
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      let budget = try await fixture.budget()
      #expect(budget.reserved + budget.spent <= 201)
      let taken = try await fixture.ids("select count(*) from takes")
      #expect(taken == [Int64((201 - budget.spent) / 20)])
    }
  }

  @Test func `every action is on record with who, what and how many`() async throws {
    try await PipelineFixture.with { fixture in
      let report = try await fixture.submitAll()
      let row = try await fixture.connection.query(
        "select id, verb, \"user\", selected, changed from query_actions order by id desc limit 1"
      ).rows[0].decode((Int64, String, String, Int, Int).self)
      #expect(row == (report.id?.rawValue ?? 0, "submit", "mira", 4, 4))
    }
  }
}

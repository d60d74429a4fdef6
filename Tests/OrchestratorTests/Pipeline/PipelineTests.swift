import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

@Suite struct PipelineTests {
  @Test func `submitted cells go from pictures to review by themselves, but for the approval of looks`() async throws {
    try await PipelineFixture.with { fixture in
      #expect(try await fixture.statuses() == ["not_started": 4])
      let submitted = try await fixture.submitAll()
      #expect(submitted.changed == 4)
      #expect(try await fixture.statuses() == ["blocked": 4])

      // Two checks, then two looks, queued in the transaction of the check.
      #expect(try await fixture.work() == 4)
      #expect(try await fixture.statuses() == ["blocked": 4])

      let approved = try await fixture.approveVariants()
      #expect(approved.changed == 2 && approved.jobsQueued == 4)
      #expect(try await fixture.statuses() == ["queued": 4])

      // Two segments and a check for each of four takes.
      #expect(try await fixture.work() == 12)
      #expect(try await fixture.statuses() == ["qa_review": 4])

      let done = try await fixture.act(.approve(note: "good"), .cells(try await fixture.cells()))
      #expect(done.changed == 4)
      #expect(try await Store.Deliveries(fixture.connection).undeliverable(fixture.run) == [])
    }
  }

  @Test func `advancing again and submitting again queue nothing`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA])
      let again = try await Advance(fixture.connection).cells(try await fixture.cells())
      #expect(again.jobsQueued == 0)
      let resubmitted = try await fixture.submitAll()
      #expect(resubmitted.jobsQueued == 0)
      try await fixture.work([.variant])
      try await fixture.approveVariants()
      #expect(try await Advance(fixture.connection).cells(try await fixture.cells()).jobsQueued == 0)
      let third = try await fixture.submitAll()
      #expect(third.changed == 0 && third.leftAlone == [.init(reason: "queued", count: 4)])
    }
  }

  @Test func `a segment starts from the last frame of the one before, and the check follows the last`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1, segments: 3)) { fixture in
      try await fixture.queueTakes()
      var frames: [String?] = []
      while let job = try await fixture.claim(.segment).first {
        let order = try #require(try await WorkOrders(fixture.connection).segment(job))
        frames.append(order.previousFrame)
        #expect(try await fixture.statuses() == ["generating": 1])
        try await fixture.settle(job, PipelineFixture.success(job))
      }
      #expect(frames.count == 3 && frames[0] == nil && frames[1] != nil && frames[2] != frames[1])
      #expect(try await fixture.claim(.sceneQA).count == 1)
    }
  }

  @Test func `a bad picture blocks its own character, with the reason, until it is replaced`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.submitAll()
      let bad = try await fixture.ids("select id from source_images order by id limit 1")
      try await fixture.work { job in
        guard job.kind == .sourceQA, job.subjectID == bad[0] else { return PipelineFixture.success(job) }
        let finding = QAFinding(passed: false, reason: "61 x 61, at least 512 x 512 is needed", report: "{}")
        return JobReport(end: .sourceChecked(finding))
      }
      try await fixture.approveVariants()
      try await fixture.work()
      #expect(try await fixture.statuses() == ["blocked": 2, "qa_review": 2])
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells())
      let blockage = try #require(why.blockages.first)
      #expect(blockage.cause == "source_qa_failed" && blockage.cellIDs.count == 2)
      #expect(blockage.explanation.contains("c1 failed QA: 61 x 61, at least 512 x 512 is needed"))

      let file = PipelineFixture.file(.init())
      var sources = PipelineFixture.sources(file)
      sources[0].sha256 = PipelineFixture.sha("c1", "b")
      let replaced = sources
      let (_, changes) = try await fixture.connection.transaction {
        try await Productions(fixture.connection).apply(file, sources: replaced)
      }
      #expect(changes.changes.map(\.name) == ["c1"] && changes.changes.map(\.entity) == ["source image"])
      try await fixture.work()
      try await fixture.approveVariants()
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
    }
  }

  @Test func `applying the same file twice changes nothing`() async throws {
    try await PipelineFixture.with { fixture in
      let file = PipelineFixture.file(.init())
      let (_, changes) = try await fixture.connection.transaction {
        try await Productions(fixture.connection).apply(file, sources: PipelineFixture.sources(file))
      }
      #expect(changes.changes == [] && changes.kept == [] && changes.jobsQueued == 0)
    }
  }

  @Test func `a replaced picture makes what was made from it stale, and stale work is not delivered`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      let file = PipelineFixture.file(.init())
      try await fixture.connection.transaction {
        _ = try await Productions(fixture.connection).apply(
          file, sources: PipelineFixture.sources(file, version: "b"))
      }
      #expect(try await fixture.cells("stale").count == 4)
      let missing = try await Store.Deliveries(fixture.connection).undeliverable(fixture.run)
      #expect(missing.map(\.state) == ["approved, stale"])

      // Ordered anew, everything is made from the new picture.
      try await fixture.act(.submit(takeNew: false, priority: nil), .cells(try await fixture.cells()))
      try await fixture.work()
      try await fixture.approveVariants()
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
      #expect(try await fixture.cells("stale").isEmpty)
      #expect(try await fixture.cells("take = 2").count == 4)
    }
  }

  @Test func `a rejected look makes its takes stale and is made again when its cells are submitted`() async throws {
    try await PipelineFixture.with(.init(characters: 1)) { fixture in
      try await fixture.workUntilReview()
      let look = try await fixture.ids("select id from variants")
      let rejected = try await fixture.act(.reject(reason: "wrong hat"), .variants(look))
      #expect(rejected.changed == 1)
      #expect(try await fixture.cells("stale").count == 2)
      let refused = try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      #expect(refused.changed == 0 && refused.leftAlone == [.init(reason: "qa_review, stale", count: 2)])
      let again = try await fixture.submitAll()
      #expect(again.changed == 2 && again.jobsQueued == 1)
      #expect(try await fixture.ids("select generation from variants") == [2])
    }
  }
}

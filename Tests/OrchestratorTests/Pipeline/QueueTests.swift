import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

@Suite struct QueueTests {
  private static func failing(_ error: String) -> @Sendable (ClaimedJob) -> JobReport {
    { job in
      job.kind == .segment
        ? JobReport(end: .failed(error, isFinal: false), log: "stderr\n", exitCode: 3, gpuSeconds: 5)
        : PipelineFixture.success(job)
    }
  }

  private static func expireLeases(_ fixture: PipelineFixture) async throws {
    try await fixture.connection.execute("update leased_jobs set leased_until = now() - interval '1 second'")
  }

  private static func rescue(_ fixture: PipelineFixture) async throws -> [Int64] {
    try await fixture.connection.transaction {
      try await Queue(fixture.connection).rescue(in: [fixture.project], by: fixture.worker, held: [], seed: 1)
    }
  }

  /// As if the back-off had passed.
  private static func skipBackOff(_ fixture: PipelineFixture) async throws {
    try await fixture.connection.execute("update ready_jobs set run_at = now()")
  }

  @Test func `a failed attempt waits, is tried again, and then fails its take with the reason`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1, gpuHours: 1)) { fixture in
      try await fixture.queueTakes()
      try await fixture.work([.segment], Self.failing("out of memory"))
      #expect(try await fixture.statuses() == ["queued": 1])
      let waiting = try await WhyReads(fixture.connection).report(try await fixture.cells())
      #expect(waiting.blockages.map(\.cause) == ["retry_later"])
      let text = try #require(waiting.blockages.first?.explanation)
      #expect(text.wholeMatch(of: /an attempt failed: out of memory; try 2 of 2 waits/) != nil, "\(text)")
      try await Self.skipBackOff(fixture)
      try await fixture.work([.segment], Self.failing("out of memory again"))
      #expect(try await fixture.statuses() == ["failed": 1])
      let why = try await WhyReads(fixture.connection).report(try await fixture.cells())
      #expect(why.blockages.map(\.explanation) == ["failed: out of memory again"])
      // Both tries are charged, nothing stays set aside.
      let budget = try await fixture.budget()
      #expect(budget.reserved == 0 && budget.spent == 12)
      let attempts = try await fixture.connection.query(
        "select number, exit_code, log from attempts where outcome = 'failed' order by number"
      ).rows.map { try $0.decode((Int, Int, String).self) }
      #expect(attempts.map(\.0) == [1, 2] && attempts.allSatisfy { $0.1 == 3 && $0.2 == "stderr\n" })
    }
  }

  @Test func `a late result is refused, and only one attempt counts`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.submitAll()
      let late = try #require(try await fixture.claim(.sourceQA).first)
      try await Self.expireLeases(fixture)
      #expect(try await Self.rescue(fixture).isEmpty)
      try await Self.skipBackOff(fixture)
      let second = try #require(try await fixture.claim(.sourceQA).first)
      #expect(second.id == late.id && second.attempt == late.attempt + 1)
      #expect(try await fixture.settle(late, PipelineFixture.success(late)) == false)
      #expect(try await fixture.settle(second, PipelineFixture.success(second)))
      // Telling it again, as after a lost answer, is no second result.
      #expect(try await fixture.settle(second, PipelineFixture.success(second)))
      #expect(try await fixture.ids("select count(*) from job_results") == [1])
    }
  }

  @Test func `a job whose workers keep dying fails after its last attempt`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.queueTakes()
      for _ in 1...2 {
        try await Self.skipBackOff(fixture)
        #expect(try await fixture.claim(.segment).count == 1)
        try await Self.expireLeases(fixture)
        let connection = fixture.connection
        let link = DatabaseLink(logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
        try await JobSettlement(link: link).rescue(by: fixture.worker, held: [])
        try await fixture.expectTruth()
      }
      #expect(try await fixture.statuses() == ["failed": 1])
    }
  }

  @Test func `a job that is handed back is ready at once, and that uses up none of its tries`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      let job = try #require(try await fixture.claim(.sourceQA).first)
      #expect(try await fixture.settle(job, JobReport(end: .cancelled)) == false)
      let again = try #require(try await fixture.claim(.sourceQA).first)
      #expect(again.id == job.id && again.failures == 0 && !again.isLastAttempt)
      let outcomes = try await fixture.connection.query("select number, outcome from attempts").rows.map {
        try $0.decode((Int, String).self)
      }
      #expect(outcomes.map(\.0) == [1] && outcomes.map(\.1) == ["handed_back"])
    }
  }

  @Test func `no two tries at a job have the same number, so neither their results nor their files meet`() async throws
  {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      let media = MediaFolder(root: "/media")
      let first = try #require(try await fixture.claim(.sourceQA).first)
      try await fixture.settle(first, JobReport(end: .cancelled))
      let second = try #require(try await fixture.claim(.sourceQA).first)
      #expect(first.attemptID != second.attemptID)
      #expect(media.variant(first).path != media.variant(second).path)
      // The one that handed it back comes late: neither a result nor another hand-back touches the second.
      #expect(try await fixture.settle(first, PipelineFixture.success(first)) == false)
      #expect(try await fixture.settle(first, JobReport(end: .cancelled)) == false)
      #expect(try await fixture.settle(second, PipelineFixture.success(second)))
    }
  }

  @Test func `higher priorities are claimed first`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 3)) { fixture in
      let cells = try await fixture.cells()
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
      try await fixture.act(.prioritize(90), .cells([cells[2]]))
      try await fixture.approveVariants()
      try await fixture.act(.prioritize(95), .cells([cells[1]]))
      var order: [Int64] = []
      for _ in 0..<3 {
        let job = try #require(try await fixture.claim(.segment).first)
        order += try await fixture.ids(
          """
          select c.id from cells c join scenes s on s.id = c.scene_id join segments g on g.take_id = s.current_take_id
          where g.id = \(job.subjectID)
          """)
      }
      #expect(order == [cells[1], cells[2], cells[0]])
    }
  }

  @Test func `workers that claim at once never get the same job`() async throws {
    try await PipelineFixture.with(.init(characters: 200, sceneTypes: 1)) { fixture in
      let target = fixture.target
      let ids = try await withThrowingTaskGroup(of: [JobID].self) { group in
        for number in 0..<4 {
          group.addTask {
            let connection = try await PostgresConnection.connect(to: target, applicationName: "worker \(number)")
            let worker = try await Queue(connection).register(
              name: "w\(number)", host: "here", pid: number, kinds: [.sourceQA], slots: 10)
            var mine: [JobID] = []
            while true {
              let claimed = try await Queue(connection).claim(.sourceQA, limit: 7, worker: worker)
              if claimed.isEmpty { break }
              mine += claimed.map(\.id)
            }
            await connection.close()
            return mine
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(ids.count == 200 && Set(ids).count == 200)
    }
  }

  @Test func `the database refuses a second live job for the same work`() async throws {
    try await PipelineFixture.with { fixture in
      await #expect(throws: PostgresError.self) {
        try await fixture.connection.execute(
          "insert into live_jobs (kind, subject_id, job_id) select kind, subject_id, 0 from live_jobs limit 1")
      }
    }
  }
}

import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

/// Heartbeats and rescues, statement by statement.
@Suite struct LeaseTests {
  @Test func `a worker lives as long as a lease lasts, for everybody who asks`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      let connection = fixture.connection
      try await fixture.queueTakes()
      try await connection.execute("update workers set seen_at = now() - interval '1 minute'")
      func slots() async throws -> [Int64] {
        let heading = try #require(try await Runs(connection).find(fixture.run))
        let why = try await WhyReads(connection).report(try await fixture.cells())
        return [
          try await fixture.ids("select id from query_workers where live").count,
          try await Queue(connection).liveSlots(),
          try await ProgressReads(connection).progress(heading).liveSlots,
          why.blockages.contains { $0.cause == "no_worker" } ? 0 : 1,
        ].map(Int64.init)
      }
      #expect(try await slots() == [0, 0, 0, 0])
      try await connection.execute("select set_config('callsheet.lease_seconds', '120', false)")
      #expect(try await slots() == [1, 1, 1, 1])
      #expect(try await Queue(connection).lease() == .seconds(120))
    }
  }

  private static func leases(_ fixture: PipelineFixture) async throws -> [Int64: Double] {
    try await fixture.connection.query(
      "select job_id, extract(epoch from leased_until - now())::double precision from leased_jobs"
    ).rows.reduce(into: [:]) { leases, row in
      let (job, seconds) = try row.decode((Int64, Double).self)
      leases[job] = seconds
    }
  }

  private static func shorten(_ fixture: PipelineFixture, to seconds: Int) async throws {
    try await fixture.connection.execute(
      "update leased_jobs set leased_until = now() + make_interval(secs => \(seconds))")
  }

  private static func second(_ fixture: PipelineFixture) async throws -> PostgresConnection {
    try await PostgresConnection.connect(to: fixture.target, applicationName: "second")
  }

  @Test func `a heartbeat renews what the worker has in hand and nothing else`() async throws {
    try await PipelineFixture.with { fixture in
      let jobs = try await fixture.claim(.sourceQA, limit: 2)
      try await Self.shorten(fixture, to: 5)
      // The answer of the second claim was lost: its lease is the worker's, but nobody works on it.
      let alive = try await Queue(fixture.connection).heartbeat(
        fixture.worker, held: [jobs[0].attemptID], progress: [jobs[0].attemptID: 0.5])
      #expect(alive == [jobs[0].attemptID])
      let leases = try await Self.leases(fixture)
      #expect(leases[jobs[0].id.rawValue, default: 0] > 20)
      #expect(leases[jobs[1].id.rawValue, default: 99] < 6)
    }
  }

  @Test func `a heartbeat names as alive neither another attempt nor another worker's job`() async throws {
    try await PipelineFixture.with { fixture in
      let job = try #require(try await fixture.claim(.sourceQA).first)
      let queue = Queue(fixture.connection)
      let older = AttemptID(job: job.id, attempt: job.attempt - 1)
      #expect(try await queue.heartbeat(fixture.worker, held: [older, job.attemptID]) == [job.attemptID])
      let other = try await queue.register(name: "other", host: "here", pid: 2, kinds: [.noop], slots: 1)
      #expect(try await queue.heartbeat(other, held: [job.attemptID]).isEmpty)
    }
  }

  @Test func `a heartbeat waits for nobody who is just ending one of its jobs`() async throws {
    try await PipelineFixture.with { fixture in
      let jobs = try await fixture.claim(.sourceQA, limit: 2)
      try await Self.shorten(fixture, to: 5)
      let producer = try await Self.second(fixture)
      try await producer.transaction {
        try await producer.execute("select 1 from leased_jobs where job_id = \(jobs[0].id) for update")
        let alive = try await Queue(fixture.connection).heartbeat(
          fixture.worker, held: Set(jobs.map(\.attemptID)))
        // It lives until the other one has ended it.
        #expect(alive == Set(jobs.map(\.attemptID)))
      }
      await producer.close()
      let leases = try await Self.leases(fixture)
      #expect(leases[jobs[0].id.rawValue, default: 99] < 6)
      #expect(leases[jobs[1].id.rawValue, default: 0] > 20)
    }
  }

  @Test func `a worker never rescues what it has in hand itself, but what it forgot`() async throws {
    try await PipelineFixture.with { fixture in
      let jobs = try await fixture.claim(.sourceQA, limit: 2)
      try await Self.shorten(fixture, to: -1)
      let connection = fixture.connection
      _ = try await connection.transaction {
        try await Queue(connection).rescue(
          in: [fixture.project], by: fixture.worker, held: [jobs[0].attemptID], seed: 1)
      }
      #expect(try await fixture.ids("select job_id from leased_jobs") == [jobs[0].id.rawValue])
      #expect(try await fixture.ids("select job_id from ready_jobs") == [jobs[1].id.rawValue])
    }
  }

  @Test func `a rescue passes over a project that somebody works on, and comes back to it`() async throws {
    try await PipelineFixture.with { fixture in
      _ = try await fixture.claim(.sourceQA, limit: 2)
      try await Self.shorten(fixture, to: -1)
      let producer = try await Self.second(fixture)
      let connection = fixture.connection
      let link = DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
      try await producer.transaction {
        try await ProjectLock(producer).take([fixture.project])
        try await JobSettlement(link: link).rescue(by: fixture.worker, held: [])
        #expect(try await Self.leases(fixture).count == 2)
      }
      await producer.close()
      try await JobSettlement(link: link).rescue(by: fixture.worker, held: [])
      #expect(try await Self.leases(fixture).isEmpty)
    }
  }

  @Test func `an error with a NUL in it still ends its job`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA])
      let job = try #require(try await fixture.claim(.variant).first)
      try await fixture.settle(job, JobReport(end: .failed("died of \0 inside", isFinal: true)))
      let rows = try await fixture.connection.query("select error from variants where status = 'failed'").rows
      let errors = try rows.map { try $0.decode(String.self) }
      #expect(errors == ["died of  inside"])
    }
  }
}

import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// `retry` queues what another try can help, and says of the rest why it is left alone.
@Suite struct RetryTests {
  private static func failing(_ job: ClaimedJob, _ kind: JobKind) -> JobReport {
    job.kind == kind ? JobReport(end: .failed("no", isFinal: true)) : PipelineFixture.success(job)
  }

  /// One scene whose first segment has failed.
  private static func withFailedTake(_ body: @Sendable (PipelineFixture, [Int64]) async throws -> Void) async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.queueTakes()
      try await fixture.work([.segment]) { failing($0, .segment) }
      try await body(
        fixture, try await fixture.ids("select job_id from job_results where status_id = 5 order by job_id"))
    }
  }

  private static func expectLeftAlone(_ reason: String, _ fixture: PipelineFixture, _ jobs: [Int64]) async throws {
    let before = try await fixture.facts()
    let report = try await fixture.act(.retry, .jobs(jobs))
    #expect(report.changed == 0 && report.jobsQueued == 0)
    #expect(report.leftAlone == [.init(reason: reason, count: jobs.count)])
    #expect(try await fixture.facts() == before)
  }

  @Test func `a take of a skipped or of a disarmed cell is left alone`() async throws {
    try await Self.withFailedTake { fixture, jobs in
      let cells = try await fixture.cells()
      try await fixture.act(.skip(reason: "cut"), .cells(cells))
      try await Self.expectLeftAlone("skipped", fixture, jobs)
      try await fixture.act(.cancel, .cells(cells))
      try await fixture.act(.unskip, .cells(cells))
      try await Self.expectLeftAlone("not submitted", fixture, jobs)
    }
  }

  @Test func `a take of a look that was replaced is left alone`() async throws {
    try await Self.withFailedTake { fixture, jobs in
      try await fixture.act(.reject(reason: "hat"), .variants(try await fixture.ids("select id from variants")))
      try await Self.expectLeftAlone("stale: resubmit the cell instead", fixture, jobs)
    }
  }

  @Test func `a take whose source image is refused is left alone until that is waived`() async throws {
    try await Self.withFailedTake { fixture, jobs in
      let sources = try await fixture.ids("select id from source_images")
      try await fixture.act(.reject(reason: "blurred"), .sources(sources))
      try await Self.expectLeftAlone("without a source image that passed QA", fixture, jobs)
      try await fixture.act(.approve(note: nil), .sources(sources))
      #expect(try await fixture.act(.retry, .jobs(jobs)).changed == 1)
      #expect(try await fixture.statuses() == ["queued": 1])
    }
  }

  @Test func `a look that nobody wants, or whose source image is refused, is left alone`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work { Self.failing($0, .variant) }
      let jobs = try await fixture.ids("select job_id from job_results where status_id = 5")
      let cells = try await fixture.cells()
      try await fixture.act(.skip(reason: nil), .cells(cells))
      try await Self.expectLeftAlone("skipped", fixture, jobs)
      try await fixture.act(.unskip, .cells(cells))
      let sources = try await fixture.ids("select id from source_images")
      try await fixture.act(.reject(reason: "blurred"), .sources(sources))
      try await Self.expectLeftAlone("without a source image that passed QA", fixture, jobs)
    }
  }

  @Test func `a check of a source image is tried again whatever became of its cells`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.work { Self.failing($0, .sourceQA) }
      let jobs = try await fixture.ids("select job_id from job_results where status_id = 5")
      #expect(try await fixture.act(.retry, .jobs(jobs)).changed == 1)
    }
  }

  @Test func `what was tried again and has been made since is no part of what can be undone`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work { Self.failing($0, .variant) }
      let jobs = try await fixture.ids("select job_id from job_results where status_id = 5 order by job_id")
      let retry = try await fixture.act(.retry, .jobs(jobs))
      let job = try #require(try await fixture.claim(.variant).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      let id = retry.id ?? ActionID(0)
      func refusal(_ count: Int, restorable: Int) -> UndoRefusal {
        let moved = MovedOn(reason: "changed since", entity: "variants", count: count, gpuSeconds: Double(2 * count))
        return .movedOn(id, verb: "retry", entity: "jobs", [moved], restorable: restorable)
      }
      await #expect(throws: refusal(1, restorable: 1)) { try await fixture.undo(id) }
      let other = try #require(try await fixture.claim(.variant).first)
      try await fixture.settle(other, PipelineFixture.success(other))
      await #expect(throws: refusal(2, restorable: 0)) { try await fixture.undo(id, partial: true) }
      #expect(try await fixture.ids("select id from actions where undone_by_id is not null") == [])
    }
  }

  @Test func `the jobs whose looks nobody has made since fail again`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work { Self.failing($0, .variant) }
      let jobs = try await fixture.ids("select job_id from job_results where status_id = 5 order by job_id")
      let retry = try await fixture.act(.retry, .jobs(jobs))
      let job = try #require(try await fixture.claim(.variant).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      let undo = try await fixture.undo(retry.id, partial: true)
      #expect(undo.changed == 1 && undo.notDone == [.init(reason: "changed since", count: 1)])
      #expect(try await fixture.ids("select count(*) from variants where status = 'failed'") == [1])
    }
  }
}

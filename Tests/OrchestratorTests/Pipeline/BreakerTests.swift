import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// Scene types that are held because their takes fail, released and held again.
@Suite struct BreakerTests {
  /// Eight takes of one scene type of which five have failed: two wait in line, one for its look.
  private static func with(_ body: @Sendable (PipelineFixture) async throws -> Void) async throws {
    try await PipelineFixture.with(.init(characters: 8, sceneTypes: 1, segments: 1)) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
      let looks = Array(try await fixture.ids("select id from variants order by id").prefix(7))
      try await fixture.act(.approve(note: nil), .variants(looks))
      for _ in 0..<Breaker.failuresToTrip {
        let job = try #require(try await fixture.claim(.segment).first)
        try await fixture.settle(job, JobReport(end: .failed("no such model", isFinal: true)))
      }
      try await fixture.approveVariants()
      #expect(try await isHeld(fixture))
      try await body(fixture)
    }
  }

  private static func isHeld(_ fixture: PipelineFixture) async throws -> Bool {
    let held = try await fixture.ids(
      "select id from scene_types where tripped_at is not null and tripped_error = 'no such model'")
    let ready = try await fixture.claim(.segment, limit: 100)
    for job in ready { try await Queue(fixture.connection).handBack(job, worker: fixture.worker) }
    #expect(held.isEmpty != ready.isEmpty, "held \(held), ready \(ready.count)")
    return !held.isEmpty
  }

  private static func undo(_ fixture: PipelineFixture, _ id: ActionID?) async throws -> ActionReport {
    let context = ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "undo")
    let report = try await UndoRunner(fixture.connection).run(id, partial: false, in: context)
    try await fixture.expectTruth()
    return report
  }

  @Test func `the undo of a release holds the scene type again, and its undo releases it again`() async throws {
    try await Self.with { fixture in
      let before = try await fixture.statuses()
      #expect(before == ["failed": 5, "queued": 2, "blocked": 1])
      let release = try await fixture.act(.release, .cells(try await fixture.cells()))
      #expect(try await fixture.statuses() == ["failed": 5, "queued": 3])
      let undo = try await Self.undo(fixture, release.id)
      #expect(try await fixture.statuses() == before)
      #expect(try await Self.isHeld(fixture))
      _ = try await Self.undo(fixture, undo.id)
      #expect(try await fixture.statuses() == ["failed": 5, "queued": 3])
      #expect(try await Self.isHeld(fixture) == false)
      try await fixture.work()
      #expect(try await fixture.statuses() == ["failed": 5, "qa_review": 3])
    }
  }

  @Test func `what a release let go beside its own cells is counted by itself`() async throws {
    try await Self.with { fixture in
      let release = try await fixture.act(.release, .cells(try await fixture.cells("status = 'queued'")))
      try await fixture.work()
      await #expect(
        throws: UndoRefusal.movedOn(
          release.id ?? ActionID(0), verb: "release", entity: "cells",
          [MovedOn(reason: "qa_review", entity: "cells", count: 0, others: 1, gpuSeconds: 3)], restorable: 2)
      ) { try await Self.undo(fixture, release.id) }
    }
  }

  @Test func `who tries a failed job again releases its scene type, and holds it again with an undo`() async throws {
    try await Self.with { fixture in
      let failed = try await fixture.ids("select id from query_jobs where status = 'failed' order by id limit 1")
      let retry = try await fixture.act(.retry, .jobs(failed))
      #expect(retry.changed == 1 && retry.jobsQueued == 2)
      #expect(try await fixture.statuses() == ["failed": 4, "queued": 4])
      #expect(try await Self.isHeld(fixture) == false)
      _ = try await Self.undo(fixture, retry.id)
      #expect(try await fixture.statuses() == ["failed": 5, "queued": 2, "blocked": 1])
      #expect(try await Self.isHeld(fixture))
      try await fixture.act(.retry, .jobs(failed))
      try await fixture.work()
      #expect(try await fixture.statuses() == ["failed": 4, "qa_review": 4])
    }
  }

  @Test func `a scene type that is held anew stays as it is held`() async throws {
    try await Self.with { fixture in
      let cells = try await fixture.cells("status = 'queued'")
      try await fixture.act(.release, .cells(cells))
      let action = try await fixture.ids("select max(id) from actions")[0]
      try await fixture.connection.execute(
        "update scene_types set failed_in_a_row = 9, tripped_at = now(), tripped_error = 'no such model'")
      try await fixture.connection.execute("update ready_jobs set run_at = 'infinity' where kind = 'segment'")
      _ = try? await Self.undo(fixture, ActionID(action))
      #expect(try await fixture.ids("select failed_in_a_row from scene_types") == [9])
    }
  }
}

import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// A state of a production and an action on it, to be taken back.
struct Undoable: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var size = PipelineFixture.Size(gpuHours: 1)
  let prepare: @Sendable (PipelineFixture) async throws -> Void
  let act: @Sendable (PipelineFixture) async throws -> ActionReport

  init(
    _ name: String, gpuSeconds: Double = 3600, _ prepare: @escaping @Sendable (PipelineFixture) async throws -> Void,
    act: @escaping @Sendable (PipelineFixture) async throws -> ActionReport
  ) {
    testDescription = name
    size.gpuHours = gpuSeconds / 3600
    self.prepare = prepare
    self.act = act
  }

  static func onCells(
    _ name: String, _ action: ProducerAction, _ prepare: @escaping @Sendable (PipelineFixture) async throws -> Void
  ) -> Undoable {
    Undoable(name, prepare) { try await $0.act(action, .cells(try await $0.cells())) }
  }

  private static func failing(_ kind: JobKind) -> @Sendable (ClaimedJob) -> JobReport {
    { job in
      job.kind == kind
        ? JobReport(end: .failed("no", isFinal: true), gpuSeconds: 1) : PipelineFixture.success(job)
    }
  }

  private static func approved(_ fixture: PipelineFixture) async throws {
    try await fixture.workUntilReview()
    try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
  }

  private static func queued(_ fixture: PipelineFixture) async throws {
    try await fixture.queueTakes()
  }

  /// Some takes have their first segment, and nothing is in anybody's hand.
  private static func halfway(_ fixture: PipelineFixture) async throws {
    try await queued(fixture)
    for job in try await fixture.claim(.segment, limit: 2) {
      try await fixture.settle(job, PipelineFixture.success(job))
    }
  }

  private static func failedJobs(_ fixture: PipelineFixture, _ kind: String) async throws -> [Int64] {
    try await fixture.ids("select id from query_jobs where status = 'failed' and kind = \(kind)::job_kind order by id")
  }

  static let all: [Undoable] = [
    .onCells("submit, looks are queued", .submit(takeNew: false, priority: 70)) { try await $0.work() },
    .onCells("submit before the sources are checked", .submit(takeNew: false, priority: nil)) { _ in },
    .onCells("submit, takes are queued", .submit(takeNew: false, priority: nil)) { fixture in
      try await queued(fixture)
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
    },
    Undoable("submit, the budget holds some", gpuSeconds: 45) { fixture in
      try await queued(fixture)
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
    } act: {
      try await $0.submitAll()
    },
    .onCells("submit take=new", .submit(takeNew: true, priority: nil)) { try await approved($0) },
    .onCells("resubmit", .resubmit(priority: 20)) { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.reject(reason: "dull"), .cells(try await fixture.cells()))
    },
    .onCells("submit where looks were rejected", .submit(takeNew: false, priority: nil)) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
      try await fixture.act(
        .reject(reason: "wrong hat"), .variants(try await fixture.ids("select id from variants order by id")))
    },
    .onCells("cancel queued takes", .cancel) { try await queued($0) },
    .onCells("cancel takes in the making", .cancel) { try await halfway($0) },
    .onCells("cancel queued looks", .cancel) { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA])
    },
    .onCells("skip", .skip(reason: "cut")) { try await halfway($0) },
    .onCells("unskip", .unskip) { fixture in
      try await queued(fixture)
      try await fixture.act(.skip(reason: "cut"), .cells(try await fixture.cells()))
    },
    .onCells("hold", .hold) { try await queued($0) },
    .onCells("release", .release) { fixture in
      try await fixture.act(.hold, .cells(try await fixture.cells()))
      try await queued(fixture)
    },
    .onCells("prioritize", .prioritize(90)) { try await queued($0) },
    .onCells("tag", .tag("night")) { try await queued($0) },
    .onCells("untag", .untag("night")) { fixture in
      try await fixture.act(.tag("night"), .cells(try await fixture.cells()))
    },
    .onCells("approve", .approve(note: "good")) { try await $0.workUntilReview() },
    .onCells("reject", .reject(reason: "eyes")) { try await $0.workUntilReview() },
    .onCells("approve an earlier take", .approve(note: nil, take: 1)) { fixture in
      try await fixture.workUntilReview()
      try await fixture.act(.reject(reason: "dull"), .cells(try await fixture.cells()))
      try await fixture.act(.resubmit(priority: nil), .cells(try await fixture.cells()))
      try await fixture.work()
    },
    Undoable("approve looks") { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
    } act: {
      try await $0.approveVariants()
    },
    Undoable("reject looks") { fixture in
      try await queued(fixture)
    } act: {
      try await $0.act(.reject(reason: "wrong hat"), .variants(try await $0.ids("select id from variants order by id")))
    },
    Undoable("reject approved looks that takes are made from") { fixture in
      try await halfway(fixture)
    } act: {
      try await $0.act(.reject(reason: "wrong hat"), .variants(try await $0.ids("select id from variants order by id")))
    },
    Undoable("waive a failed check") { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA], failing(.sourceQA))
    } act: {
      try await $0.act(.approve(note: "fine"), .sources(try await $0.ids("select id from source_images order by id")))
    },
    Undoable("reject sources") { fixture in
      try await fixture.work()
    } act: {
      try await $0.act(
        .reject(reason: "blurred"), .sources(try await $0.ids("select id from source_images order by id")))
    },
    Undoable("retry segments") { fixture in
      try await queued(fixture)
      try await fixture.work([.segment], failing(.segment))
    } act: {
      try await $0.act(.retry, .jobs(try await failedJobs($0, "segment")))
    },
    Undoable("retry looks") { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant], failing(.variant))
    } act: {
      try await $0.act(.retry, .jobs(try await failedJobs($0, "variant")))
    },
    Undoable("cancel jobs") { fixture in
      try await queued(fixture)
    } act: {
      try await $0.act(.cancel, .jobs(try await $0.ids("select job_id from ready_jobs order by 1")))
    },
  ]
}

@Suite struct UndoTests {
  private static let context = "undo"

  @Test(arguments: Undoable.all)
  func `what an action did is taken back whole, and so is that`(_ scenario: Undoable) async throws {
    try await PipelineFixture.with(scenario.size) { fixture in
      try await scenario.prepare(fixture)
      let before = try await fixture.facts()
      let report = try await scenario.act(fixture)
      #expect(report.changed > 0)
      let after = try await fixture.facts()
      #expect(before != after)
      let undo = try await fixture.undo(report.id)
      #expect(undo.notDone == [])
      #expect(try await fixture.facts() == before)
      try await fixture.undo(undo.id)
      #expect(try await fixture.facts() == after)
      #expect(try await fixture.ids("select id from query_actions where undone") == [undo.id?.rawValue ?? 0])
      // And what it is now goes on like any other production.
      try await fixture.work()
    }
  }

  @Test func `what has moved on is named, and the rest is undone when that is asked for`() async throws {
    try await PipelineFixture.with(.init(gpuHours: 1)) { fixture in
      try await fixture.queueTakes()
      try await fixture.act(.cancel, .cells(try await fixture.cells()))
      let submitted = try await fixture.submitAll()
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      let before = try await fixture.facts()
      await #expect(
        throws: UndoRefusal.movedOn(
          submitted.id ?? ActionID(0), verb: "submit", entity: "cells",
          [MovedOn(reason: "generating", entity: "cells", count: 1, gpuSeconds: 3)], restorable: 3)
      ) { try await fixture.undo(submitted.id) }
      #expect(try await fixture.facts() == before)
      let report = try await fixture.undo(submitted.id, partial: true)
      #expect(report.changed == 3 && report.notDone == [.init(reason: "generating", count: 1)])
      #expect(try await fixture.statuses() == ["generating": 1, "not_started": 3])
    }
  }

  @Test func `a later word on the same cells stands`() async throws {
    try await PipelineFixture.with { fixture in
      let cells = try await fixture.cells()
      let first = try await fixture.act(.prioritize(10), .cells(cells))
      let tagged = try await fixture.act(.tag("night"), .cells(cells))
      try await fixture.act(.prioritize(20), .cells([cells[0]]))
      await #expect(throws: UndoRefusal.self) { try await fixture.undo(first.id) }
      // What the later word is not about goes back alone.
      try await fixture.undo(tagged.id)
      try await fixture.undo(first.id, partial: true)
      #expect(
        try await fixture.ids("select priority from cells order by id") == [20, 50, 50, 50])
    }
  }

  @Test func `an approved look goes back only while nothing is made from it`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.submitAll()
      try await fixture.work([.sourceQA, .variant])
      let approved = try await fixture.approveVariants()
      let job = try #require(try await fixture.claim(.segment).first)
      try await fixture.settle(job, PipelineFixture.success(job))
      let report = try await fixture.undo(approved.id, partial: true)
      // The look whose take was begun stays approved, with its other cell.
      #expect(report.changed == 1)
      #expect(try await fixture.ids("select count(*) from variants where status = 'approved'") == [1])
      #expect(try await fixture.statuses() == ["blocked": 2, "generating": 1, "queued": 1])
    }
  }

  @Test func `without a number it is the user's own last action, one after the other`() async throws {
    try await PipelineFixture.with { fixture in
      let cells = try await fixture.cells()
      try await fixture.act(.tag("a"), .cells(cells))
      try await fixture.act(.tag("b"), .cells(cells))
      try await fixture.act(.tag("b"), .cells(cells))
      try await fixture.undo(nil)
      try await fixture.undo(nil)
      #expect(try await fixture.ids("select count(*) from cells where tags = '{}'") == [4])
      await #expect(throws: UndoRefusal.notFound(nil)) { try await fixture.undo(nil) }
      await #expect(throws: UndoRefusal.undoneAlready(ActionID(1), by: ActionID(5))) {
        try await fixture.undo(ActionID(1))
      }
      await #expect(throws: UndoRefusal.changedNothing(ActionID(3), verb: "tag")) {
        try await fixture.undo(ActionID(3))
      }
      await #expect(throws: UndoRefusal.notFound(ActionID(99))) { try await fixture.undo(ActionID(99)) }
    }
  }

  @Test func `work that the budget does not hold any more is not taken up again`() async throws {
    try await PipelineFixture.with(.init(characters: 1, gpuHours: 45.0 / 3600)) { fixture in
      try await fixture.queueTakes()
      let cancelled = try await fixture.act(.cancel, .cells(try await fixture.cells()))
      try await fixture.connection.execute("update budgets set allowed = spent + 20")
      await #expect(throws: UndoRefusal.self) { try await fixture.undo(cancelled.id) }
      try await fixture.undo(cancelled.id, partial: true)
      #expect(try await fixture.statuses() == ["queued": 1, "blocked": 1])
    }
  }

  @Test func `an approval that is delivered stays`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.workUntilReview()
      let approved = try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      _ = try await fixture.startDelivery(to: "/out")
      let id = approved.id ?? ActionID(0)
      await #expect(
        throws: UndoRefusal.movedOn(
          id, verb: "approve", entity: "cells", [MovedOn(reason: "delivered", entity: "cells", count: 4)], restorable: 0
        )
      ) { try await fixture.undo(id) }
    }
  }
}

extension PipelineFixture {
  @discardableResult
  func undo(_ id: ActionID?, partial: Bool = false) async throws -> ActionReport {
    let report = try await UndoRunner(connection).run(
      id, partial: partial,
      in: ActionContext(project: project, run: run, user: "mira", statement: "undo"))
    try await expectTruth()
    return report
  }

  /// Everything that a producer can see of the production, but for generation numbers and times.
  func facts() async throws -> [String] {
    try await connection.query(
      """
      select concat_ws(' ', 'cell', c.id, c.submitted, c.held, c.skipped, c.skip_reason, c.priority, c.tags, c.status,
        c.stale, c.segments_done, s.current_take_id) as line
      from cells c join scenes s on s.id = c.scene_id
      union all
      select concat_ws(' ', 'take', t.id, t.review, t.reviewer_id, t.note, t.qa_status, t.cancelled_at is not null)
      from takes t join scenes s on s.current_take_id = t.id
      union all
      select concat_ws(' ', 'variant', id, status, error, reviewer_id, note, reserved_gpu_seconds) from variants
      union all
      select concat_ws(' ', 'source', id, qa_status, qa_reason, reviewer_id, note) from source_images
      union all
      select concat_ws(' ', 'budget', resource, round(reserved::numeric, 3), round(spent::numeric, 3)) from budgets
      union all
      select concat_ws(' ', 'ready', kind, rank, subject_id) from (
        select r.kind, r.rank, j.subject_id from ready_jobs r join jobs j on j.id = r.job_id) r
      order by line
      """
    ).rows.map { try $0.decode(String.self) }
  }
}

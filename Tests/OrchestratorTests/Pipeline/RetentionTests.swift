import Model
import PostgresClient
import SQLText
import Store
import Testing

@testable import Orchestrator

/// What is over is dropped when it is older than it is kept, and nothing else.
@Suite struct RetentionTests {
  private static func keep(_ subject: String, _ seconds: Int, _ fixture: PipelineFixture) async throws {
    try await SharedSettings(fixture.connection).set(.keep(subject), to: String(seconds))
  }

  private static func age(_ fixture: PipelineFixture, _ days: Int) async throws {
    for statement: SQL in [
      "update job_results set finished_at = finished_at - make_interval(days => \(days)::integer)",
      "update actions set created_at = created_at - make_interval(days => \(days)::integer)",
      "update workers set seen_at = seen_at - make_interval(days => \(days)::integer) where id <> \(fixture.worker)",
    ] { try await fixture.connection.execute(statement) }
  }

  @Test func `finished jobs go with their attempts, and those that wait or run stay`() async throws {
    try await PipelineFixture.with { fixture in
      try await fixture.queueTakes()
      let held = try await fixture.claim(.segment)
      try await Self.age(fixture, 91)
      try await Retention(fixture.connection).apply()
      #expect(try await fixture.ids("select count(*) from jobs where kind in ('source_qa', 'variant')") == [0])
      #expect(try await fixture.ids("select count(*) from attempts") == [0])
      #expect(try await fixture.ids("select count(*) from jobs") == [4])
      try await fixture.expectTruth()
      for job in held { try await fixture.settle(job, PipelineFixture.success(job)) }
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 4])
      // Takes and cells say what they said, but for who worked on them.
      #expect(try await fixture.ids("select id from query_takes where status = 'review'").count == 4)
    }
  }

  @Test func `how many tries a segment took is known when its jobs are gone`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.queueTakes()
      for job in try await fixture.claim(.segment) {
        try await fixture.settle(job, JobReport(end: .failed("no", isFinal: false)))
      }
      try await fixture.connection.execute("update ready_jobs set run_at = now()")
      try await fixture.work()
      try await fixture.act(.approve(note: nil), .cells(try await fixture.cells()))
      let before = try await fixture.ids("select attempts from query_cells")
      #expect(before == [3])
      try await Self.age(fixture, 91)
      try await Retention(fixture.connection).apply()
      #expect(try await fixture.ids("select count(*) from jobs") == [0])
      #expect(try await fixture.ids("select attempts from query_cells") == before)
      let (delivery, _) = try await fixture.startDelivery(to: "/out")
      let deliveries = Store.Deliveries(fixture.connection)
      #expect(try await deliveries.cells(of: delivery).flatMap(\.segments).map(\.attempts) == [2, 1])
      // What was dropped before that was kept is unknown.
      try await fixture.connection.execute("update segments set attempts = null")
      #expect(try await deliveries.cells(of: delivery).flatMap(\.segments).map(\.attempts) == [nil, nil])
    }
  }

  @Test func `jobs stay as long as what cancelled them can be undone`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.queueTakes()
      let report = try await fixture.act(.cancel, .cells(try await fixture.cells()))
      try await Self.keep("jobs", 86_400, fixture)
      try await Self.age(fixture, 30)
      try await Retention(fixture.connection).apply()
      let context = ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "undo")
      _ = try await UndoRunner(fixture.connection).run(report.id, partial: false, in: context)
      try await fixture.work()
      #expect(try await fixture.statuses() == ["qa_review": 1])
    }
  }

  @Test func `an action that is too old cannot be undone, and stays in the record`() async throws {
    try await PipelineFixture.with { fixture in
      let report = try await fixture.act(.tag("hero"), .cells(try await fixture.cells()))
      try await Self.keep("undo", 86_400, fixture)
      try await Self.age(fixture, 2)
      let young = try await fixture.act(.tag("late"), .cells(try await fixture.cells()))
      try await Retention(fixture.connection).apply()
      let context = ActionContext(project: fixture.project, run: fixture.run, user: "mira", statement: "undo")
      let id = try #require(report.id)
      await #expect(throws: UndoRefusal.forgotten(id, verb: "tag")) {
        _ = try await UndoRunner(fixture.connection).run(id, partial: false, in: context)
      }
      #expect(try await UndoRunner(fixture.connection).run(young.id, partial: false, in: context).changed == 4)
      #expect(try await fixture.ids("select count(*) from query_actions where verb = 'tag'") == [2])
    }
  }

  @Test func `more than a piece goes piece by piece`() async throws {
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 1)) { fixture in
      try await fixture.connection.execute(
        """
        with made as (insert into jobs (kind, subject_id) select 'noop', n from generate_series(1, 2500) n returning id)
        insert into job_results (job_id, status_id, attempt, finished_at) select id, 4, 1, now() - interval '100 days' from made
        """)
      let retention = Retention(fixture.connection)
      #expect(try await retention.step())
      #expect(try await fixture.ids("select count(*) from jobs where kind = 'noop'") == [1500])
      #expect(try await retention.step())
      #expect(try await retention.step() == false)
      #expect(try await fixture.ids("select count(*) from jobs where kind = 'noop'") == [0])
    }
  }

  @Test func `a worker drops what is too old by itself`() async throws {
    try await WorkerFixture.with("true") { fixture in
      try await fixture.addNoops(10)
      try await fixture.worker(kinds: [.noop], drain: true).run()
      try await Self.age(fixture.pipeline, 91)
      let worker = fixture.worker(kinds: [.noop])
      let run = Task { try await worker.run() }
      #expect(try await fixture.until("not exists (select 1 from jobs where kind = 'noop')"))
      await worker.stop()
      try await run.value
    }
  }
}

import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

/// A production whose generator is a real script, and real workers on it.
struct WorkerFixture: Sendable {
  let pipeline: PipelineFixture
  let folder: TestFolder

  /// One queued variant for each character, whose generator runs `script` with the output path as its argument.
  static func with(
    _ script: String, characters: Int = 1, _ body: @Sendable (WorkerFixture) async throws -> Void
  ) async throws {
    let folder = try TestFolder()
    let program = try folder.script("look", script)
    try await PipelineFixture.with(.init(characters: characters, sceneTypes: 1)) { pipeline in
      try await pipeline.connection.execute(
        "update generators set command = \(SQLValue.texts([program, "{output}"])), time_limit_seconds = 60")
      try await pipeline.submitAll()
      try await pipeline.work([.sourceQA])
      try await body(WorkerFixture(pipeline: pipeline, folder: folder))
    }
  }

  var connection: PostgresConnection { pipeline.connection }

  func worker(
    kinds: [JobKind] = [.variant], slots: Int = 2, drain: Bool = false, only: JobID? = nil,
    grace: Duration = .seconds(20), queueTimeLimit: Duration = .seconds(60)
  ) -> Worker {
    let target = pipeline.target
    return Worker(
      options: WorkerOptions(name: "test", slots: slots, kinds: kinds, drain: drain, only: only, grace: grace),
      media: MediaFolder(root: folder("media")), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      connect: {
        try await PostgresConnection.connect(
          to: target, applicationName: "worker", options: ConnectionOptions(queueTimeLimit: queueTimeLimit))
      })
  }

  func outcomes() async throws -> [String] {
    try await connection.query("select outcome from attempts a join jobs j on j.id = a.job_id order by job_id, number")
      .rows.map { try $0.decode(column: 0) }
  }

  func count(_ query: SQL) async throws -> Int { try await connection.query(query).rows[0].decode(column: 0) }

  /// Waits until it holds, for at most twenty seconds.
  func until(_ condition: SQL) async throws -> Bool {
    for _ in 0..<400 {
      if try await connection.query("select \(condition)").rows[0].decode(column: 0, as: Bool.self) { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  func addNoops(_ count: Int) async throws {
    try await connection.execute(
      """
      with made as (
        insert into jobs (kind, subject_id) select 'noop', n from generate_series(1, \(count)) n returning id, subject_id),
      lively as (insert into live_jobs (kind, subject_id, job_id) select 'noop', subject_id, id from made)
      insert into ready_jobs (kind, rank, run_at, job_id) select 'noop', 0, now(), id from made
      """)
  }
}

@Suite(.timeLimit(.minutes(2))) struct WorkerTests {
  /// A script that makes what is asked for.
  private static let picture = """
    ffmpeg -nostdin -loglevel error -f lavfi -i testsrc2=s=512x512 -frames:v 1 -y "$1"
    """
  /// One that says that it is there, and works until it is ended.
  private static let endless = """
    echo $$ >> "$(dirname "$0")/processes"
    sleep 60 & wait
    """

  @Test func `a worker that drains does what is there and ends`() async throws {
    try await WorkerFixture.with(Self.picture, characters: 3) { fixture in
      try await fixture.addNoops(40)
      let worker = fixture.worker(kinds: [.variant, .noop], drain: true)
      try await worker.run()
      #expect(try await fixture.count("select count(*) from variants where status = 'review'") == 3)
      #expect(await worker.finishedJobs == 43)
      #expect(try await fixture.count("select count(*) from workers where name = 'test' and stopped_at is null") == 0)
      #expect(fixture.folder.files().count { $0.hasSuffix(".png") } == 3)
    }
  }

  @Test func `a job that a producer cancels is stopped with its process and its files`() async throws {
    try await WorkerFixture.with(Self.endless) { fixture in
      let worker = fixture.worker()
      let run = Task { try await worker.run() }
      #expect(await eventually { fixture.folder.exists("processes") })
      #expect(try await fixture.until("exists (select 1 from variants where status = 'generating')"))
      try await fixture.pipeline.act(.cancel, .cells(try await fixture.pipeline.cells()))
      let process = try #require(try processes(fixture.folder, "processes").first)
      #expect(await eventually { isGone(process) })
      await worker.stop()
      try await run.value
      #expect(try await fixture.outcomes().last == "cancelled")
      #expect(try await fixture.count("select count(*) from ready_jobs") == 0)
      #expect(!fixture.folder.files().contains { $0.hasPrefix("media/") })
    }
  }

  @Test func `a worker that is stopped hands back what it cannot finish, and another does it`() async throws {
    try await WorkerFixture.with(Self.endless) { fixture in
      let worker = fixture.worker(grace: .zero)
      let run = Task { try await worker.run() }
      #expect(await eventually { fixture.folder.exists("processes") })
      await worker.stop()
      try await run.value
      let process = try #require(try processes(fixture.folder, "processes").first)
      #expect(isGone(process))
      #expect(try await fixture.outcomes().last == "handed_back")
      #expect(try await fixture.count("select count(*) from ready_jobs where attempts = 1 and failures = 0") == 1)
      try fixture.folder.script("look", Self.picture)
      try await fixture.worker(drain: true).run()
      #expect(try await fixture.count("select count(*) from variants where status = 'review'") == 1)
    }
  }

  @Test func `a cancelled worker hands back at once`() async throws {
    try await WorkerFixture.with(Self.endless) { fixture in
      let worker = fixture.worker()
      let run = Task { try await worker.run() }
      #expect(await eventually { fixture.folder.exists("processes") })
      run.cancel()
      try await run.value
      #expect(try await fixture.count("select count(*) from leased_jobs") == 0)
      #expect(try await fixture.outcomes().last == "handed_back")
    }
  }

  @Test func `a claim that fails costs the jobs claimed before it nothing`() async throws {
    try await WorkerFixture.with(Self.picture) { fixture in
      try await fixture.addNoops(1)
      try await fixture.connection.executeScript(
        """
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before insert on leased_jobs for each row when (new.kind = 'noop')
          execute function refuse();
        """)
      let worker = fixture.worker(kinds: [.variant, .noop])
      let run = Task { try await worker.run() }
      #expect(try await fixture.until("exists (select 1 from variants where status = 'review')"))
      await worker.stop()
      try await run.value
      #expect(try await fixture.count("select count(*) from leased_jobs") == 0)
    }
  }

  @Test func `a job that cannot be shown as running is done all the same`() async throws {
    try await WorkerFixture.with(Self.picture) { fixture in
      try await fixture.connection.executeScript(
        """
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before update on variants for each row when (new.status = 'generating')
          execute function refuse();
        """)
      try await fixture.worker(drain: true).run()
      #expect(try await fixture.count("select count(*) from variants where status = 'review'") == 1)
    }
  }

  @Test func `a result whose turn takes too long is told again, not dropped`() async throws {
    try await WorkerFixture.with(Self.picture, characters: 2) { fixture in
      let producer = try await PostgresConnection.connect(to: fixture.pipeline.target, applicationName: "producer")
      let worker = fixture.worker(queueTimeLimit: .milliseconds(200))
      let run = Task { try await worker.run() }
      #expect(
        try await fixture.until("(select count(*) from leased_jobs) + (select count(*) from job_results) > 0"))
      try await producer.transaction {
        try await ProjectLock(producer).take([fixture.pipeline.project])
        // Both are made, and their results wait for the lock and for each other.
        #expect(await eventually { fixture.folder.files().count { $0.hasSuffix(".png") } == 2 })
        try await Task.sleep(for: .seconds(1))
      }
      await producer.close()
      #expect(try await fixture.until("(select count(*) from variants where status = 'review') = 2"))
      await worker.stop()
      try await run.value
      #expect(try await fixture.count("select count(*) from attempts where number > 1") == 0)
    }
  }

  @Test func `a lease that its own worker has forgotten runs out, and draining ends`() async throws {
    try await WorkerFixture.with(Self.picture) { fixture in
      let worker = fixture.worker(drain: true)
      let other = fixture.worker(kinds: [.noop])
      let idle = Task { try await other.run() }
      #expect(try await fixture.until("exists (select 1 from workers where kinds = '{noop}')"))
      // As if its claim's answer had been lost.
      let id = WorkerID(
        try await fixture.connection.query("select id from workers where kinds = '{noop}'").rows[0].decode(Int64.self))
      let claimed = try await Queue(fixture.connection).claim(.variant, limit: 1, worker: id)
      #expect(claimed.count == 1)
      try await fixture.connection.execute("update leased_jobs set leased_until = now() + interval '3 seconds'")
      try await worker.run()
      #expect(try await fixture.outcomes().suffix(2) == ["lost", "completed"])
      await other.stop()
      try await idle.value
    }
  }

  @Test func `stopping ends a worker whose database is away`() async throws {
    let worker = Worker(
      options: WorkerOptions(name: "test", slots: 1), media: MediaFolder(root: "/nowhere"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      connect: { throw PostgresError(.connectionFailed, "away") })
    let run = Task { try await worker.run() }
    try await Task.sleep(for: .milliseconds(300))
    await worker.stop()
    try await run.value
  }

  @Test func `a picture that could not be checked is reported, so that its file can be removed`() async throws {
    // Large enough that the check can be cut short: the file is published, and looking at it takes a moment.
    let large = """
      ffmpeg -nostdin -loglevel error -f lavfi -i testsrc2=s=3000x3000 -frames:v 1 -compression_level 1 -y "$1"
      """
    try await WorkerFixture.with(large) { fixture in
      let connection = fixture.connection
      try await connection.execute("update variant_types set width = 3000, height = 3000")
      let job = try #require(try await fixture.pipeline.claim(.variant).first)
      let link = DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
      let media = MediaFolder(root: fixture.folder("media"))
      let work = JobWork(job: job, link: link, media: media, onProgress: { _ in })
      let run = Task { await work.run() }
      let path = media.variant(job).path
      #expect(await eventually { FileManager.default.fileExists(atPath: path) })
      run.cancel()
      let report = await run.value
      #expect(report.end == .cancelled)
      #expect(report.files == [path], "\(report)")
    }
  }
}

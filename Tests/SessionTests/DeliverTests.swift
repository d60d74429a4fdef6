import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator
@testable import Session

/// A session in a project whose only run is approved, each take one real clip.
private struct Producer: Sendable {
  let connection: PostgresConnection
  let target: ConnectionTarget
  let folder: String
  let project: ProjectID
  let run: RunID

  var package: String { folder + "/spring" }

  static func with(_ body: @Sendable (Producer) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "callsheet deliver's-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clip = folder + "/clip.mp4"
    let tool = MediaTool.ffmpeg(
      [
        "-f", "lavfi", "-i", "testsrc2=s=64x64:r=12:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p",
        MediaTool.input(clip),
      ], timeLimit: .seconds(60))
    _ = try await tool.output()
    let sum = try await Checksum.sha256(of: clip)
    try await TestDatabase.withDatabase { connection, target in
      let file = ProductionFile.oneClip
      let sources = [
        StoredSource(character: "Aria", path: "/a.png", storedPath: "/a.png", sha256: sum, bytes: 1)
      ]
      let (project, _) = try await connection.transaction {
        try await Productions(connection).apply(file, sources: sources)
      }
      let (run, _) = try await connection.transaction {
        try await Runs(connection).create(
          name: "spring", project: project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
      }
      try await approve(connection, clip, sum)
      try await body(
        Producer(connection: connection, target: target, folder: folder, project: project, run: run))
    }
  }

  /// What the pipeline would have left behind.
  private static func approve(_ connection: PostgresConnection, _ clip: String, _ sum: String) async throws {
    try await connection.execute(
      """
      update variants set status = 'approved', generation = 1, path = '/v.png', sha256 = \(sum), source_sha256 = \(sum)
      """)
    try await connection.execute(
      """
      insert into takes (scene_id, number, variant_id, input_path, input_sha256, seed, qa_status, review, reviewed_at)
      select s.id, 1, v.id, v.path, v.sha256, 1, 'passed', 'approved', now() from scenes s, variants v
      """)
    try await connection.execute(
      """
      insert into segments (take_id, number, status_id, path, sha256) select id, 1, 4, \(clip), \(sum) from takes
      """)
    try await connection.execute("update scenes set current_take_id = (select id from takes)")
    try await connection.execute("update cells set submitted = true")
  }

  func session(
    connect: (@Sendable () async throws -> PostgresConnection)? = nil
  ) async throws -> ProducerSession {
    let target = target
    let session = ProducerSession(
      connection: connection, settings: SessionSettings(user: "mira", media: MediaFolder(root: folder + "/media")),
      connect: connect ?? { try await PostgresConnection.connect(to: target, applicationName: "inline") })
    try await session.useWhatIsThere()
    return session
  }

  func deliver(_ session: ProducerSession, to path: String? = nil) async throws -> DeliveryReport? {
    let text = "deliver spring to=\"\(path ?? package)\""
    let statement = try #require(Parser.parse(SourceText(name: "test", text: text)).statements.first)
    guard case .delivered(let report) = try await session.execute(statement).outcome else { return nil }
    return report
  }

  /// The codes of what `deliver` says when it refuses.
  func refusal(_ session: ProducerSession, to path: String? = nil) async throws -> Diagnostic? {
    do {
      _ = try await deliver(session, to: path)
      return nil
    } catch let error as DiagnosticError {
      return error.diagnostics.first
    }
  }

  /// A delivery that somebody began; `claimed` by a worker that was heard of until now.
  func begun(claimed: Bool, to path: String? = nil) async throws -> DeliveryID {
    let heading = try #require(try await Runs(connection).find(run))
    let path = path ?? package
    let (delivery, _) = try await connection.transaction {
      try await Deliveries(connection).start(heading, path: path, by: nil)
    }
    if claimed {
      let worker = try await Queue(connection).register(
        name: "other", host: "elsewhere", pid: 17, kinds: [.delivery], slots: 1)
      #expect(try await Queue(connection).claim(.delivery, limit: 1, worker: worker).count == 1)
    }
    return delivery
  }

  func deliveries() async throws -> [String] {
    try await connection.query(
      "select d.id || ' ' || s.name from deliveries d join job_statuses s on s.id = d.status_id order by d.id"
    ).rows.map { try $0.decode(column: 0) }
  }
}

@Suite(.timeLimit(.minutes(2))) struct DeliverTests {
  @Test func `deliver packs by itself when no worker is there`() async throws {
    try await Producer.with { producer in
      let session = try await producer.session()
      let report = try #require(try await producer.deliver(session))
      #expect(report.videos == 1 && report.path == producer.package)
      #expect(FileManager.default.fileExists(atPath: producer.package + "/SHA256SUMS"))
    }
  }

  @Test func `deliver inside a transaction is refused, since nobody could see its job`() async throws {
    try await Producer.with { producer in
      let session = try await producer.session()
      let refusal = try await producer.connection.transaction { try await producer.refusal(session) }
      #expect(refusal?.code == "deliver_in_transaction")
      #expect(try await producer.deliveries().isEmpty)
    }
  }

  @Test(arguments: [false, true])
  func `a delivery whose shell was killed is taken up by the next`(hadClaimed: Bool) async throws {
    try await Producer.with { producer in
      _ = try await producer.begun(claimed: hadClaimed)
      try await producer.connection.execute("update leased_jobs set leased_until = now() - interval '1 second'")
      let report = try await producer.deliver(try await producer.session())
      #expect(report?.videos == 1)
      #expect(try await producer.deliveries() == ["1 completed"])
    }
  }

  @Test func `a delivery that a live process has in hand is not started twice`() async throws {
    try await Producer.with { producer in
      _ = try await producer.begun(claimed: true)
      let session = try await producer.session()
      let refusal = try #require(try await producer.refusal(session))
      #expect(refusal.code == "delivery_under_way")
      #expect(refusal.message.hasSuffix("is under way already: other on elsewhere, process 17 has it"))
      #expect(try await producer.deliveries() == ["1 pending"])
    }
  }

  @Test func `while another shell delivers a run, this one is told so`() async throws {
    try await Producer.with { producer in
      let other = try await PostgresConnection.connect(to: producer.target, applicationName: "other shell")
      #expect(try await Deliveries(other).takeTurn(producer.run))
      let session = try await producer.session()
      let refusal = try #require(try await producer.refusal(session))
      #expect(refusal.code == "delivery_under_way")
      #expect(try await producer.deliveries().isEmpty)
      await other.close()
      // The server hears of the end of a connection a moment later.
      for _ in 0..<100 {
        if try await Deliveries(producer.connection).takeTurn(producer.run) { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(try await producer.deliver(session)?.videos == 1)
    }
  }

  @Test func `a delivery that nobody works on does not keep another folder waiting`() async throws {
    try await Producer.with { producer in
      _ = try await producer.begun(claimed: false, to: producer.folder + "/elsewhere")
      let report = try await producer.deliver(try await producer.session())
      #expect(report?.path == producer.package)
      #expect(try await producer.deliveries() == ["1 cancelled", "2 completed"])
      #expect(!FileManager.default.fileExists(atPath: producer.folder + "/elsewhere"))
    }
  }

  @Test func `what is there already is refused, but not a delivery's own package`() async throws {
    try await Producer.with { producer in
      let session = try await producer.session()
      _ = try await producer.deliver(session)
      #expect(try await producer.refusal(session)?.code == "target_exists")
      await session.change { $0.isDryRun = true }
      #expect(try await producer.refusal(session)?.code == "target_exists")
      await session.change { $0.isDryRun = false }
      // As if the process had died between the package's last name and the database's word on it.
      try await producer.connection.execute("update deliveries set status_id = 2")
      try await producer.connection.execute("delete from job_results")
      try await producer.connection.execute(
        "insert into live_jobs (kind, subject_id, job_id) select kind, subject_id, id from jobs where kind = 'delivery'"
      )
      try await producer.connection.execute(
        "insert into ready_jobs (kind, rank, run_at, job_id, attempts) select kind, 0, now(), id, 1 from jobs where kind = 'delivery'"
      )
      #expect(try await producer.deliver(session)?.videos == 1)
      #expect(try await producer.deliveries() == ["1 completed"])
    }
  }

  @Test func `a packing that cannot even begin ends the waiting`() async throws {
    try await Producer.with { producer in
      let session = try await producer.session { throw PostgresError(.usage, "no more connections") }
      #expect(try await producer.refusal(session)?.message.contains("no more connections") == true)
    }
  }

  @Test func `an interrupted deliver gives its job back before it returns`() async throws {
    try await Producer.with { producer in
      let session = try await producer.session()
      let task = Task { try await producer.deliver(session) }
      try await Task.sleep(for: .milliseconds(150))
      task.cancel()
      let report = try? await task.value
      let leased: Int = try await producer.connection.query("select count(*) from leased_jobs").rows[0].decode(
        column: 0)
      #expect(leased == 0)
      #expect(!FileManager.default.fileExists(atPath: producer.folder + "/.partial-spring"))
      // Whether it was quicker or not, the package is there after the next try.
      if report == nil { _ = try await producer.refusal(session) }
      #expect(FileManager.default.fileExists(atPath: producer.package + "/SHA256SUMS"))
    }
  }
}

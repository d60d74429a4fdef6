import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

/// A run of one character whose takes are real clips, all approved.
private struct ApprovedRun: Sendable {
  let pipeline: PipelineFixture
  let folder: TestFolder
  var target: String { folder("deliveries/spring") }
  var deliveries: Store.Deliveries { Store.Deliveries(pipeline.connection) }

  static func with(_ body: @Sendable (ApprovedRun) async throws -> Void) async throws {
    let folder = try TestFolder()
    let clip = try await folder.clip("clip.mp4")
    let sum = try await Checksum.sha256(of: clip)
    try await PipelineFixture.with(.init(characters: 1, sceneTypes: 2)) { pipeline in
      try await pipeline.workUntilReview()
      try await pipeline.connection.execute("update segments set path = \(clip), sha256 = \(sum)")
      try await pipeline.act(.approve(note: nil), .cells(try await pipeline.cells()))
      try await body(ApprovedRun(pipeline: pipeline, folder: folder))
    }
  }

  func link() -> DatabaseLink {
    let connection = pipeline.connection
    return DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
  }

  func work() async throws {
    let target = pipeline.target
    let worker = Worker(
      options: WorkerOptions(name: "packer", slots: 1, kinds: [.delivery], drain: true),
      media: MediaFolder(root: folder("media")), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      connect: { try await PostgresConnection.connect(to: target, applicationName: "packer") })
    try await worker.run()
  }

  /// Claims the delivery's job and packs, as a worker that dies before it can tell.
  func packed() async throws -> (ClaimedJob, JobReport) {
    let job = try #require(
      try await Queue(pipeline.connection).claim(.delivery, limit: 1, worker: pipeline.worker).first)
    return (job, await JobWork(job: job, link: link(), media: MediaFolder(root: "/"), onProgress: { _ in }).run())
  }

  func state(_ id: DeliveryID) async throws -> DeliveryState { try #require(try await deliveries.state(id)) }
  func files() -> [String] { folder.files().filter { $0.hasPrefix("deliveries/") } }

  func makeAnotherTake() async throws {
    let cell = try #require(try await pipeline.cells().first)
    try await pipeline.act(.submit(takeNew: true, priority: nil), .cells([cell]))
  }
}

@Suite(.timeLimit(.minutes(2))) struct DeliveryJobTests {
  @Test func `a run is packed as it is, with what its delivery says of it`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      try await run.work()
      let state = try await run.state(id)
      #expect(state.status == .completed && state.filesDone == 2 && state.phase == nil)
      #expect(run.files().count { $0.hasSuffix(".mp4") } == 2)
    }
  }

  @Test func `what is not approved is refused in the very transaction that starts the delivery`() async throws {
    try await ApprovedRun.with { run in
      let cells = try await run.pipeline.cells()
      try await run.pipeline.act(.submit(takeNew: true, priority: nil), .cells([cells[0]]))
      await #expect {
        try await run.pipeline.startDelivery(to: run.target)
      } throws: { error in
        guard case DeliveryStartError.notDeliverable(let missing) = error else { return false }
        return missing.map(\.state) == ["queued"] && missing.map(\.count) == [1]
      }
      #expect(try await run.pipeline.ids("select id from deliveries").isEmpty)
    }
  }

  @Test func `a delivery is of the takes that counted when it was asked for`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      #expect(try await run.deliveries.drift(id).isEmpty)
      try await run.makeAnotherTake()
      let cells = try await run.deliveries.cells(of: id)
      #expect(cells.map(\.take) == [1, 1] && cells.map(\.segments.count) == [2, 2])
      #expect(try await run.deliveries.drift(id) == ["c1, s1, v1: take 1 approved, now queued"])
      // Another take that is approved is another take all the same.
      try await run.pipeline.work()
      try await run.pipeline.act(.approve(note: nil), .cells(try await run.pipeline.cells()))
      #expect(try await run.deliveries.drift(id) == ["c1, s1, v1: take 1 approved, now take 2 approved"])
      try await run.pipeline.act(.reject(reason: nil), .variants(try await run.pipeline.ids("select id from variants")))
      #expect(try await run.deliveries.drift(id).allSatisfy { $0.hasSuffix(", stale") })
    }
  }

  @Test func `a run that changed before it was packed is not delivered`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      try await run.makeAnotherTake()
      try await run.work()
      let state = try await run.state(id)
      #expect(state.status == .failed)
      #expect(
        state.error
          == "1 cell has changed since the delivery began:\n  c1, s1, v1: take 1 approved, now queued")
      #expect(run.files().isEmpty)
    }
  }

  @Test func `a run that changed while it was packed loses its package`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      let (job, report) = try await run.packed()
      #expect(report.end.isResult && run.folder.exists("deliveries/spring/SHA256SUMS"))
      try await run.makeAnotherTake()
      try await run.pipeline.settle(job, report)
      let state = try await run.state(id)
      #expect(state.status == .failed && state.error?.contains("now queued") == true)
      #expect(run.files().isEmpty && !run.folder.exists("deliveries/spring"))
    }
  }

  @Test func `a package whose worker died before it could tell is delivered by the next`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      let (job, first) = try await run.packed()
      let manifest = try run.folder.text("deliveries/spring/manifest.json")
      try await run.pipeline.connection.execute("update leased_jobs set leased_until = now() - interval '1 second'")
      try await run.work()
      #expect(try await run.state(id).status == .completed)
      #expect(try run.folder.text("deliveries/spring/manifest.json") == manifest)
      // The first comes late after all: it is refused, and its package is the second's.
      #expect(try await run.pipeline.settle(job, first) == false)
      #expect(run.folder.exists("deliveries/spring/SHA256SUMS"))
    }
  }

  @Test func `a package that was finished before the worker was told to stop counts`() {
    let delivered = JobReport(end: .delivered(bytes: 1, videos: 1))
    #expect(delivered.asCancelled == delivered)
    let file = FileFact(path: "/a", sha256: "", bytes: 1)
    let made = JobReport(end: .segmentGenerated(file, lastFrame: "/b"), files: ["/a", "/b"])
    #expect(made.asCancelled == JobReport(end: .cancelled, files: ["/a", "/b"]))
  }

  @Test func `the phase says what is counted`() async throws {
    try await ApprovedRun.with { run in
      let (id, _) = try await run.pipeline.startDelivery(to: run.target)
      try await run.deliveries.began(id)
      try await run.deliveries.progressed(id, phase: DeliveryProgress.Phase.validating.rawValue, done: 3, total: 4)
      let state = try await run.state(id)
      #expect(state.phase == "validating" && state.filesDone == 3 && state.filesTotal == 4)
    }
  }
}

import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator

/// A small production in a database of its own, and hands that do its jobs without any media: the queue, the facts and
/// the triggers are the real ones.
struct PipelineFixture: Sendable {
  let connection: PostgresConnection
  let target: ConnectionTarget
  let project: ProjectID
  let run: RunID
  let worker: WorkerID

  struct Size {
    var characters = 2
    var sceneTypes = 2
    var variantTypes = 1
    var segments = 2
    var gpuHours: Double?
  }

  static func with(_ size: Size = Size(), _ body: @Sendable (PipelineFixture) async throws -> Void) async throws {
    try await TestDatabase.withDatabase { connection, target in
      let file = file(size)
      let (project, _) = try await connection.transaction {
        try await Productions(connection).apply(file, sources: sources(file))
      }
      let (run, _) = try await connection.transaction {
        try await Runs(connection).create(
          name: "spring", project: project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
      }
      let worker = try await Queue(connection).register(
        name: "hands", host: "here", pid: 1, kinds: JobKind.allCases, slots: 1)
      let fixture = PipelineFixture(
        connection: connection, target: target, project: project, run: run, worker: worker)
      try await body(fixture)
      try await fixture.expectTruth()
    }
  }

  /// Ten GPU seconds and a megabyte for each segment, one and one for each variant.
  static func file(_ size: Size) -> ProductionFile {
    ProductionFile(
      project: "test", description: "", folder: "/", users: [.init(name: "mira", role: "producer")],
      generators: [
        .init(name: "look", kind: .variant, command: ["look"], timeLimitSeconds: 9, maxAttempts: 2),
        .init(name: "clip", kind: .segment, command: ["clip"], timeLimitSeconds: 9, maxAttempts: 2),
      ],
      sourceRules: [:],
      characters: (1...size.characters).map { .init(name: "c\($0)", source: "c\($0).png", sourcePath: "/c\($0).png") },
      sceneTypes: (1...size.sceneTypes).map {
        .init(
          name: "s\($0)", generator: "clip", segments: size.segments, segmentSeconds: 1, width: 320, height: 180,
          fps: 12, prompt: "", estimatedGPUSeconds: 10, estimatedDiskBytes: 1_000_000)
      },
      variantTypes: (1...size.variantTypes).map {
        .init(
          name: "v\($0)", generator: "look", width: 512, height: 512, prompt: "", estimatedGPUSeconds: 1,
          estimatedDiskBytes: 1_000_000)
      },
      gpuHours: size.gpuHours, diskGB: nil)
  }

  static func sources(_ file: ProductionFile, version: Character = "a") -> [StoredSource] {
    file.characters.map {
      StoredSource(
        character: $0.name, path: $0.sourcePath, storedPath: $0.sourcePath, sha256: sha($0.name, version), bytes: 1)
    }
  }

  /// 64 hexadecimal digits that tell two texts apart.
  static func sha(_ text: String, _ version: Character = "a") -> String {
    let digits = text.utf8.map { String($0, radix: 16) }.joined()
    return String(repeating: version, count: max(0, 64 - digits.count)) + digits.suffix(64)
  }

  // MARK: Acting

  func ids(_ query: SQL) async throws -> [Int64] {
    try await connection.query(query).rows.map { try $0.decode(column: 0) }
  }

  func cells(_ condition: SQL = "true") async throws -> [Int64] {
    try await ids("select id from query_cells where run_id = \(run) and \(condition) order by id")
  }

  @discardableResult
  func act(_ action: ProducerAction, _ subject: ActionSubject) async throws -> ActionReport {
    let report = try await ActionRunner(connection).run(
      action, on: subject,
      in: ActionContext(project: project, run: run, user: "mira", statement: action.verb))
    try await expectTruth()
    return report
  }

  @discardableResult
  func submitAll() async throws -> ActionReport {
    try await act(.submit(takeNew: false, priority: nil), .cells(try await cells()))
  }

  @discardableResult
  func approveVariants() async throws -> ActionReport {
    try await act(.approve(note: nil), .variants(try await ids("select id from variants where status = 'review'")))
  }

  /// All cells have a take whose first segment is queued: sources are checked, looks made and approved.
  func queueTakes() async throws {
    try await submitAll()
    try await work([.sourceQA, .variant])
    try await approveVariants()
  }

  func startDelivery(to path: String) async throws -> (DeliveryID, JobID) {
    let connection = connection
    let heading = try #require(try await Runs(connection).find(run))
    return try await connection.transaction {
      try await ProjectLock(connection).take([project])
      return try await Store.Deliveries(connection).start(heading, path: path, by: nil)
    }
  }

  // MARK: Working

  /// How the hands end a job; the usual way is that everything succeeds.
  static let success: @Sendable (ClaimedJob) -> JobReport = { job in
    let file = FileFact(path: "/out/\(job.id)-\(job.attempt)", sha256: sha("\(job.id)"), bytes: 1000)
    let passed = QAFinding(passed: true, reason: nil, report: "{}", width: 600, height: 600)
    switch job.kind {
    case .sourceQA: return JobReport(end: .sourceChecked(passed))
    case .variant: return JobReport(end: .variantGenerated(file, sourceSHA256: ""), gpuSeconds: 2)
    case .segment: return JobReport(end: .segmentGenerated(file, lastFrame: file.path + ".png"), gpuSeconds: 3)
    case .sceneQA: return JobReport(end: .takeChecked(passed))
    case .delivery: return JobReport(end: .delivered(bytes: 1, videos: 1))
    case .noop: return JobReport(end: .nothingToDo)
    }
  }

  func claim(_ kind: JobKind, limit: Int = 1) async throws -> [ClaimedJob] {
    let jobs = try await Queue(connection).claim(kind, limit: limit, worker: worker)
    try await Queue(connection).markRunning(jobs, worker: worker)
    return jobs
  }

  @discardableResult
  func settle(_ job: ClaimedJob, _ report: JobReport) async throws -> Bool {
    let connection = connection
    let link = DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
    var report = report
    if case .variantGenerated(let file, _) = report.end {
      // The picture that was there when the job was claimed.
      let sha256: String = try await connection.query(
        """
        select i.sha256 from variants v join source_images i on i.character_id = v.character_id
        where v.id = \(job.subjectID)
        """
      ).rows[0].decode(column: 0)
      report.end = .variantGenerated(file, sourceSHA256: sha256)
    }
    let accepted = try await JobSettlement(link: link).settle(job, report, worker: worker)
    try await expectTruth()
    return accepted
  }

  /// Does every ready job of these kinds, and those that follow, until none is ready.
  @discardableResult
  func work(
    _ kinds: [JobKind] = [.sourceQA, .variant, .segment, .sceneQA],
    _ end: @Sendable (ClaimedJob) -> JobReport = Self.success
  ) async throws -> Int {
    var done = 0
    while true {
      var claimed: [ClaimedJob] = []
      for kind in kinds { claimed += try await claim(kind, limit: 100) }
      if claimed.isEmpty { return done }
      for job in claimed { try await settle(job, end(job)) }
      done += claimed.count
    }
  }

  /// All takes made and passed, waiting for review.
  func workUntilReview() async throws {
    try await submitAll()
    try await work()
    try await approveVariants()
    try await work()
  }

  // MARK: Looking

  func statuses() async throws -> [String: Int] {
    try await connection.query("select status::text, count(*) from cells where run_id = \(run) group by 1").rows
      .reduce(into: [:]) { counts, row in
        let (status, count) = try row.decode((String, Int).self)
        counts[status] = count
      }
  }

  func budget() async throws -> (reserved: Double, spent: Double) {
    try await connection.query("select reserved, spent from budgets where resource = 'gpu_hours'").rows[0].decode(
      (Double, Double).self)
  }

  /// Every kept copy equals the facts, and every job is in one place.
  func expectTruth(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let differences = try await MatrixCheck(connection).differences()
    #expect(differences == [], sourceLocation: sourceLocation)
  }
}

extension PipelineFixture {
  /// Gives the jobs of expired leases to others, as any worker does.
  func rescue() async throws {
    let connection = connection
    let link = DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
    try await JobSettlement(link: link).rescue(by: worker, held: [])
  }
}

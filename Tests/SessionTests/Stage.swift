import Diagnostics
import Foundation
import Logging
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator
@testable import Session

/// A production in which a bit of everything has happened, and producers who say statements in it.
///
/// Three characters, three scene types, one look: nine cells. Aria's look is approved; of her cells one has failed (1), one is
/// in review (2), one is queued (3). Bo's look is in review, so his (4 to 6) are blocked. Cleo's source image failed its check:
/// 7 is blocked, 8 skipped, 9 was never submitted and is held.
struct Stage: Sendable {
  let connection: PostgresConnection
  let target: ConnectionTarget
  let project: ProjectID
  let run: RunID

  static func with(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await TestDatabase.withDatabase { connection, target in
      let (project, _) = try await connection.transaction {
        try await Productions(connection).apply(Self.file, sources: Self.sources)
      }
      let (run, _) = try await connection.transaction {
        try await Runs(connection).create(
          name: "spring", project: project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
      }
      let stage = Stage(connection: connection, target: target, project: project, run: run)
      try await stage.play()
      try await body(stage)
      #expect(try await MatrixCheck(connection).differences() == [])
    }
  }

  static let file = ProductionFile(
    project: "neon", description: "", folder: "/", users: [.init(name: "mira", role: "producer")],
    generators: [
      .init(name: "look", kind: .variant, command: ["look"], timeLimitSeconds: 9, maxAttempts: 1),
      .init(name: "clip", kind: .segment, command: ["clip"], timeLimitSeconds: 9, maxAttempts: 1),
    ],
    sourceRules: [:],
    characters: ["Aria Vale", "Bo Okafor", "Cleo Marsh"].map { .init(name: $0, source: "a.png", sourcePath: "/a.png") },
    sceneTypes: ["alley", "roof", "rain"].map {
      .init(
        name: $0, generator: "clip", segments: 2, segmentSeconds: 1, width: 64, height: 64, fps: 12, prompt: "",
        estimatedGPUSeconds: 36, estimatedDiskBytes: 1_000_000)
    },
    variantTypes: [
      .init(
        name: "coat", generator: "look", width: 64, height: 64, prompt: "", estimatedGPUSeconds: 18,
        estimatedDiskBytes: 1_000_000)
    ], gpuHours: 1, diskGB: nil)

  private static let sha = String(repeating: "a", count: 64)
  private static let sources = file.characters.map {
    StoredSource(character: $0.name, path: "/a.png", storedPath: "/a.png", sha256: sha, bytes: 1)
  }

  private func play() async throws {
    let mira = try await session()
    try await mira.say("cells where id < 8 | submit")
    try await work([.sourceQA]) { job in
      let passed = job.subjectID < 3
      return .sourceChecked(
        QAFinding(passed: passed, reason: passed ? nil : "too small", report: "{}", width: 9, height: 9))
    }
    try await work([.variant]) { _ in Self.picture }
    try await mira.say("variants where character=Aria | approve")
    try await work([.segment], limit: 1) { _ in .failed("out of memory", isFinal: true) }
    try await work([.segment], limit: 1) { job in Self.clip(job) }
    try await finishSecondTake()
    try await mira.say("cells where id = 8 | skip reason=\"cut\"", "cells where id = 9 | hold")
  }

  private static let picture = JobEnd.variantGenerated(
    FileFact(path: "/v.png", sha256: sha, bytes: 1000), sourceSHA256: sha)

  private static func clip(_ job: ClaimedJob) -> JobEnd {
    .segmentGenerated(FileFact(path: "/s\(job.id).mp4", sha256: sha, bytes: 1000), lastFrame: "/s\(job.id).png")
  }

  private func finishSecondTake() async throws {
    let cell: Int64 = try await connection.query(
      "select subject_id from jobs where kind = 'segment' order by id desc limit 1"
    ).rows[0].decode(column: 0)
    try await work([.segment], where: cell) { job in Self.clip(job) }
    try await work([.sceneQA]) { _ in
      .takeChecked(QAFinding(passed: true, reason: nil, report: "{}", width: 9, height: 9))
    }
  }

  /// Ends ready jobs of these kinds, the first ones.
  private func work(
    _ kinds: [JobKind], limit: Int = 100, where subject: Int64? = nil, _ end: @Sendable (ClaimedJob) -> JobEnd
  ) async throws {
    let queue = Queue(connection)
    let worker = try await queue.register(name: "hands", host: "here", pid: 1, kinds: kinds, slots: 2)
    let connection = connection
    let link = DatabaseLink(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { connection }
    for kind in kinds {
      if let subject {
        try await connection.execute(
          """
          update ready_jobs set rank = -1000 where job_id = (select id from jobs where kind = 'segment' and subject_id = \(subject))
          """)
      }
      let jobs = try await queue.claim(kind, limit: subject == nil ? limit : 1, worker: worker)
      try await queue.markRunning(jobs, worker: worker)
      for job in jobs {
        let report = JobReport(end: end(job), gpuSeconds: 18)
        let isKept = try await JobSettlement(link: link).settle(job, report, worker: worker)
        #expect(isKept == report.end.isResult)
      }
    }
  }

  // MARK: Producers

  /// A producer at a shell of their own.
  func session(
    _ user: String = "mira", own: Bool = false, change: @Sendable (inout SessionSettings) -> Void = { _ in }
  ) async throws -> ProducerSession {
    let target = target
    let connect = { @Sendable in try await PostgresConnection.connect(to: target, applicationName: user) }
    var settings = SessionSettings(user: user, media: MediaFolder(root: "/tmp"), timeZone: .gmt)
    change(&settings)
    let session = ProducerSession(
      connection: own ? try await connect() : connection, settings: settings, connect: connect)
    try await session.useWhatIsThere()
    return session
  }

  // MARK: Looking

  func number(_ sql: SQL) async throws -> Int { try await connection.query(sql).rows[0].decode(column: 0) }

  /// The statuses of the nine cells, by their first letters.
  func statuses() async throws -> String {
    try await connection.query("select string_agg(left(status::text, 1), '' order by id) from cells").rows[0].decode(
      column: 0)
  }
}

extension ProducerSession {
  /// Carries out statements, one after the other; returns what the last had to say.
  @discardableResult
  func say(_ texts: String..., source: String = "test") async throws -> Outcome {
    var outcome = Outcome.nothing
    for text in texts {
      let parsed = Parser.parse(SourceText(name: source, text: text))
      for statement in parsed.statements { outcome = try await execute(statement).outcome }
    }
    return outcome
  }

  /// What it says when it refuses; nil when it does not.
  func refusal(_ text: String) async throws -> Diagnostic? {
    do {
      try await say(text)
      return nil
    } catch let error as DiagnosticError {
      return error.diagnostics.first
    }
  }

  /// The ids of a pipeline's rows.
  func ids(_ pipeline: String) async throws -> [Int64] {
    guard case .table(let table, _) = try await say("\(pipeline) | pick id") else { return [] }
    return table.rows.compactMap { row in
      if case .int(let id) = row[0] { id } else { nil }
    }
  }

  /// A message, a text or a table as text, whatever it was.
  func told(_ text: String) async throws -> String {
    switch try await say(text) {
    case .message(let text), .text(let text), .done(let text, _): text
    case .table(let table, _):
      table.rows.map { row in row.map(\.plain).joined(separator: "|") }.joined(separator: "\n")
    case let other: "\(other)"
    }
  }
}

extension Value {
  fileprivate var plain: String {
    switch self {
    case .null: "-"
    case .text(let text): text
    case .int(let number): String(number)
    case .bool(let flag): String(flag)
    case .double, .time, .duration, .list: "..."
    }
  }
}

extension Diagnostic {
  /// The text under the carets.
  var marked: String? { span.flatMap { source?[$0] } }
}

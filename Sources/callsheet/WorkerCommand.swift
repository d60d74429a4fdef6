import ArgumentParser
import Foundation
import Logging
import Model
import Orchestrator
import PostgresClient
import Rendering
import Shell
import Terminal

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Run jobs until stopped.",
    discussion: "SIGTERM or Ctrl-C: takes no more jobs, finishes those in hand or hands them back, and ends.")

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Jobs at a time.") var slots = 1
  @Option(help: "Kinds of jobs to take, with commas between them; else all.") var kinds: String?
  @Option(help: "How the worker is called in lists; else host and process.") var name: String?
  @Flag(help: "End when nothing is left to do.") var drain = false
  @Flag(help: "Log every job.") var verbose = false

  func validate() throws {
    if !(1...512).contains(slots) { throw ValidationError("--slots is a number from 1 to 512") }
    _ = try chosenKinds()
  }

  private func chosenKinds() throws -> [JobKind] {
    guard let kinds else { return WorkerOptions.allKinds }
    return try kinds.split(separator: ",").map { word in
      let word = word.trimmingCharacters(in: .whitespaces)
      if let kind = JobKind(rawValue: word) { return kind }
      let known = JobKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("there is no kind of job \"\(word)\"; kinds: \(known)")
    }
  }

  func run() async throws {
    let environment = Surroundings.environment
    let (access, connection, _) = try await DatabaseAccess.open(
      database.location, applicationName: "callsheet worker")
    await connection.close()
    let ticker = WorkTicker(glyphs: GlyphSet.decide(environment: environment), remedy: "Ctrl-C ends")
    var logger = Logger(
      label: "callsheet.worker",
      factory: { LogAboveTicker(handler: StreamLogHandler.standardError(label: $0), ticker: ticker) })
    logger.logLevel = verbose ? .debug : .info
    let host = ProcessInfo.processInfo.hostName
    let options = WorkerOptions(
      name: name ?? "\(host)-\(getpid())", slots: slots, kinds: try chosenKinds(), drain: drain)
    let worker = Worker(
      options: options, media: MediaFolder.resolve(environment: environment), logger: logger,
      connect: { try await access.connect() })
    let claim = SignalRelay.shared.claim([.interrupt, .terminate, .hangUp]) { _ in Task { await worker.stop() } }
    defer { claim.release() }
    logger.info("taking jobs", metadata: ["slots": "\(slots)", "name": "\(options.name)"])
    ticker.start()
    let telling = Task { await Self.tell(of: worker, ticker) }
    defer { telling.cancel() }
    try await worker.run()
    ticker.stop()
    let finished = await worker.finishedJobs
    logger.info("ended", metadata: ["jobs": "\(finished)"])
  }

  private static func tell(of worker: Worker, _ ticker: WorkTicker) async {
    let began = ContinuousClock.now
    var tally = WorkerTally()
    while !Task.isCancelled {
      let (inHand, done) = await (worker.jobsInHand, worker.finishedJobs)
      ticker.note(done, of: 0, tally.words(inHand: inHand, done: done, at: ContinuousClock.now - began))
      try? await Task.sleep(for: .milliseconds(250))
    }
  }
}

/// Log lines that stand above the line of what goes on.
private struct LogAboveTicker: LogHandler {
  var handler: StreamLogHandler
  let ticker: WorkTicker

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }
  var logLevel: Logger.Level {
    get { handler.logLevel }
    set { handler.logLevel = newValue }
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) { ticker.makingRoom { handler.log(event: event) } }
}

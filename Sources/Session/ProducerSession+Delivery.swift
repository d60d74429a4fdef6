import Diagnostics
import Foundation
import Logging
import Model
import Orchestrator
import PostgresClient
import QueryLanguage
import Store

extension ProducerSession {
  /// Delivers a run: refuses with what is in the way, else queues the packing and waits for it. When no worker takes it, this
  /// process does; whoever does it, a crash leaves no half package and the job to the next.
  func deliver(_ reference: Reference?, to path: String?, _ statement: Statement) async throws -> Outcome {
    let run = try await runHeading(reference, statement)
    try await requireDeliverable(run, statement)
    let target = Self.absolute(path ?? "deliveries/\(run.project)-\(run.name)")
    if settings.isDryRun { return .text("\(run.name) can be delivered to \(target)") }
    if FileManager.default.fileExists(atPath: target) {
      throw failure(
        "target_exists", "\(target) is there already", statement,
        hints: ["deliver \(run.name) to=\"ANOTHER FOLDER\", or move it away"])
    }
    let (delivery, job) = try await start(run, target, statement)
    let worker = Worker(
      options: WorkerOptions(name: "shell", slots: 1, kinds: [.delivery], only: job), media: settings.media,
      logger: Logger(label: "callsheet.deliver") { _ in SwiftLogNoOpLogHandler() }, connect: connect)
    let packing = Task { try await worker.run() }
    defer { packing.cancel() }
    let state = try await withTaskCancellationHandler {
      try await finished(delivery)
    } onCancel: {
      packing.cancel()
    }
    await worker.stop()
    guard state.status == .completed else {
      throw failure("delivery_failed", "nothing was delivered: \(state.error ?? "it was cancelled")", statement)
    }
    let skipped = try await Deliveries(connection).skippedCells(of: run.id)
    return .delivered(
      DeliveryReport(run: run.name, path: state.path, videos: state.filesTotal, bytes: state.bytes, skipped: skipped))
  }

  private func requireDeliverable(_ run: RunHeading, _ statement: Statement) async throws {
    let missing = try await Deliveries(connection).undeliverable(run.id)
    if missing.isEmpty { return }
    let count = missing.reduce(0) { $0 + $1.count }
    let hints = missing.map { part in
      let more = part.count > part.examples.count ? ", ..." : ""
      return "\(part.count) \(part.state): \(part.examples.joined(separator: ", "))\(more)"
    }
    throw failure(
      "not_deliverable", "\(run.name) cannot be delivered: \(count) cells are not approved", statement,
      hints: hints + ["cells where status != approved | why   says what to do"])
  }

  private func start(
    _ run: RunHeading, _ target: String, _ statement: Statement
  ) async throws -> (DeliveryID, JobID) {
    do {
      return try await connection.transaction { [connection, settings] in
        try await ProjectLock(connection).take([run.projectID])
        let user = try await Actions(connection).user(named: settings.user)
        let started = try await Deliveries(connection).start(run, path: target, by: user)
        _ = try await Actions(connection).record(
          verb: "deliver", entity: "runs", statement: statement.text, project: run.projectID, run: run.id, by: user,
          selected: 1, changed: [run.id.rawValue], leftAlone: [])
        return started
      }
    } catch DeliveryStartError.underWay(let id) {
      throw failure(
        "delivery_under_way", "delivery \(id) of \(run.name) is under way already", statement,
        hints: ["deliveries where status=running   shows how far it is"])
    }
  }

  /// Waits for the delivery's end, telling how far it is.
  private func finished(_ id: DeliveryID) async throws -> DeliveryState {
    while true {
      guard let state = try await Deliveries(connection).state(id) else { throw CancellationError() }
      switch state.status {
      case .completed, .failed, .cancelled: return state
      case .pending, .running, .paused: break
      }
      settings.onProgress(state.filesDone, state.filesTotal, "packing")
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }
}

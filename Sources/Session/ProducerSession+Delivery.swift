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
    let target = Self.absolute(path ?? "deliveries/\(PackageLayout.folderName(project: run.project, run: run.name))")
    if settings.isDryRun {
      // One that is under way goes on in its folder.
      if try await Deliveries(connection).underWay(run.id) == nil { try requireNothing(at: target, run, statement) }
      return .text("\(run.name) can be delivered to \(target)")
    }
    try await confirmRecalled("deliver \(run.name) to \(target)")
    if await connection.isInTransaction {
      throw failure(
        "deliver_in_transaction", "deliver works outside a transaction: what it packs has to be committed first",
        statement, hints: ["run it by itself, without --single-transaction"])
    }
    let state = try await inTurn(run, statement) {
      let (delivery, job) = try await start(run, target, statement)
      return try await packed(delivery, job, statement)
    }
    guard state.status == .completed else {
      throw failure("delivery_failed", "nothing was delivered: \(state.error ?? "it was cancelled")", statement)
    }
    let skipped = try await Deliveries(connection).skippedCells(of: run.id)
    return .delivered(
      DeliveryReport(run: run.name, path: state.path, videos: state.filesTotal, bytes: state.bytes, skipped: skipped))
  }

  /// One shell at a time delivers a run; the others are told so.
  private func inTurn(
    _ run: RunHeading, _ statement: Statement, _ body: () async throws -> DeliveryState
  ) async throws -> DeliveryState {
    let deliveries = Deliveries(connection)
    guard try await deliveries.takeTurn(run.id) else {
      throw failure(
        "delivery_under_way", "a delivery of \(run.name) is under way already: another shell waits for it", statement,
        hints: ["deliveries where status=running   shows how far it is"])
    }
    // In a task of its own, since a cancelled one can make no statement.
    let giveUp = { await Task { try? await deliveries.giveUpTurn(run.id) }.value }
    do {
      let state = try await body()
      await giveUp()
      return state
    } catch {
      await giveUp()
      throw error
    }
  }

  /// Waits for the delivery's end beside a worker of this process that takes its job unless another has it. Whichever of
  /// the two ends first ends the other; on cancellation the job is handed back before this returns.
  private func packed(_ delivery: DeliveryID, _ job: JobID, _ statement: Statement) async throws -> DeliveryState {
    let worker = Worker(
      options: WorkerOptions(name: "shell", slots: 1, kinds: [.delivery], only: job), media: settings.media,
      logger: Logger(label: "callsheet.deliver") { _ in SwiftLogNoOpLogHandler() }, connect: connect)
    let state = try await withThrowingTaskGroup(of: DeliveryState?.self) { group in
      group.addTask { try await self.finished(delivery) }
      group.addTask {
        try await worker.run()
        return nil
      }
      let first = try await group.next() ?? nil
      group.cancelAll()
      // The worker has let go of everything when this returns.
      while await group.nextResult() != nil {}
      return first
    }
    try Task.checkCancellation()
    if let state { return state }
    if let last = try await Deliveries(connection).state(delivery), last.isOver { return last }
    throw failure(
      "delivery_interrupted", "the packing ended before its end was recorded", statement,
      hints: ["deliver again: it goes on with the same delivery"])
  }

  private func requireDeliverable(_ run: RunHeading, _ statement: Statement) async throws {
    let missing = try await Deliveries(connection).undeliverable(run.id)
    if !missing.isEmpty { throw notDeliverable(run, missing, statement) }
  }

  private func notDeliverable(
    _ run: RunHeading, _ missing: [Undeliverable], _ statement: Statement
  ) -> DiagnosticError {
    let count = missing.reduce(0) { $0 + $1.count }
    let hints = missing.map { part in
      let more = part.count > part.examples.count ? ", ..." : ""
      return "\(part.count) \(part.state): \(part.examples.joined(separator: ", "))\(more)"
    }
    return failure(
      "not_deliverable", "\(run.name) cannot be delivered: \(count) cells are not approved", statement,
      at: statement.referenceSpan,
      hints: hints + ["cells where status != approved | why   says what to do"])
  }

  private func start(
    _ run: RunHeading, _ target: String, _ statement: Statement
  ) async throws -> (DeliveryID, JobID) {
    do {
      return try await connection.transaction { [self, connection, settings] in
        try await ProjectLock(connection).take([run.projectID])
        let user = try await Actions(connection).user(named: settings.user)
        let started = try await resumeOrStart(run, target, by: user, statement)
        _ = try await Actions(connection).record(
          verb: "deliver", entity: "runs", statement: statement.text, project: run.projectID, run: run.id, by: user,
          selected: 1, changed: [run.id.rawValue], leftAlone: [])
        return started
      }
    } catch DeliveryStartError.notDeliverable(let missing) {
      throw notDeliverable(run, missing, statement)
    } catch DeliveryStartError.underWay(let found) {
      throw failure(
        "delivery_under_way",
        "delivery \(found.id) of \(run.name) is under way already: \(found.holder ?? "a worker") has it", statement,
        hints: [
          "deliveries where status=running   shows how far it is",
          "if that process was killed, deliver again in half a minute goes on with it",
        ])
    }
  }

  private func resumeOrStart(
    _ run: RunHeading, _ target: String, by user: UserID, _ statement: Statement
  ) async throws -> (DeliveryID, JobID) {
    let deliveries = Deliveries(connection)
    switch try await deliveries.resume(run.id, path: target) {
    case .takenUp(let delivery, let job): return (delivery, job)
    case .ended(let delivery):
      if let (path, mark) = try await deliveries.discarded(delivery) {
        await DeliveryPackager.discard(path, mark: mark)
      }
    case .none: break
    }
    try requireNothing(at: target, run, statement)
    return try await deliveries.start(run, path: target, by: user)
  }

  private func requireNothing(at target: String, _ run: RunHeading, _ statement: Statement) throws {
    guard FileManager.default.fileExists(atPath: target) else { return }
    throw failure(
      "target_exists", "\(target) is there already", statement, at: statement.deliveryTargetSpan,
      hints: ["deliver \(run.name) to=\"ANOTHER FOLDER\", or move it away"])
  }

  /// Waits for the delivery's end, telling how far it is.
  private func finished(_ id: DeliveryID) async throws -> DeliveryState {
    while true {
      guard let state = try await Deliveries(connection).state(id) else { throw CancellationError() }
      if state.isOver { return state }
      settings.onProgress(state.filesDone, state.filesTotal, state.activity)
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

extension Statement {
  /// The folder that it names.
  fileprivate var deliveryTargetSpan: Span? {
    guard case .deliver(_, let options) = kind else { return nil }
    return options.first { $0.name?.value == "to" }?.value.span
  }
}

extension DeliveryState {
  var isOver: Bool {
    switch status {
    case .completed, .failed, .cancelled: true
    case .pending, .running, .paused: false
    }
  }

  /// What is being done with so many of so many files.
  var activity: String {
    switch phase {
    case "validating": "checking segments"
    case "finishing": "finishing"
    case nil: "waiting"
    default: "packing"
    }
  }
}

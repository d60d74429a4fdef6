import Foundation
import Model
import PostgresClient
import Store

/// Tells the database how an attempt ended, with everything that follows from it, in one transaction.
struct JobSettlement: Sendable {
  let link: DatabaseLink

  /// False: the job had been taken from the worker, and nothing was recorded. Safe to repeat.
  func settle(_ job: ClaimedJob, _ report: JobReport, worker: WorkerID) async throws -> Bool {
    do {
      let accepted = try await recorded(job, report, worker)
      if case .delivered = report.end, !accepted { try await discardPackage(of: job) }
      return accepted
    } catch let drift as DeliveryDrift {
      if let order = drift.order { await DeliveryPackager.discard(order.path, mark: order.mark) }
      var failed = report
      failed.end = .failed("\(DeliveryError.drifted(drift.changes))", isFinal: true)
      return try await recorded(job, failed, worker)
    }
  }

  private func recorded(_ job: ClaimedJob, _ report: JobReport, _ worker: WorkerID) async throws -> Bool {
    let attempt = AttemptRecord(
      job: job, exitCode: report.exitCode, error: report.end.error, log: report.log.replacing("\0", with: ""),
      gpuSeconds: report.gpuSeconds)
    return try await link.retrying { connection in
      let accepted = try await connection.transaction {
        try await ProjectLock(connection).take([job.projectID].compactMap { $0 })
        let accepted = try await record(attempt, report.end, connection, worker)
        if !accepted { try await Completions(connection).charge(attempt, worker: worker) }
        return accepted
      }
      // The answer of an earlier commit may have been lost: then the lease is gone because this attempt ended it.
      if accepted { return true }
      return try await Completions(connection).isRecorded(job, worker: worker)
    }
  }

  /// A package whose delivery was ended meanwhile is nobody's. One whose job another worker has is that one's to find.
  private func discardPackage(of job: ClaimedJob) async throws {
    let found = try await link.retrying { try await Deliveries($0).discarded(DeliveryID(job.subjectID)) }
    if let (path, mark) = found { await DeliveryPackager.discard(path, mark: mark) }
  }

  /// The last word on whether what was packed is still what the run has, while nobody can change it.
  private func requireNoDrift(_ id: DeliveryID, _ connection: PostgresConnection) async throws {
    let drift = try await Deliveries(connection).drift(id)
    if drift.isEmpty { return }
    throw DeliveryDrift(changes: drift, order: try await Deliveries(connection).order(id))
  }

  private func record(
    _ attempt: AttemptRecord, _ end: JobEnd, _ connection: PostgresConnection, _ worker: WorkerID
  ) async throws -> Bool {
    let job = attempt.job
    switch end {
    case .cancelled:
      try await Queue(connection).handBack(job, worker: worker)
      return false
    case .superseded:
      let held = try await Queue(connection).leased([job.id.rawValue])
      guard held.contains(where: { $0.job.attempt == job.attempt && $0.worker == worker }) else { return false }
      try await Cancellation(connection).jobs([job.id.rawValue])
      return false
    case .failed(_, let isFinal):
      if FailureDecision.decide(isLastAttempt: job.isLastAttempt, isFinal: isFinal) == .retryLater {
        _ = try await Completions(connection).retryLater([attempt], worker: worker, seed: .random(in: .min ... .max))
        return false
      }
      guard try await fence(attempt, connection, worker) else { return false }
      try await giveUp(job, attempt.error ?? "", attempt.gpuSeconds, connection)
      return false
    case .sourceChecked, .variantGenerated, .segmentGenerated, .takeChecked, .delivered, .nothingToDo:
      guard try await fence(attempt, connection, worker) else { return false }
      try await succeed(job, end, attempt.gpuSeconds, connection)
      return true
    }
  }

  private func fence(
    _ attempt: AttemptRecord, _ connection: PostgresConnection, _ worker: WorkerID
  ) async throws -> Bool {
    try await Completions(connection).fence([attempt], worker: worker).contains(attempt.job.id)
  }

  private func succeed(
    _ job: ClaimedJob, _ end: JobEnd, _ gpuSeconds: Double, _ connection: PostgresConnection
  ) async throws {
    let facts = PipelineFacts(connection)
    switch end {
    case .sourceChecked(let finding):
      try await facts.sourceChecked(job, finding)
      _ = try await Advance(connection).sources([job.subjectID])
    case .variantGenerated(let file, let source):
      try await facts.variantGenerated(job, file, sourceSHA256: source, gpuSeconds: gpuSeconds)
      // What it leaves goes to the most urgent first, whosever look it is.
      try await offerFreedBudget(of: job, connection)
      _ = try await Advance(connection).variants([job.subjectID])
    case .segmentGenerated(let file, let frame):
      try await facts.segmentGenerated(job, file, lastFrame: frame, gpuSeconds: gpuSeconds)
      try await Breakers(connection).succeeded(segment: job.subjectID)
      try await offerFreedBudget(of: job, connection)
    case .takeChecked(let finding):
      try await facts.takeChecked(job, finding)
    case .delivered(let bytes, let videos):
      try await requireNoDrift(DeliveryID(job.subjectID), connection)
      try await Deliveries(connection).finished(DeliveryID(job.subjectID), bytes: bytes, files: videos)
    case .nothingToDo, .failed, .superseded, .cancelled:
      break
    }
  }

  private func giveUp(
    _ job: ClaimedJob, _ error: String, _ gpuSeconds: Double, _ connection: PostgresConnection
  ) async throws {
    let facts = PipelineFacts(connection)
    let finding = QAFinding(passed: false, reason: "the check could not be made: \(error)", report: "{}")
    switch job.kind {
    case .sourceQA: try await facts.sourceChecked(job, finding)
    case .variant: try await facts.variantFailed(job, error: error, gpuSeconds: gpuSeconds)
    case .segment:
      try await facts.segmentFailed(job, error: error, gpuSeconds: gpuSeconds)
      try await Breakers(connection).failed(segment: job.subjectID, error: error)
    case .sceneQA: try await facts.takeChecked(job, finding)
    case .delivery: try await Deliveries(connection).failed(DeliveryID(job.subjectID), error: error)
    case .noop: break
    }
    try await offerFreedBudget(of: job, connection)
  }

  /// What a job had set aside and did not use goes to work that was turned away.
  private func offerFreedBudget(of job: ClaimedJob, _ connection: PostgresConnection) async throws {
    guard let project = job.projectID else { return }
    try await Advance(connection).budgetFreed(in: project)
  }

  /// Gives the jobs of dead workers to others, and ends those whose attempts are spent. Waits for no lock.
  /// - Parameter held: what `worker` itself has in hand.
  func rescue(by worker: WorkerID, held: Set<AttemptID>) async throws {
    try await link.retrying { connection in
      try await connection.transaction {
        guard let projects = try await Queue(connection).lockProjectsToRescue() else { return }
        let spent = try await Queue(connection).rescue(
          in: projects, by: worker, held: held, seed: .random(in: .min ... .max))
        for (job, holder, seconds) in try await Queue(connection).leased(spent) {
          let error = "its worker stopped answering, and that was the last of its \(job.maxAttempts) tries"
          let attempt = AttemptRecord(job: job, error: error, gpuSeconds: seconds)
          guard try await fence(attempt, connection, holder) else { continue }
          try await giveUp(job, error, seconds, connection)
        }
      }
    }
  }
}

/// The run is not any more what was packed.
private struct DeliveryDrift: Error {
  let changes: [String]
  let order: DeliveryOrder?
}

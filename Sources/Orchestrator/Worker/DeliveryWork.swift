import Foundation
import Model
import Store
import Synchronization

/// Packs a delivery and shows how far it is in the `deliveries` table.
struct DeliveryWork: Sendable {
  let job: ClaimedJob
  let link: DatabaseLink

  func run() async throws -> JobReport {
    let id = DeliveryID(job.subjectID)
    let order = try await link.retrying { connection -> (DeliveryOrder, DeliveryDescription)? in
      let deliveries = Deliveries(connection)
      guard let order = try await deliveries.order(id), let run = try await Runs(connection).find(order.run) else {
        return nil
      }
      try await deliveries.began(id)
      let cells = try await deliveries.cells(of: id)
      return (order, Self.describe(run, cells, order))
    }
    guard let (order, description) = order else { return JobReport(end: .superseded) }
    let latest = Mutex(DeliveryProgress?.none)
    let packager = DeliveryPackager(onProgress: { progress in latest.withLock { $0 = progress } })
    let teller = Task { await tell(id) { latest.withLock { $0 } } }
    defer { teller.cancel() }
    do {
      try await requireNoDrift(id)
      let package = try await packager.run(description, to: order.path) { try await requireNoDrift(id) }
      return JobReport(end: .delivered(bytes: package.bytes, videos: package.videos))
    } catch DeliveryError.cancelled {
      return JobReport(end: .cancelled)
    } catch let error as DeliveryError {
      // Perhaps an earlier try had finished it before the run changed.
      if case .drifted = error { await DeliveryPackager.discard(order.path, mark: order.mark) }
      // What a person has to mend is said at once rather than tried again.
      return JobReport(end: .failed("\(error)", isFinal: true))
    }
  }

  /// A first look, so that nothing is packed for nothing; the word that counts is had under the project's lock at the end.
  private func requireNoDrift(_ id: DeliveryID) async throws {
    let drift = try await link.retrying { try await Deliveries($0).drift(id) }
    if !drift.isEmpty { throw DeliveryError.drifted(drift) }
  }

  private func tell(_ id: DeliveryID, _ latest: @Sendable () -> DeliveryProgress?) async {
    var told: DeliveryProgress?
    while !Task.isCancelled {
      if let progress = latest(), progress != told {
        told = progress
        try? await link.retrying {
          try await Deliveries($0).progressed(
            id, phase: progress.phase.rawValue, done: progress.done, total: progress.total)
        }
      }
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  static func describe(
    _ run: RunHeading, _ cells: [DeliveryCell], _ order: DeliveryOrder
  ) -> DeliveryDescription {
    DeliveryDescription(
      mark: order.mark, project: run.project, run: run.name, deliveredBy: order.by ?? "unknown",
      deliveredAt: order.readAt,
      cells: cells.map { cell in
        DeliveryDescription.Cell(
          character: cell.character, sceneType: cell.sceneType, variantType: cell.variantType, outcome: outcome(cell))
      })
  }

  private static func outcome(_ cell: DeliveryCell) -> DeliveryDescription.Outcome {
    if cell.isSkipped { return .skipped(reason: cell.skippedReason ?? "") }
    return .approved(
      DeliveryDescription.Scene(
        take: cell.take ?? 0, approvedBy: cell.reviewer ?? "unknown",
        approvedAt: cell.reviewedAt ?? Date(timeIntervalSince1970: 0),
        inputs: [
          .init(role: "source", name: cell.sourceName, sha256: cell.sourceSHA256),
          .init(
            role: "variant", name: ((cell.variantPath ?? "") as NSString).lastPathComponent,
            sha256: cell.variantSHA256 ?? "", generator: cell.variantGenerator),
        ],
        segments: cell.segments.map {
          .init(
            path: $0.path, sha256: $0.sha256, generator: cell.generator, attempt: $0.attempts,
            generatedInSeconds: $0.seconds)
        }))
  }
}

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
    let order = try await link.retrying { connection -> (String, DeliveryDescription)? in
      guard let order = try await Deliveries(connection).order(id),
        let run = try await Runs(connection).find(order.run)
      else { return nil }
      try await Deliveries(connection).began(id)
      let cells = try await Deliveries(connection).cells(of: order.run)
      return (order.path, Self.describe(run, cells, by: order.by ?? "unknown", at: Date()))
    }
    guard let (path, description) = order else { return JobReport(end: .superseded) }
    let latest = Mutex(DeliveryProgress?.none)
    let packager = DeliveryPackager(onProgress: { progress in latest.withLock { $0 = progress } })
    let teller = Task {
      while !Task.isCancelled {
        if let progress = latest.withLock({ $0 }), progress.phase == .joining {
          try? await link.retrying {
            try await Deliveries($0).progressed(id, done: progress.done, total: progress.total)
          }
        }
        try? await Task.sleep(for: .milliseconds(200))
      }
    }
    defer { teller.cancel() }
    do {
      let package = try await packager.run(description, to: path)
      return JobReport(end: .delivered(bytes: package.bytes, videos: package.videos))
    } catch {
      if error == .cancelled { return JobReport(end: .cancelled) }
      // What a person has to mend is said at once rather than tried again.
      return JobReport(end: .failed("\(error)", isFinal: true))
    }
  }

  static func describe(
    _ run: RunHeading, _ cells: [DeliveryCell], by user: String, at now: Date
  ) -> DeliveryDescription {
    DeliveryDescription(
      project: run.project, run: run.name, deliveredBy: user, deliveredAt: now,
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

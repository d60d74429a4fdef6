import Foundation
import Synchronization

/// Makes the package of a run: `videos/<character>/<scene_type>--<variant_type>.mp4`, `manifest.json`, `index.csv` and
/// `SHA256SUMS`, which `sha256sum -c` takes.
///
/// The package is built in a folder beside its target and renamed at the end, so the target is whole or absent. The same
/// takes give the same bytes, but for the times in manifest and index.
public struct DeliveryPackager: Sendable {
  /// How many programs run at once.
  let width: Int
  /// For joining one scene.
  let timeLimit: Duration
  let onProgress: @Sendable (DeliveryProgress) -> Void

  /// - Parameters:
  ///   - width: how many programs run at once.
  ///   - timeLimit: for joining one scene.
  ///   - onProgress: gets rising counts within each phase, on any thread; it should return at once.
  public init(
    width: Int = 2, timeLimit: Duration = .seconds(600),
    onProgress: @escaping @Sendable (DeliveryProgress) -> Void = { _ in }
  ) {
    self.width = max(1, width)
    self.timeLimit = timeLimit
    self.onProgress = onProgress
  }

  /// Packs to `target`, an absolute path that must not exist yet, unless it is this very delivery's package, whole: then
  /// an earlier try got so far and could not tell. Cancelling the calling task removes what was made.
  ///
  /// - Parameter isWanted: asked right before the package gets its name; throws what keeps it from it.
  /// - Returns: the finished package.
  public func run(
    _ description: DeliveryDescription, to target: String,
    isWanted: @escaping @Sendable () async throws -> Void = {}
  ) async throws(DeliveryError) -> DeliveredPackage {
    guard description.cells.contains(where: { $0.scene != nil }) else { throw .nothingToDeliver }
    do {
      if let mark = description.mark, let package = try await FinishedPackage(path: target, mark: mark)?.verified() {
        return package
      }
      let partial = try await onWaitingThread { try PartialPackage(target: target) }
      do {
        let package = try await pack(description, in: partial, isWanted)
        return package
      } catch {
        // Told before the space is given back.
        let told = translated(error, folder: parent(of: target))
        try await onWaitingThread { partial.discard() }
        throw told
      }
    } catch {
      throw translated(error, folder: parent(of: target))
    }
  }

  /// Removes a finished package that nobody wants, if what lies at `path` is the one with this mark.
  public static func discard(_ path: String, mark: String) async {
    await FinishedPackage(path: path, mark: mark)?.discard()
  }

  private func pack(
    _ description: DeliveryDescription, in partial: PartialPackage, _ isWanted: @Sendable () async throws -> Void
  ) async throws -> DeliveredPackage {
    let layout = PackageLayout(description.cells)
    let probes = try await validated(description, folder: parent(of: partial.target))
    var videos = try await joined(description, layout, probes, in: partial)
    let packed = videos.indices.filter { videos[$0] != nil }
    onProgress(DeliveryProgress(phase: .finishing, done: 0, total: packed.count, current: ""))
    let sums = try await Checksum.sha256(of: packed.map { "\(partial.path)/\(videos[$0]?.path ?? "")" })
    for (index, sum) in zip(packed, sums) { videos[index]?.sha256 = sum }
    let manifest = DeliveryManifest(description, videos: videos)
    let manifestSum = try await write(manifest, videos.compactMap { $0 }, in: partial)
    try await isWanted()
    try Task.checkCancellation()
    try await onWaitingThread { try partial.complete() }
    onProgress(DeliveryProgress(phase: .finishing, done: packed.count, total: packed.count, current: ""))
    let others = ["manifest.json", "index.csv", "SHA256SUMS"].reduce(0) { $0 + fileSize("\(partial.target)/\($1)") }
    return DeliveredPackage(
      path: partial.target, videos: packed.count, bytes: manifest.totals.bytes + others,
      seconds: manifest.totals.seconds, manifestSHA256: manifestSum)
  }

  private func translated(_ error: any Error, folder: String) -> DeliveryError {
    switch error {
    case let error as DeliveryError: return error
    case is CancellationError, MediaToolError.cancelled: return .cancelled
    case let error as FileError:
      if error.isDiskFull { return .diskFull(folder: folder) }
      let isRefused = [EACCES, EPERM, EROFS, ENOTDIR].contains(error.code)
      return isRefused ? .notWritable(cause: error.description) : .other(cause: error.description)
    case let error as MediaToolError: return .tool(error)
    case let error as CocoaError where error.code == .fileWriteOutOfSpace: return .diskFull(folder: folder)
    default: return .other(cause: "\(error)")
    }
  }
}

extension DeliveryDescription.Cell {
  var scene: DeliveryDescription.Scene? {
    if case .approved(let scene) = outcome { scene } else { nil }
  }
}

// MARK: - The texts

extension DeliveryPackager {
  /// Writes manifest, index and checksums; returns the manifest's checksum.
  private func write(
    _ manifest: DeliveryManifest, _ videos: [PackedVideo], in partial: PartialPackage
  ) async throws -> String {
    let texts = [
      ("manifest.json", try manifest.encoded()), ("index.csv", Data(DeliveryIndex.csv(manifest).utf8)),
    ]
    try await onWaitingThread {
      for (name, data) in texts { try writeFile(data, to: "\(partial.path)/\(name)") }
    }
    let sums = try await Checksum.sha256(of: texts.map { "\(partial.path)/\($0.0)" })
    let entries = zip(texts.map(\.0), sums).map { ($0, $1) } + videos.map { ($0.path, $0.sha256) }
    let list = entries.sorted { $0.0 < $1.0 }.map { "\($0.1)  \($0.0)\n" }.joined()
    try await onWaitingThread { try writeFile(Data(list.utf8), to: "\(partial.path)/SHA256SUMS") }
    return sums[0]
  }
}

import Foundation
import Synchronization

extension DeliveryPackager {
  /// Hashes and probes every segment again. Returns the probes by cell and segment.
  ///
  /// - Throws: `DeliveryError.invalid` with every problem, not only the first.
  func validated(_ description: DeliveryDescription, folder: String) async throws -> [[VideoProbe]] {
    let segments = description.cells.flatMap { $0.scene?.segments ?? [] }
    let missing = segments.filter { access($0.path, R_OK) != 0 }
    guard missing.isEmpty else {
      throw DeliveryError.invalid(missing.map { "\($0.path) is missing or may not be read" })
    }
    let needed = segments.reduce(Int64(0)) { $0 + fileSize($1.path) }
    // The texts and the file system's own needs come on top.
    guard freeBytes(of: folder) > needed + needed / 50 + (256 << 10) else {
      throw DeliveryError.diskFull(folder: folder)
    }

    // Told while it is held, so that the counts arrive in order.
    let progress = Mutex(0)
    onProgress(DeliveryProgress(phase: .validating, done: 0, total: segments.count, current: ""))
    let checked = try await inParallel(description.cells) { cell in
      let result = try await self.check(cell)
      let count = cell.scene?.segments.count ?? 0
      progress.withLock { done in
        done += count
        guard count > 0 else { return }
        onProgress(DeliveryProgress(phase: .validating, done: done, total: segments.count, current: cell.name))
      }
      return result
    }
    let problems = checked.flatMap(\.problems)
    guard problems.isEmpty else { throw DeliveryError.invalid(problems) }
    return checked.map(\.probes)
  }

  private struct CheckedCell: Sendable {
    var probes: [VideoProbe] = []
    var problems: [String] = []
  }

  private func check(_ cell: DeliveryDescription.Cell) async throws -> CheckedCell {
    guard let scene = cell.scene else { return CheckedCell() }
    guard !scene.segments.isEmpty else { return CheckedCell(problems: ["\(cell.name) has no segments"]) }
    var result = CheckedCell()
    let sums = try await Checksum.sha256(of: scene.segments.map(\.path))
    for (segment, sum) in zip(scene.segments, sums) {
      guard sum == segment.sha256 else {
        result.problems.append(
          "\(segment.path) (\(cell.name)) has changed since it was generated: SHA-256 \(sum.prefix(12))..., "
            + "was \(segment.sha256.prefix(12))...")
        continue
      }
      guard let probe = try await VideoProbe.read(segment.path) else {
        result.problems.append("\(segment.path) (\(cell.name)) is no video that can be read")
        continue
      }
      if let first = result.probes.first, first.joinParameters != probe.joinParameters {
        result.problems.append("\(segment.path) (\(cell.name)) cannot be joined to the first segment")
      }
      result.probes.append(probe)
    }
    return result
  }

  /// Joins the segments of every scene; the result has no checksum yet.
  func joined(
    _ description: DeliveryDescription, _ layout: PackageLayout, _ probes: [[VideoProbe]], in partial: PartialPackage
  ) async throws -> [PackedVideo?] {
    let total = layout.videos.count { $0 != nil }
    let progress = Mutex(0)
    onProgress(DeliveryProgress(phase: .joining, done: 0, total: total, current: ""))
    let indices = Array(description.cells.indices)
    return try await inParallel(indices) { index -> PackedVideo? in
      let cell = description.cells[index]
      guard let scene = cell.scene, let path = layout.videos[index] else { return nil }
      let video = try await join(
        scene.segments.map(\.path), probes[index], cell: cell.name, to: path, in: partial.path, number: index)
      progress.withLock { done in
        done += 1
        onProgress(DeliveryProgress(phase: .joining, done: done, total: total, current: path))
      }
      return video
    }
  }

  private func join(
    _ segments: [String], _ probes: [VideoProbe], cell: String, to path: String, in folder: String, number: Int
  ) async throws -> PackedVideo {
    let list = "\(folder)/.segments-\(number).txt"
    let target = "\(folder)/\(path)"
    let lines = segments.map { "file '\($0.replacing("'", with: "'\\''"))'\n" }.joined()
    try await onWaitingThread {
      try makeFolder(parent(of: target))
      try writeFile(Data(lines.utf8), to: list)
    }
    let tool = MediaTool.ffmpeg(
      ["-xerror", "-fflags", "+bitexact"] + MediaTool.localOnly + [
        "-f", "concat", "-safe", "0", "-i", list, "-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-map_metadata", "-1",
        "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4", "-n", MediaTool.input(target),
      ], timeLimit: timeLimit)
    let answer = try await tool.run()
    try await onWaitingThread { try FileManager.default.removeItem(atPath: list) }
    guard answer.succeeded else {
      if answer.log.contains("No space left on device") { throw DeliveryError.diskFull(folder: parent(of: folder)) }
      throw DeliveryError.joinFailed(cell: cell, cause: MediaToolError.lastLine(answer.log))
    }
    let probe = try await VideoProbe.read(target)
    let frames = probes.reduce(0) { $0 + $1.frames }
    guard let probe, probe.frames == frames else {
      throw DeliveryError.joinFailed(
        cell: cell, cause: "the video has \(probe?.frames ?? 0) frames, its segments have \(frames)")
    }
    return PackedVideo(path: path, probe: probe, segmentProbes: probes, bytes: fileSize(target), sha256: "")
  }

  /// Does `work` for every element, at most `width` at once; the results are in the elements' order.
  private func inParallel<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      for (index, element) in elements.enumerated() {
        if index >= width, let (finished, result) = try await group.next() { results[finished] = result }
        group.addTask { (index, try await work(element)) }
      }
      for try await (finished, result) in group { results[finished] = result }
      return elements.indices.compactMap { results[$0] }
    }
  }
}

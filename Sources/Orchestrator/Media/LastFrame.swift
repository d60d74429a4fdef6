import Foundation

/// The last frame of a segment, from which the next one starts.
public enum LastFrame {
  /// Writes it as a PNG file to `path`, in one step: what is there before is replaced, half a file never seen.
  ///
  /// - Throws: `MediaToolError.failed` when the segment cannot be decoded or the folder cannot be written.
  public static func extract(
    from segment: String, to path: String, timeLimit: Duration = .seconds(60)
  ) async throws(MediaToolError) {
    let partial = "\(parent(of: path))/.partial-\((path as NSString).lastPathComponent)"
    do {
      try await decode(segment, to: partial, timeLimit: timeLimit)
      try await onWaitingThread {
        try syncToDisk(partial)
        guard rename(partial, path) == 0 else { throw FileError("write", path) }
        try syncToDisk(parent(of: path))
      }
    } catch {
      _ = try? await onWaitingThread { unlink(partial) }
      throw error as? MediaToolError ?? .failed(program: "ffmpeg", log: "\(error)")
    }
  }

  private static func decode(_ segment: String, to partial: String, timeLimit: Duration) async throws {
    _ = try? await onWaitingThread { unlink(partial) }
    var log = ""
    // Each frame replaces the one before, so that the last stays. Few frames are written when the start is near the end;
    // a video of less than two frames a second needs an earlier one.
    for start in ["-0.5", "-10", "-100000"] {
      let answer = try await MediaTool.ffmpeg(
        ["-xerror"] + MediaTool.localOnly + [
          "-sseof", start, "-i", MediaTool.input(segment), "-map", "0:v:0", "-update", "1", "-f", "image2",
          "-c:v", "png", "-y", MediaTool.input(partial),
        ], timeLimit: timeLimit
      ).run()
      guard answer.succeeded else { throw MediaToolError.failed(program: "ffmpeg", log: answer.log) }
      if fileSize(partial) > 0 { return }
      log = answer.log
    }
    throw MediaToolError.failed(program: "ffmpeg", log: log.isEmpty ? "the segment has no frame" : log)
  }
}

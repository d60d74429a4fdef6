import Foundation

/// Checks the segments of a take with ffprobe and ffmpeg.
public struct SceneCheck: Sendable {
  public let order: SceneOrder
  public let rules: SceneRules
  /// For each call of a program on one segment.
  public let timeLimit: Duration

  public init(order: SceneOrder, rules: SceneRules = SceneRules(), timeLimit: Duration = .seconds(120)) {
    self.order = order
    self.rules = rules
    self.timeLimit = timeLimit
  }

  /// Decodes every file once. `files` are the segments' paths in order.
  ///
  /// - Throws: `MediaToolError` when the checking itself did not work; a bad take is a report.
  public func run(_ files: [String]) async throws(MediaToolError) -> SceneReport {
    var report = SceneReport(passed: false, reasons: [], segments: [])
    if files.count != order.segments {
      report.reasons.append("the take has \(files.count) segments, but \(order.segments) were ordered")
    }
    for (index, file) in files.enumerated() {
      guard let segment = try await measure(file, number: index + 1) else {
        report.reasons.append("segment \(index + 1) cannot be decoded: it is no video, damaged or cut short")
        continue
      }
      report.segments.append(segment)
      report.reasons += rules.faults(of: segment, ordered: order)
    }
    report.reasons += rules.faults(ofJoining: report.segments)
    report.passed = report.reasons.isEmpty
    return report
  }

  private func measure(_ file: String, number: Int) async throws(MediaToolError) -> SegmentMeasurements? {
    guard let probe = try await VideoProbe.read(file, timeLimit: timeLimit) else { return nil }
    // A still run shorter than a quarter of a second is a held pose, not a fault.
    let filters = """
      blackframe=amount=98:threshold=32,freezedetect=n=0.001:d=\(max(0.25, 2.5 / Double(max(order.fps, 1)))),\
      metadata=mode=print:file=-
      """
    let decode = MediaTool.ffmpeg(
      ["-xerror", "-err_detect", "explode"] + MediaTool.localOnly
        + ["-i", MediaTool.input(file), "-map", "0:v:0", "-vf", filters, "-f", "null", "-"], timeLimit: timeLimit)
    let answer = try await decode.run()
    let frames = FrameMetadata.frames(answer.output)
    guard answer.succeeded else { return nil }
    return SegmentMeasurements(
      number: number, bytes: fileSize(file), codec: probe.codec, width: probe.width, height: probe.height,
      fps: probe.fps, frames: probe.frames, seconds: probe.seconds,
      blackShare: Double(frames.count { $0.values["blackframe.pblack"] != nil }) / Double(max(probe.frames, 1)),
      frozenShare: frozenSeconds(frames, until: probe.seconds) / max(probe.seconds, 0.001),
      joinParameters: probe.joinParameters)
  }
}

/// The time that stands still; a still run that lasts to the end has a start but no end in the print.
func frozenSeconds(_ frames: [FrameMetadata], until end: Double) -> Double {
  var still = 0.0
  var start: Double?
  for frame in frames {
    if let end = frame.values["freezedetect.freeze_end"], let begun = start {
      still += end - begun
      start = nil
    }
    if let begun = frame.values["freezedetect.freeze_start"] { start = begun }
  }
  return still + (start.map { max(end - $0, 0) } ?? 0)
}

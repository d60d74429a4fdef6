import Foundation
import Testing

@testable import Orchestrator

@Suite struct `Takes` {
  private func order(_ segments: Int) -> SceneOrder {
    SceneOrder(segments: segments, seconds: 1, width: 320, height: 180, fps: 12)
  }

  @Test func `a take as ordered passes, with its measurements`() async throws {
    let folder = try TestFolder()
    let files = [try await folder.clip("1.mp4"), try await folder.clip("2.mp4", "testsrc")]
    let report = try await SceneCheck(order: order(2)).run(files)
    #expect(report.passed, "\(report.reasons)")
    #expect(report.frames == 24)
    #expect(abs(report.seconds - 2) < 0.01)
    #expect(report.segments.map(\.codec) == ["h264", "h264"])
    #expect(report.segments.map(\.blackShare) == [0, 0])
    let kept = try JSONDecoder().decode(SceneReport.self, from: JSONEncoder().encode(report))
    #expect(kept == report)
  }

  @Test func `every fault is told, each with its segment`() async throws {
    let folder = try TestFolder()
    let files = [
      try await folder.clip("small.mp4", size: "160x90"),
      try await folder.clip("fast.mp4", fps: 24),
      try await folder.clip("short.mp4", seconds: 0.5),
      try await folder.clip("black.mp4", "color=black"),
      try await folder.clip("frozen.mp4", "smptebars"),
      try folder.write("text.mp4", "no video".utf8),
      folder("missing.mp4"),
    ]
    let report = try await SceneCheck(order: order(8)).run(files)
    #expect(!report.passed)
    let expected = [
      "the take has 7 segments, but 8 were ordered",
      "segment 1 is 160 x 90, but 320 x 180 was ordered",
      "segment 2 has 24 frames a second, but 12 were ordered",
      "segment 2 has 24 frames, but 12 were ordered",
      "segment 3 has 6 frames, but 12 were ordered",
      "segment 3 lasts 0.5 s, but 1 s were ordered",
      "segment 4 is black for 100 % of its frames",
      "segment 5 stands still for 100 % of its time",
      "segment 6 cannot be decoded: it is no video, damaged or cut short",
      "segment 7 cannot be decoded: it is no video, damaged or cut short",
    ]
    for sentence in expected { #expect(report.reasons.contains(sentence), "\(sentence) in \(report.reasons)") }
    #expect(report.reasons.contains { $0.hasPrefix("segment 2 cannot be joined to segment 1 without encoding") })
  }

  @Test func `a file that is cut in the middle does not decode`() async throws {
    let folder = try TestFolder()
    _ = try await folder.ffmpeg(
      "-f", "lavfi", "-i", "testsrc2=s=320x180:r=12:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
      "yuv420p", "-movflags", "+faststart", to: "whole.mp4")
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder("whole.mp4")))
    let cut = try folder.write("cut.mp4", whole.prefix(whole.count * 2 / 3))
    let report = try await SceneCheck(order: order(1)).run([cut])
    #expect(!report.passed)
    #expect(!report.reasons.isEmpty)
  }

  @Test func `segments of unequal encoding cannot be joined`() async throws {
    let folder = try TestFolder()
    let files = [try await folder.clip("1.mp4"), try await folder.clip("2.mp4", preset: "medium")]
    let report = try await SceneCheck(order: order(2)).run(files)
    #expect(report.reasons.count == 1)
    #expect(report.reason.hasPrefix("segment 2 cannot be joined to segment 1 without encoding it again"))
  }

  @Test func `a short hold in a moving segment is not frozen`() async throws {
    let folder = try TestFolder()
    let held = try await folder.ffmpeg(
      "-f", "lavfi", "-i", "testsrc2=s=320x180:r=12:d=0.7,tpad=stop_mode=clone:stop_duration=0.3", "-frames:v", "12",
      "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", to: "held.mp4")
    let report = try await SceneCheck(order: order(1)).run([held])
    #expect(report.passed, "\(report.reasons)")
  }

  @Test func `still runs add up, and the last lasts to the end`() {
    func frame(_ time: Double, _ values: [String: Double] = [:]) -> FrameMetadata {
      FrameMetadata(time: time, values: values)
    }
    let frames = [
      frame(1, ["freezedetect.freeze_start": 0.5]),
      frame(2, ["freezedetect.freeze_end": 2, "freezedetect.freeze_start": 2]),
      frame(3, ["freezedetect.freeze_end": 3]), frame(4, ["freezedetect.freeze_start": 4]),
    ]
    #expect(frozenSeconds(frames, until: 6) == 4.5)
  }
}

@Suite struct `Last frames` {
  @Test(arguments: [12, 1])
  func `the last frame is the picture at the very end`(fps: Int) async throws {
    let folder = try TestFolder()
    // Grey rises with time, so that the picture tells its moment.
    let clip = try await folder.ffmpeg(
      "-f", "lavfi", "-i", "color=black:s=64x64:r=\(fps):d=4,format=gray,geq=lum='N*\(48 / fps)'", "-c:v", "libx264",
      "-qp", "0", to: "100%d's.mkv")
    try await LastFrame.extract(from: clip, to: folder("last.png"))
    let pixels = try await MediaTool.ffmpeg(
      ["-i", MediaTool.input(folder("last.png")), "-vf", "format=gray", "-f", "rawvideo", "-"], timeLimit: .seconds(30)
    ).output()
    #expect(pixels.count == 64 * 64)
    // Video keeps greys between 16 and 235.
    let last = ((4 * fps - 1) * (48 / fps) - 16) * 255 / 219
    #expect(pixels.allSatisfy { abs(Int($0) - last) <= 2 }, "\(pixels[0]) is not \(last)")
    #expect(folder.files() == ["100%d's.mkv", "last.png"])
  }

  @Test func `what cannot be decoded leaves no picture`() async throws {
    let folder = try TestFolder()
    let text = try folder.write("text.mp4", "no video".utf8)
    await #expect(throws: MediaToolError.self) { try await LastFrame.extract(from: text, to: folder("last.png")) }
    #expect(folder.files() == ["text.mp4"])
  }
}

import Foundation
import Testing

/// Compares a screen with the one kept in `Tests/Snapshots/Rendering`. A missing snapshot, or `RECORD_SNAPSHOTS=1`,
/// records the screen and fails, so that nobody takes a new screen for a checked one.
func expectSnapshot(
  _ screen: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = tests.appending(path: "Snapshots/Rendering/\(name).txt")
  let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
  guard !isRecording, let kept = try? String(contentsOf: file, encoding: .utf8) else {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try screen.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("recorded \(file.lastPathComponent): look at it, then run again", sourceLocation: sourceLocation)
    return
  }
  if screen != kept {
    let shown = zip(lines(screen), lines(kept)).first { $0 != $1 }
    Issue.record(
      """
      \(name) has changed, first here:
      is  \(shown?.0 ?? "(one has more lines)")
      was \(shown?.1 ?? "(one has more lines)")
      all of it:
      \(screen)
      """, sourceLocation: sourceLocation)
  }
}

private func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

/// The same numbers for the same seed, on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

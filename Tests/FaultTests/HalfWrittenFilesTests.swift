import Foundation
import SQLText
import Testing

/// What a killed worker's generator had half-written does not stay on the disk, and what a live one writes does.
@Suite struct `Files that are half-written` {
  /// Hangs in the middle of the file as long as it is told to.
  private static let clip = """
    echo $$ >> "$HOME_OF_TEST/pids"
    head -c 1000 "$PICTURES/clip.mp4" > "$OUTPUT"
    while [ -e "$HOME_OF_TEST/hang" ]; do sleep 0.1; done
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  private static func halfWritten(_ home: TestHome) -> [String] {
    home.files("media").filter { $0.contains("/.partial-") }
  }

  @Test func `go with the lease of the worker that was killed, and no others`() async throws {
    try await Inspection.with { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 2)
      try await home.openProduction(
        Production(sceneTypes: ["chase", "rain"], segments: 1, attempts: 1, clip: Self.clip))
      try await home.say("variants where status=review | approve")
      try home.write("hang", "")
      let doomed = try home.start("worker", "--kinds", "segment")
      try #require(await eventually { Self.halfWritten(home).count == 1 })
      let abandoned = Self.halfWritten(home)
      doomed.signal(SIGKILL)
      _ = await doomed.ended()
      let survivor = try home.start("worker")
      try #require(await eventually { Self.halfWritten(home).contains { !abandoned.contains($0) } })
      // Its job has no try left, so nobody comes by that place again.
      #expect(await eventually { Self.halfWritten(home).allSatisfy { !abandoned.contains($0) } })
      #expect(try await inspection.number("select count(*) from job_results where status_id = 5") == 1)
      #expect(Self.halfWritten(home).count == 1 && survivor.isRunning)
      try await home.bash("rm hang")
      try #require(try await eventually { try await inspection.number("select count(*) from live_jobs") == 0 })
      survivor.signal(SIGTERM)
      #expect(await survivor.ended().status == 0)
      #expect(Self.halfWritten(home) == [])
      try await inspection.expectWhole(["qa_review", "failed"])
    }
  }
}

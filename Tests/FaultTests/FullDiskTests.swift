import Foundation
import SQLText
import Testing

/// The disk with the media is full: a clear reason, no half file, and all goes on when there is room.
@Suite struct `A media disk that is full` {
  private func withDisk(
    _ production: Production, _ body: @Sendable (Inspection) async throws -> Void
  ) async throws {
    try #require(geteuid() == 0, "only root may mount the small disk of this test: run it as root")
    try await Inspection.with { inspection in
      let home = inspection.home
      let mounted = try await home.bash("mkdir media && mount -t tmpfs -o size=1m tmpfs media")
      try #require(mounted.status == 0, "\(mounted.errors)")
      do {
        try await home.openProduction(production)
        try await home.say("variants where status=review | approve")
        try await body(inspection)
        try await home.bash("umount --lazy media")
      } catch {
        try await home.bash("umount --lazy media")
        throw error
      }
    }
  }

  /// Leaves only so much room.
  private func fill(_ home: TestHome, leaving kilobytes: Int) async throws {
    let filled = try await home.bash(
      "head -c $(( $(df --output=avail -B1024 media | tail -n 1) * 1024 - \(kilobytes) * 1024 )) /dev/zero > media/filler"
    )
    #expect(filled.status == 0, "\(filled.errors)")
  }

  private func expectRefused(_ inspection: Inspection, leaving files: [String]) async throws {
    let home = inspection.home
    let cells = try await home.run("-o", "json", "-c", "cells | pick status, error").rows()
    #expect(cells.map { $0["status"] as? String } == ["failed"])
    let error = cells.first?["error"] as? String ?? ""
    #expect(error.contains("full") && error.contains("free some space"), "\(error)")
    #expect(home.files("media/takes") == files)
    try await home.expectTruth()
  }

  private func expectRecovery(_ inspection: Inspection) async throws {
    let home = inspection.home
    try await home.bash("rm media/filler")
    try await home.say("jobs where status=failed | retry")
    try await home.drain()
    try await inspection.expectWhole()
  }

  /// How much room is left, and what the generator then makes of it.
  enum Moment: String, CaseIterable {
    case beforeTheGenerator, whileItWrites, afterIt

    var room: Int { self == .beforeTheGenerator ? 0 : 128 }

    var clip: String {
      switch self {
      case .beforeTheGenerator: #"cp "$PICTURES/clip.mp4" "$OUTPUT""#
      case .whileItWrites: #"cp "$PICTURES/clip.mp4" "$OUTPUT"; head -c 200000 /dev/zero >> "$OUTPUT""#
      // An atom without meaning, so long that the last frame finds no room beside the video.
      case .afterIt:
        """
        cp "$PICTURES/clip.mp4" "$OUTPUT"
        size=$(( $(df --output=avail -B1024 "$OUTPUT" | tail -n 1) * 1024 - 4096 ))
        printf "\\\\x$(printf %02x $((size >> 24)))\\\\x$(printf %02x $((size >> 16 & 255)))" >> "$OUTPUT"
        printf "\\\\x$(printf %02x $((size >> 8 & 255)))\\\\x$(printf %02x $((size & 255)))free" >> "$OUTPUT"
        head -c $((size - 8)) /dev/zero >> "$OUTPUT"
        """
      }
    }
  }

  @Test func `fails the job with the reason and leaves no half file`() async throws {
    let room = #"cp "$PICTURES/clip.mp4" "$OUTPUT""#
    let cases = Moment.allCases.map { "\($0.rawValue))\n\($0.clip) ;;\n" }.joined()
    let clip = "case $(cat \"$HOME_OF_TEST/moment\") in\n\(cases)*) \(room) ;;\nesac"
    let production = Production(segments: 1, attempts: 1, clip: clip)
    try await withDisk(production) { inspection in
      for moment in Moment.allCases {
        try inspection.home.write("moment", moment.rawValue)
        let files = inspection.home.files("media/takes")
        try await fill(inspection.home, leaving: moment.room)
        try await inspection.home.drain()
        try await expectRefused(inspection, leaving: files)
        try inspection.home.write("moment", "none")
        try await expectRecovery(inspection)
        if moment == Moment.allCases.last { break }
        try await inspection.resubmitIfDone()
      }
      let failed = try await inspection.number("select count(*) from attempts where error like '%full%'")
      #expect(failed == Moment.allCases.count)
      inspection.tell("before, while and after a generator wrote: \(failed) attempts refused, each done after a retry")
    }
  }

  @Test func `is survived by a worker without anybody's help when there is room in time`() async throws {
    try await withDisk(Production(segments: 2, attempts: 20)) { inspection in
      let home = inspection.home
      try await fill(home, leaving: 0)
      let worker = try home.start("worker")
      let failed = try await eventually {
        try await inspection.number("select count(*) from attempts where error like '%full%'") >= 2
      }
      #expect(failed)
      try await home.bash("rm media/filler")
      let began = ContinuousClock.now
      try #require(try await eventually { try await inspection.number("select count(*) from live_jobs") == 0 })
      let recovery = ContinuousClock.now - began
      worker.signal(SIGTERM)
      #expect(await worker.ended().status == 0)
      try await inspection.expectWhole()
      inspection.tell("\(recovery.inWords) from room to the end of all work")
    }
  }
}

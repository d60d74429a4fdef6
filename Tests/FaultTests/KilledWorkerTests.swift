import Foundation
import SQLText
import TestFixtures
import Testing

/// A hundred workers die in the middle of a segment.
@Suite struct `Workers that are killed` {
  /// Takes some tens of milliseconds, with a child of its own.
  static let briefClip = """
    echo $$ >> "$HOME_OF_TEST/pids"
    sleep 0.0$((RANDOM % 6 + 2)) &
    wait $!
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  @Test func `a hundred times over, and all the work is done once`() async throws {
    let kills = figure("CALLSHEET_FAULT_KILLS", or: 100)
    try await Inspection.with { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 2)
      try await home.openProduction(
        Production(
          characters: [("Aria", "aria.png"), ("Bo", "bo.png")], sceneTypes: (1...20).map { "scene\($0)" },
          segments: 2, attempts: 100, clip: Self.briefClip))
      try await home.say("variants where status=review | approve")
      let began = ContinuousClock.now
      let survivor = try home.start("worker")
      var crew = Crew(inspection, size: 2)
      var resubmitted = 0
      for _ in 1...kills {
        try crew.fill()
        while try await !crew.killOneInMidSegment() {
          if try await inspection.resubmitIfDone() { resubmitted += 1 }
        }
      }
      let killing = ContinuousClock.now - began
      let left = try await inspection.number("select count(*) from live_jobs")
      try await home.drain("--slots", "2")
      let recovery = ContinuousClock.now - began - killing
      survivor.signal(SIGTERM)
      #expect(await survivor.ended().status == 0)
      await crew.dismiss()
      try await inspection.expectWhole()
      let lost = try await inspection.number("select count(*) from attempts where outcome = 'lost'")
      let done = try await inspection.number("select count(*) from segments where status_id = 4")
      // Whoever is killed between two statements has lost nothing; nearly all are killed in between.
      #expect(lost >= kills / 2)
      inspection.tell(
        """
        \(kills) kills in \(killing.inWords), \(lost) attempts lost and charged, \(done) segments done once, \
        \(resubmitted) times resubmitted; \(left) jobs left after the last kill took \(recovery.inWords)
        """)
    }
  }
}

/// Workers of which each that dies is replaced.
struct Crew {
  private let inspection: Inspection
  private let size: Int
  private var workers: [Invocation] = []
  private var turn = 0

  init(_ inspection: Inspection, size: Int) {
    self.inspection = inspection
    self.size = size
  }

  var isWhole: Bool { workers.allSatisfy(\.isRunning) }

  mutating func fill() throws {
    while workers.count < size { workers.append(try inspection.home.start("worker")) }
  }

  /// False: nobody has a segment in hand just now.
  mutating func killOneInMidSegment() async throws -> Bool {
    let busy = try await inspection.lines(
      """
      select w.pid::text from leased_jobs l join workers w on w.id = l.worker_id
      where l.kind = 'segment' and l.leased_until > now() order by l.failures, l.claimed_at
      """
    ).compactMap { pid_t($0) }
    turn += 1
    guard let index = workers.firstIndex(where: { busy.contains($0.id) }) else {
      try? await Task.sleep(for: .milliseconds(5))
      return false
    }
    // At different places of the segment.
    try? await Task.sleep(for: .milliseconds(turn * 37 % 120))
    let worker = workers.remove(at: index)
    worker.signal(SIGKILL)
    #expect(await worker.ended().status == 137)
    return true
  }

  mutating func dismiss() async {
    for worker in workers { worker.signal(SIGTERM) }
    for worker in workers { #expect(await worker.ended().status == 0) }
    workers = []
  }
}

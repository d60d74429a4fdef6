import Foundation
import PostgresClient
import SQLText
import TestFixtures
import Testing

/// A worker that is stopped for longer than its lease finds its work done by another when it wakes.
@Suite struct `Workers that are frozen` {
  private static let clip = """
    echo $$ >> "$HOME_OF_TEST/pids"
    sleep 0.3 &
    wait $!
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  @Test func `past their lease, at any moment: the late result is refused`() async throws {
    let rounds = figure("CALLSHEET_FAULT_FREEZES", or: 6)
    try await Inspection.with { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 2)
      try await home.openProduction(
        Production(sceneTypes: (1...16).map { "scene\($0)" }, segments: 2, attempts: 100, clip: Self.clip))
      try await home.say("variants where status=review | approve")
      let workers = try (1...3).map { _ in try home.start("worker") }
      var slowest = Duration.zero
      for round in 0..<rounds {
        let began = ContinuousClock.now
        while try await !freezeOne(
          of: workers, inspection, after: .milliseconds(round * 97 % 500), wakesBeside: round == 0)
        {
          try await inspection.resubmitIfDone()
        }
        slowest = max(slowest, ContinuousClock.now - began)
      }
      try #require(try await eventually { try await inspection.number("select count(*) from live_jobs") == 0 })
      // What was made for nothing is gone before its worker ends.
      for worker in workers { worker.signal(SIGTERM) }
      for worker in workers { #expect(await worker.ended().status == 0) }
      try await inspection.expectWhole()
      let videos = home.files("media/takes").filter { $0.hasSuffix(".mp4") }
      #expect(try await videos.count == inspection.number("select count(*) from segments where status_id = 4"))
      let lost = try await inspection.number("select count(*) from attempts where outcome = 'lost'")
      let paid = try await inspection.number("select count(*) from attempts where outcome = 'lost' and gpu_seconds > 0")
      #expect(lost >= rounds)
      inspection.tell(
        "\(rounds) freezes, \(lost) leases lost, \(paid) of them charged, every late result refused; the longest round "
          + "took \(slowest.inWords) with a lease of 2 s")
    }
  }

  /// The video of that attempt and its last frame, as far as they are there.
  private static func made(_ attempt: Int, _ home: TestHome) -> [String] {
    home.files("media/takes").filter { $0.contains("a\(attempt).mp4") && !$0.contains(".partial") }
  }

  /// Its work is done, so that nothing stops it from telling, and another has the very job in hand when it does: only the
  /// number of its attempt stands against it.
  @Test func `with a result to tell: it is refused while another does the job`() async throws {
    let clip = """
      echo $$ >> "$HOME_OF_TEST/pids"
      while [ -e "$HOME_OF_TEST/hang" ]; do sleep 0.1; done
      cp "$PICTURES/clip.mp4" "$OUTPUT"
      """
    try await Inspection.with { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 2)
      try await home.openProduction(Production(segments: 1, attempts: 100, clip: clip))
      try await home.say("variants where status=review | approve")
      let frozen = try home.start("worker")
      try await inspection.connection.transaction {
        // As a producer's open action: nobody can tell a result meanwhile.
        try await inspection.connection.execute("select 1 from projects for no key update")
        try #require(await eventually { Self.made(1, home).count == 2 }, "no video with its last frame")
        frozen.signal(SIGSTOP)
      }
      defer { frozen.signal(SIGCONT) }
      try home.write("hang", "")
      let other = try home.start("worker")
      let taken = try await eventually {
        try await inspection.number("select count(*) from leased_jobs where kind = 'segment' and attempt = 2") == 1
      }
      try #require(taken, "nobody did the job instead")
      frozen.signal(SIGCONT)
      let done: SQL = "select count(*) from segments where status_id = 4"
      _ = try await eventually {
        if Self.made(1, home).isEmpty { return true }
        return try await inspection.number(done) > 0
      }
      #expect(try await inspection.number(done) == 0, "the late result was taken")
      #expect(Self.made(1, home) == [], "what was made for nothing is still there")
      try await home.bash("rm hang")
      try #require(try await eventually { try await inspection.number("select count(*) from live_jobs") == 0 })
      for worker in [frozen, other] { worker.signal(SIGTERM) }
      for worker in [frozen, other] { #expect(await worker.ended().status == 0) }
      try await inspection.expectWhole()
      #expect(Self.made(2, home).count == 2)
    }
  }

  /// Freezes a worker with a segment in hand until it has lost its lease. False: nobody had one, or it was just done.
  private func freezeOne(
    of workers: [Invocation], _ inspection: Inspection, after pause: Duration, wakesBeside: Bool
  ) async throws -> Bool {
    let row = try await inspection.connection.query(
      """
      select l.job_id, l.attempt, w.pid from leased_jobs l join workers w on w.id = l.worker_id
      where l.kind = 'segment' and l.failures = 0 order by l.claimed_at desc limit 1
      """
    ).rows.first
    guard let (job, attempt, pid) = try row?.decode((Int64, Int, Int).self),
      let worker = workers.first(where: { $0.id == pid_t(pid) })
    else { return false }
    try await Task.sleep(for: pause)
    worker.signal(SIGSTOP)
    defer { worker.signal(SIGCONT) }
    let held: SQL = "select count(*) from leased_jobs where job_id = \(job) and attempt = \(attempt)"
    if try await inspection.number(held) == 0 { return false }
    try #require(try await eventually { try await inspection.number(held) == 0 }, "nobody took job \(job) away")
    // Beside another that has the very job in hand.
    if wakesBeside {
      let taken = try await eventually {
        try await inspection.number("select count(*) from leased_jobs where job_id = \(job) and attempt > \(attempt)")
          > 0
      }
      try #require(taken, "nobody did job \(job) instead")
    }
    let ends = try await inspection.lines(
      "select outcome from attempts where job_id = \(job) and number = \(attempt)")
    // What it had told before it froze counts.
    return ends == ["lost"]
  }
}

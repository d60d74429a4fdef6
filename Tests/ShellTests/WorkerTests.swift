import Foundation
import SQLText
import Testing

@Suite struct `Workers that stop, die and come back` {
  /// A generator that waits until the test lets it go on, with a child that waits too.
  private static let waitingClip = """
    echo $$ >> "$HOME_OF_TEST/pids"
    (while [ ! -e "$HOME_OF_TEST/go" ]; do sleep 0.05; done) &
    echo $! >> "$HOME_OF_TEST/pids"
    wait $!
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  /// One cell of one segment, its look approved and its segment ready.
  private func withSegment(
    _ clip: String = waitingClip, _ body: @Sendable (TestHome) async throws -> Void
  ) async throws {
    try await TestHome.with { home in
      try await home.openProduction(Production(segments: 1, clip: clip))
      try await home.say("variants where status=review | approve")
      try await body(home)
      try await home.expectTruth()
    }
  }

  private func generatorRuns(_ home: TestHome) async -> Bool {
    await eventually { home.processes("pids").count >= 2 }
  }

  private func expectOneResult(_ home: TestHome) async throws {
    #expect(try await home.count("cells where status=qa_review") == 1)
    #expect(try await home.count("segments where status=completed") == 1)
    #expect(try await home.number("select count(*) from leased_jobs") == 0)
    #expect(home.files("media/takes").filter { $0.hasSuffix(".mp4") }.count == 1)
    #expect(home.files("media/takes").filter { $0.hasSuffix(".png") }.count == 1)
    #expect(await eventually { home.processes("pids").allSatisfy(isGone) })
  }

  @Test func `told to stop, a worker finishes what it has in hand`() async throws {
    try await withSegment { home in
      let worker = try home.start("worker")
      #expect(await generatorRuns(home))
      worker.signal(SIGTERM)
      try home.write("go", "")
      #expect(await worker.ended().status == 0)
      #expect(try await home.count("segments where status=completed") == 1)
      #expect(try await home.number("select count(*) from workers where stopped_at is null") == 0)
      try await home.drain()
      try await expectOneResult(home)
    }
  }

  @Test func `told to stop, a worker hands back what does not end, without an orphan`() async throws {
    try await withSegment { home in
      let worker = try home.start("worker")
      #expect(await generatorRuns(home))
      worker.signal(SIGTERM)
      #expect(await worker.ended().status == 0)
      #expect(home.processes("pids").allSatisfy(isGone))
      #expect(try await home.number("select count(*) from ready_jobs where kind = 'segment' and failures = 0") == 1)
      #expect(try await home.count("segments where status=pending") == 1)
      #expect(home.files("media/takes").isEmpty)
      try await home.expectTruth()
      try home.write("go", "")
      try await home.drain()
      try await expectOneResult(home)
    }
  }

  @Test func `killed in the middle, its job is done once by another and no generator is left`() async throws {
    try await withSegment { home in
      let worker = try home.start("worker")
      #expect(await generatorRuns(home))
      worker.signal(SIGKILL)
      #expect(await worker.ended().status == 137)
      #expect(await eventually { home.processes("pids").allSatisfy(isGone) })
      try await home.execute("update leased_jobs set leased_until = now() - interval '1 second'")
      try home.write("go", "")
      try await home.drain()
      try await expectOneResult(home)
      #expect(try await home.number("select count(*) from attempts where outcome = 'lost'") == 1)
    }
  }

  @Test func `a worker that was asleep finds its result refused and removes its file`() async throws {
    try await withSegment { home in
      let sleeper = try home.start("worker", "--name", "sleeper")
      #expect(await generatorRuns(home))
      sleeper.signal(SIGSTOP)
      try home.write("go", "")
      // The generator writes its file meanwhile.
      #expect(await eventually { home.files("media/takes").count == 1 })
      try await home.execute("update leased_jobs set leased_until = now() - interval '1 second'")
      try await home.drain("--name", "other")
      try await expectFinishedBy(home, "other")
      sleeper.signal(SIGCONT)
      #expect(await eventually { !home.files("media/takes").contains { $0.contains(".partial") } })
      sleeper.signal(SIGTERM)
      #expect(await sleeper.ended().status == 0)
      try await expectFinishedBy(home, "other")
      try await expectOneResult(home)
    }
  }

  private func expectFinishedBy(_ home: TestHome, _ name: String) async throws {
    let done = try await home.number(
      """
      select count(*) from attempts a join workers w on w.id = a.worker_id join jobs j on j.id = a.job_id
      where j.kind = 'segment' and a.outcome = 'completed' and w.name = \(name)
      """)
    #expect(done == 1)
  }

  @Test func `cancelling reaches the running generator`() async throws {
    try await withSegment { home in
      let worker = try home.start("worker")
      #expect(await generatorRuns(home))
      try await home.say("cells where true | cancel")
      #expect(await eventually { home.processes("pids").allSatisfy(isGone) })
      worker.signal(SIGTERM)
      #expect(await worker.ended().status == 0)
      #expect(try await home.number("select count(*) from leased_jobs") == 0)
      #expect(try await home.count("cells where submitted") == 0)
      #expect(home.files("media/takes").isEmpty)
    }
  }
}

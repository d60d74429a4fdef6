import Foundation
import SQLText
import Testing

/// Leases, retries and times are the database's clock, whatever a worker's own says.
@Suite struct `Workers whose clock is wrong` {
  private static let shim = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdlib.h>
    #include <sys/time.h>
    #include <time.h>
    static long shift(void) { const char *text = getenv("CLOCK_SHIFT"); return text ? atol(text) : 0; }
    int clock_gettime(clockid_t id, struct timespec *now) {
      static int (*real)(clockid_t, struct timespec *);
      if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
      int status = real(id, now);
      if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
      return status;
    }
    int gettimeofday(struct timeval *restrict now, void *restrict zone) {
      struct timespec exact;
      clock_gettime(CLOCK_REALTIME, &exact);
      now->tv_sec = exact.tv_sec;
      now->tv_usec = exact.tv_nsec / 1000;
      return 0;
    }
    time_t time(time_t *now) {
      struct timespec exact;
      clock_gettime(CLOCK_REALTIME, &exact);
      if (now) *now = exact.tv_sec;
      return exact.tv_sec;
    }
    """

  /// Fails at the first try, so that there are retries to wait for.
  private static let failingFirst = """
    echo $$ >> "$HOME_OF_TEST/pids"
    sleep 0.1
    if [ "$CALLSHEET_ATTEMPT" = 1 ]; then echo "not yet" >&2; exit 1; fi
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  @Test func `an hour ahead and an hour behind work as any other`() async throws {
    try await Inspection.with { inspection in
      let home = inspection.home
      try home.write("shim.c", Self.shim)
      let compiled = try await home.bash("clang -shared -fPIC -O1 -o shim.so shim.c -ldl")
      try #require(compiled.status == 0, "\(compiled.errors)")
      try await home.openProduction(
        Production(
          characters: [("Aria", "aria.png"), ("Bo", "bo.png")], sceneTypes: ["chase", "walk", "rain"], segments: 2,
          attempts: 5, clip: Self.failingFirst))
      try await home.say("variants where status=review | approve")
      let workers = try await [3600, -3600].asyncMap { try await worker(home, shift: $0) }
      try #require(try await eventually { try await inspection.number("select count(*) from live_jobs") == 0 })
      for worker in workers { worker.signal(SIGTERM) }
      for worker in workers { #expect(await worker.ended().status == 0) }
      try await inspection.expectWhole()
      try await expectDatabaseTime(inspection)
      try await expectDeliveryTime(home)
      let each = try await inspection.lines(
        """
        select w.name || ' made ' || count(*) from attempts a join workers w on w.id = a.worker_id
        where a.outcome = 'completed' and w.name like 'off %' group by w.name order by w.name
        """)
      // Neither was kept from work by its clock.
      #expect(each.count == 2)
      let waits = try await inspection.lines("select round(min(wait)::numeric, 2)::text from (\(Self.waits)) x")
      inspection.tell("\(each.joined(separator: ", ")) jobs; no lease lost; shortest wait before a retry \(waits[0]) s")
    }
  }

  private func worker(_ home: TestHome, shift: Int) async throws -> Invocation {
    home.environment["LD_PRELOAD"] = home("shim.so")
    home.environment["CLOCK_SHIFT"] = String(shift)
    let told = try await home.bash("date +%s").output.trimmingCharacters(in: .whitespacesAndNewlines)
    let worker = try home.start("worker", "--name", "off \(shift)")
    home.environment["LD_PRELOAD"] = nil
    home.environment["CLOCK_SHIFT"] = nil
    // The shim does what it is for, and the worker's log bears the wrong time.
    let off = try #require(Double(told)) - Date().timeIntervalSince1970
    #expect(abs(off - Double(shift)) < 60)
    #expect(await eventually { worker.errors.contains("taking jobs") })
    let hour = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: Double(shift))).prefix(11)
    #expect(worker.errors.contains(hour), "\(worker.errors)")
    return worker
  }

  private static let waits: SQL = """
    select extract(epoch from b.started_at - a.finished_at) as wait
    from attempts a join attempts b on b.job_id = a.job_id and b.number = a.number + 1 where a.outcome = 'failed'
    """

  private func expectDatabaseTime(_ inspection: Inspection) async throws {
    #expect(try await inspection.number("select count(*) from attempts where outcome = 'lost'") == 0)
    // Twelve segments that failed once, each of which waited a second at least.
    #expect(try await inspection.number("select count(*) from (\(Self.waits)) x where wait >= 0.99") == 12)
    #expect(try await inspection.number("select count(*) from (\(Self.waits)) x") == 12)
    let wrong = try await inspection.number(
      """
      select count(*) from (
        select started_at as at from attempts union all select finished_at from attempts
        union all select seen_at from workers union all select started_at from workers
        union all select at from events union all select checked_at from takes
        union all select finished_at from segments) x
      where abs(extract(epoch from at - now())) > 600
      """)
    #expect(wrong == 0)
  }

  /// A package says when it was made by the same clock as everything else.
  private func expectDeliveryTime(_ home: TestHome) async throws {
    try await home.say("cells where status=qa_review | approve")
    home.environment["LD_PRELOAD"] = home("shim.so")
    home.environment["CLOCK_SHIFT"] = "3600"
    let delivered = try await home.run("-c", "deliver spring to=\"\(home("package"))\"")
    home.environment["LD_PRELOAD"] = nil
    #expect(delivered.status == 0, "\(delivered.errors)")
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: home("package/manifest.json"))))
        as? [String: Any])
    let text = try #require(manifest["delivered_at"] as? String)
    let at = try #require(ISO8601DateFormatter().date(from: text), "\(text)")
    #expect(abs(at.timeIntervalSinceNow) < 600, "\(text)")
  }
}

extension Sequence {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
    var values: [T] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}

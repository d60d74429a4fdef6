import Foundation
import SQLText
import Testing

/// A statement that waits for a lock, as one that takes long.
@Suite struct `A statement that takes long` {
  /// Holds the cells, so that every action on them waits.
  private func holdingCells(_ body: @Sendable (TerminalWindow) async throws -> Void) async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      let line = #"psql -q "$CALLSHEET_DATABASE_URL" -c "begin; lock table cells; select pg_sleep(300)""#
      let holder = try window.home.start(program: "/bin/bash", ["-c", "exec " + line])
      #expect(
        try await eventually {
          try await window.home.number(
            "select count(*) from pg_locks where relation = 'cells'::regclass and mode = 'AccessExclusiveLock' and granted"
          ) == 1
        })
      try await window.enter("cells where true | hold")
      #expect(try await eventually { try await waiting(window) == 1 })
      try await body(window)
      holder.stop()
      try await release(window)
    }
  }

  private func waiting(_ window: TerminalWindow) async throws -> Int {
    try await window.home.number(
      """
      select count(*) from pg_stat_activity
      where datname = current_database() and application_name = 'callsheet' and wait_event_type = 'Lock'
      """)
  }

  /// The one who slept does not notice that its client has gone.
  private func release(_ window: TerminalWindow) async throws {
    _ = try await window.home.number(
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = current_database() and query like '%pg_sleep%' and pid <> pg_backend_pid()
      """)
  }

  private func held(_ window: TerminalWindow) async throws -> Int { try await window.home.count("cells where held") }

  @Test func `is cancelled on the server by Ctrl-C, and nothing of it happened`() async throws {
    try await holdingCells { window in
      try await window.shows("Ctrl-C cancels")
      try await window.press("C-c")
      try await window.shows("cancelled")
      try await window.endsIn("film/spring>")
      #expect(try await waiting(window) == 0)
      try await release(window)
      #expect(try await held(window) == 0)
      let results = try await window.home.run("--format", "json", "-c", "history | pick result").rows()
      #expect(results.map { $0["result"] as? String } == ["cancelled"])
    }
  }

  @Test func `is left to itself by a second Ctrl-C, and the next statement goes its own way`() async throws {
    try await holdingCells { window in
      let server = try await window.home.number(
        """
        select pid from pg_stat_activity
        where datname = current_database() and application_name = 'callsheet' and wait_event_type = 'Lock'
        """)
      // A server that answers nothing at all.
      kill(pid_t(server), SIGSTOP)
      // Two that come at once are one to the system.
      try await window.press("C-c")
      try await Task.sleep(for: .milliseconds(200))
      try await window.press("C-c")
      try await window.shows("no longer waiting")
      try await window.enter("scene_types | count")
      try await window.shows("1 row")
      kill(pid_t(server), SIGCONT)
      try await window.shows("it did not happen")
      try await release(window)
      #expect(try await held(window) == 0)
    }
  }

  @Test func `is looked up when its connection is lost`() async throws {
    try await holdingCells { window in
      _ = try await window.home.number(
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and application_name = 'callsheet' and wait_event_type = 'Lock'
        """)
      try await window.shows("it did not happen, nothing was changed: cells where true | hold")
      try await release(window)
      try await window.enter("cells where held | count")
      try await window.shows("1 row")
      #expect(try await held(window) == 0)
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `ends with its shell, which has written down what was typed`(signal: Int32) async throws {
    try await holdingCells { window in
      let shell = try await window.shell()
      kill(shell, signal)
      #expect(await eventually { isGone(shell) })
      #expect(try await eventually { try await waiting(window) == 0 })
      try await release(window)
      #expect(try await held(window) == 0)
      let kept = try await window.home.run("--format", "json", "-c", "history | pick statement").rows()
      #expect(kept.map { $0["statement"] as? String } == ["cells where true | hold"])
    }
  }
}

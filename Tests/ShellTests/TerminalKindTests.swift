import Foundation
import Testing

@Suite struct `Terminals of every kind` {
  /// tmux plays them all; what is asked of it is what the named terminal is said to understand.
  @Test(arguments: [
    ("dumb", "C.UTF-8", 80, 24), ("dumb", "C", 40, 12), ("vt100", "C", 80, 24), ("screen", "C.UTF-8", 120, 40),
    ("xterm-256color", "C.UTF-8", 50, 12), ("linux", "C", 80, 24), ("no-such-terminal", "C.UTF-8", 80, 24),
  ])
  func `edit, complete, recall and show`(terminal: String, locale: String, columns: Int, rows: Int) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let script = "export TERM=\(terminal) LC_ALL=\(locale); \(TerminalWindow.callsheet)"
      let window = try await TerminalWindow(home, columns: columns, rows: rows, script: script)
      try await window.endsIn("film/spring>")
      try await window.type("cells where stat")
      try await window.press("Tab")
      try await window.shows("status=")
      try await window.type("failed | coutn")
      try await window.press("BSpace", "BSpace")
      try await window.type("nt")
      try await window.press("Home")
      try await window.type("# état 状態")
      try await window.press("Enter")
      try await window.endsIn("film/spring>")
      try await window.press("Up", "C-a")
      for _ in "# état 状態" { try await window.press("C-d") }
      window.home.environment["CALLSHEET_USER"] = "bo"
      try await window.home.say("cells where true | tag urgent")
      try await window.shows("* bo: tag 1 cell")
      try await window.resize(columns: columns - 7, rows: rows + 2)
      try await window.press("F5", "Enter")
      try await window.shows("1 row")
      try await window.endsIn("film/spring>")
      let kept = try await home.run("--format", "json", "-c", "history | sort id | pick statement").rows()
      #expect(
        kept.map { $0["statement"] as? String } == [
          "# état 状態cells where status=failed | count", "cells where status=failed | count",
        ])
      try await window.close()
    }
  }
}

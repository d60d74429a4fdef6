import Foundation
import SQLText
import Testing

@Suite struct `What the prompt knows of the production` {
  @Test(arguments: [(80, 24), (120, 40), (50, 12)])
  func `Tab goes from an entity to a value with its count, whatever the size becomes`(columns: Int, rows: Int)
    async throws
  {
    try await TerminalWindow.with(columns: columns, rows: rows, Production(characters: [("Aria Vale", "a.png")])) {
      window in
      try await window.endsIn("film/spring>")
      try await window.type("cel")
      try await window.press("Tab")
      try await window.endsIn("film/spring> cells")
      try await window.type("where stat")
      try await window.press("Tab", "Tab")
      try await window.shows("status=")
      // The counts come over a connection of their own, a moment after the start; a menu that is open stays as it is.
      #expect(
        try await eventually(within: 30) {
          try await window.press("C-u")
          try await window.type("cells where status=")
          try await window.press("Tab")
          try await window.shows("not_started")
          return try await window.screen().contains("not_started (1)")
        })
      try await window.resize(columns: columns - 12, rows: rows + 3)
      try await window.press("C-c")
      try await window.endsIn("film/spring>")
      try await window.type("cells where character=ar")
      try await window.press("Tab")
      try await window.resize(columns: columns, rows: rows)
      try await window.type("| count")
      try await window.press("Enter")
      let screen = try await window.shows("1 row")
      #expect(!screen.contains("error") && !screen.contains("did you mean"), "\(screen)")
      try await window.enter(
        "history where statement like \"cells*count\" | pick statement | export \"\(window.home("last.json"))\"")
      try await window.shows("written")
      let text = try String(contentsOfFile: window.home("last.json"), encoding: .utf8)
      #expect(text.contains(#"cells where character=\"Aria Vale\" | count"#), "\(text)")
    }
  }

  @Test func `a colleague's action is told above the line, which stays as it is`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("cells where sta")
      try await window.endsIn("film/spring> cells where sta")
      window.home.environment["CALLSHEET_USER"] = "bo"
      try await window.home.say("cells where true | tag urgent")
      let screen = try await window.shows("* bo: tag 1 cell")
      #expect(screen.hasSuffix("* bo: tag 1 cell\nfilm/spring> cells where sta"), "\(screen)")
      try await window.type("le | count")
      try await window.press("Enter")
      try await window.shows("1 row")
      try await window.enter("set news off")
      try await window.shows("news is off")
      try await window.home.say("cells where true | hold")
      try await window.enter("cells where held | count")
      try await window.endsIn("film/spring>")
      #expect(try await !window.screen().contains("bo: hold"))
    }
  }

  @Test func `at the right of the line stands what waits, and the line stays as it is`() async throws {
    let production = Production(characters: [("Aria", "a.png"), ("Bo", "b.png")])
    try await TerminalWindow.with(columns: 80, rows: 24, production) { window in
      func line(_ typed: String, _ right: String, columns: Int = 80) -> String {
        typed + String(repeating: " ", count: columns - typed.count - right.count - 1) + right
      }
      try await window.endsIn("film/spring>")
      try await window.enter("set news off")
      try await window.enter("plan cells where id=1 | tag a")
      try await window.endsIn(line("film/spring>", "plan p1"))
      try await window.type("cells where sta")
      try await window.home.say("cells where true | submit")
      try await window.home.drain()
      try await window.endsIn(line("film/spring> cells where sta", "plan p1  ◆ 2 to approve"))
      try await window.resize(columns: 50, rows: 24)
      try await window.endsIn(line("film/spring> cells where sta", "plan p1", columns: 50))
      try await window.resize(columns: 30, rows: 24)
      try await window.endsIn("film/spring> cells where sta")
      try await window.resize(columns: 80, rows: 24)
      try await window.endsIn(line("film/spring> cells where sta", "plan p1  ◆ 2 to approve"))
      try await window.type("tus=blocked | count")
      try await window.press("Enter")
      try await window.endsIn(line("film/spring>", "plan p1  ◆ 2 to approve"))
      // What stood at the right is not left beside what was said.
      #expect(try await window.screen().contains("film/spring> cells where status=blocked | count\ncount"))
    }
  }

  @Test func `a database that takes no changes is named in the prompt, and rows can be read`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      try await home.execute(
        """
        do $$ begin
          execute format('alter database %I set default_transaction_read_only = on', current_database());
        end $$
        """)
      try home.write("config/callsheet/rc", "set theme mono\nset news off\n")
      let window = try await TerminalWindow(home)
      try await window.endsIn("film/spring (read-only)>")
      // The rc file's settings hold, and are nothing to tell at each start.
      #expect(try await !window.screen().contains("theme is"))
      try await window.enter("cells where true | tag a")
      try await window.shows("nothing can be changed here")
      try await window.enter("cells | count")
      try await window.shows("1 row")
      try await window.enter("set theme")
      try await window.shows("theme    mono")
      try await window.close()
    }
  }

  @Test func `watch redraws when something happens, marks it, and leaves the last frame`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.enter("cells | group by skipped | watch")
      try await window.shows("any key ends")
      try await window.home.say("cells where true | skip")
      try await window.shows("* true")
      try await window.press("q")
      try await window.endsIn("film/spring>")
      let screen = try await window.screen()
      #expect(screen.contains("true") && !screen.contains("any key ends") && !screen.contains("* true"), "\(screen)")
      try await window.enter("cells where not skipped | watch until count = 1")
      try await window.shows("any key ends")
      try await window.home.say("cells where true | unskip")
      try await window.endsIn("film/spring>")
    }
  }

  @Test func `watch in a pipe writes a frame for each change and ends when its condition holds`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let watching = try home.start("-o", "csv", "-c", "cells | pick skipped | watch until skipped")
      #expect(await eventually { watching.output.contains("false") })
      try await home.say("cells where true | skip")
      let ending = await watching.ended()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output == "skipped\nfalse\nskipped\ntrue\n")
    }
  }
}

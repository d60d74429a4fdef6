import Foundation
import Testing

@Suite struct `The history at the prompt` {
  @Test func `an action that is recalled asks again, and Ctrl-C is a no`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.enter("cells where status=not_started | tag first")
      try await window.shows("tag: 1 cell")
      try await window.endsIn("film/spring>")
      try await window.press("Up", "Enter")
      try await window.endsIn("tag 1 cells? [y/N]")
      try await window.press("C-c")
      try await window.shows("nothing was done")
      try await window.endsIn("film/spring>")
      try await window.press("Up", "Enter")
      #expect(
        try await eventually(within: 30) { try await window.screen().components(separatedBy: "[y/N]").count == 3 })
      try await window.enter("yes")
      try await window.shows("none of 1 cell")
      #expect(try await window.home.count("actions where verb=tag") == 2)
    }
  }

  @Test(arguments: [["k"], ["-"], ["K"], ["G"], ["/", "first", "Enter"], ["/", "first", "Enter", "n"]]
  )
  func `an action that a key of vi's brings back asks again`(keys: [String]) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      try home.write(".editrc", "bind -v\n")
      let window = try await TerminalWindow(home)
      try await window.endsIn("film/spring>")
      try await window.enter("cells where status=not_started | tag first")
      try await window.shows("tag: 1 cell")
      try await window.endsIn("film/spring>")
      try await window.press("Escape")
      for key in keys { if key == "Enter" { try await window.press(key) } else { try await window.type(key) } }
      try await window.endsIn("film/spring> cells where status=not_started | tag first")
      try await window.press("Enter")
      try await window.endsIn("tag 1 cells? [y/N]")
      try await window.enter("n")
      try await window.shows("nothing was done")
      #expect(try await home.count("actions where verb=tag") == 1)
      try await window.close()
    }
  }

  @Test func `statements can be asked for with how long they took and what became of them`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.enter("cells where status=not_started |")
      try await window.enter("tag later")
      try await window.shows("tag: 1 cell")
      try await window.enter("cells where staus=1")
      try await window.shows("did you mean")
      try await window.enter(" cells | count")
      try await window.shows("1 row")
      try await window.enter("history where result is set | sort id | export \"\(window.home("h.json"))\"")
      try await window.shows("written to")
      let data = try Data(contentsOf: URL(fileURLWithPath: window.home("h.json")))
      let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
      #expect(
        rows.map { $0["statement"] as? String } == [
          "cells where status=not_started |\ntag later", "cells where staus=1",
        ])
      #expect(rows.map { $0["result"] as? String } == ["done", "failed"])
      #expect(rows.first?["action"] is Int)
      #expect(rows.allSatisfy { ($0["took"] as? Double ?? -1) > 0 })
      // Also where nobody sits, with what the statement that asked became.
      let all = try await window.home.run("--format", "json", "-c", "history where took is set | sort id").rows()
      #expect(all.count == 3)
    }
  }

  @Test func `two shells see each other's statements in a search, and Up finds one's own`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      let other = try await TerminalWindow(window.home, socket: "tmux-other")
      try await other.endsIn("film/spring>")
      try await window.enter("characters | count")
      try await window.shows("1 row")
      try await other.enter("scene_types | count")
      try await other.shows("1 row")
      try await window.press("Up")
      try await window.endsIn("film/spring> characters | count")
      try await window.press("C-u", "C-r")
      try await window.type("scene")
      try await window.shows("scene_types | count")
      try await other.close()
    }
  }
}

import Foundation
import SQLText
import Testing

/// What a producer does at the prompt, each at three sizes and with another size in between.
@Suite struct `Every point of the prompt at every size` {
  static let sizes = [
    [Seat.Size(columns: 40, rows: 12), Seat.Size(columns: 47, rows: 9)],
    [Seat.Size(columns: 80, rows: 24), Seat.Size(columns: 61, rows: 18)],
    [Seat.Size(columns: 200, rows: 50), Seat.Size(columns: 131, rows: 40)],
  ]

  enum Point: String, CaseIterable {
    case emacs, vi, lines, paste, search, editor, completion, history, interrupt, news, watch, work, pager, help, server
  }

  @Test(arguments: Point.allCases, sizes) func `stands as it should`(point: Point, sizes: [Seat.Size]) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      try Surroundings(home).prepare(for: point)
      let window = try await TerminalWindow(home, columns: sizes[0].columns, rows: sizes[0].rows)
      let seat = Seat(window, sizes)
      try await seat.stands()
      do {
        try await take(point, seat)
        try await window.close()
      } catch {
        try await window.close()
        throw error
      }
    }
  }

  private func take(_ point: Point, _ seat: Seat) async throws {
    switch point {
    case .emacs: try await emacs(seat)
    case .vi: try await vi(seat)
    case .lines: try await lines(seat)
    case .paste: try await paste(seat)
    case .search: try await search(seat)
    case .editor: try await editor(seat)
    case .completion: try await completion(seat)
    case .history: try await history(seat)
    case .interrupt: try await interrupt(seat)
    case .news: try await news(seat)
    case .watch: try await watch(seat)
    case .work: try await work(seat)
    case .pager: try await pager(seat)
    case .help: try await help(seat)
    case .server: try await server(seat)
    }
  }

  /// What has to be there before the shell starts.
  private struct Surroundings {
    let home: TestHome
    init(_ home: TestHome) { self.home = home }

    func prepare(for point: Point) throws {
      switch point {
      case .vi: try home.write(".editrc", "bind -v\n")
      case .editor:
        home.environment["VISUAL"] = try home.write(
          "editor.sh",
          "#!/bin/sh\necho editing\nwhile [ ! -e saved ]; do sleep 0.02; done\nsed -i s/runs/cells/ \"$1\"\n",
          executable: true)
      case .server:
        // Who takes the link away takes the server away.
        let conninfo = home.environment["CALLSHEET_DATABASE_URL"] ?? ""
        guard let host = conninfo.firstMatch(of: /host='([^']*)'/)?.output.1 else { return }
        try FileManager.default.createSymbolicLink(atPath: home("server"), withDestinationPath: String(host))
        home.environment["CALLSHEET_DATABASE_URL"] = conninfo.replacing(
          "host='\(host)'", with: "host='\(home("server"))'")
      default: break
      }
    }
  }

  /// A statement that takes more than one row.
  func long(_ seat: Seat) -> String {
    let once = "cells where status=not_started"
    let times = seat.size.columns * 3 / 2 / " and character=Aria".count
    return once + String(repeating: " and character=Aria", count: times) + " | count"
  }

  func result(_ line: String, _ seat: Seat) async throws {
    try await seat.stands()
    let screen = try await seat.window.look().text
    let end = line.suffix(5) + "\ncount\n─────\n    1\n1 row\n"
    #expect(screen.contains(end), "\(screen)")
  }

  // MARK: Editing

  private func emacs(_ seat: Seat) async throws {
    let line = long(seat)
    try await seat.window.type("x" + line + "y")
    try await seat.stands("x" + line + "y")
    try await seat.window.press("BSpace", "C-a")
    try await seat.stands("x" + line, cursor: 0)
    try await seat.resize()
    try await seat.stands("x" + line, cursor: 0)
    try await seat.window.press("C-d")
    try await seat.stands(line, cursor: 0)
    try await seat.window.press("C-e", "M-b", "M-b")
    try await seat.stands(line, cursor: line.count - "character=Aria | count".count)
    try await seat.resize()
    try await seat.stands(line, cursor: line.count - "character=Aria | count".count)
    try await seat.window.press("C-k")
    try await seat.stands(String(line.dropLast("character=Aria | count".count)))
    try await seat.window.press("C-y", "Home", "End")
    try await seat.stands(line)
    try await seat.press()
    try await result(line, seat)
  }

  private func vi(_ seat: Seat) async throws {
    let line = long(seat)
    try await seat.window.type("x" + line)
    try await seat.stands("x" + line)
    try await seat.window.press("Escape")
    try await seat.stands("x" + line, cursor: line.count)
    try await seat.window.press("0")
    try await seat.stands("x" + line, cursor: 0)
    try await seat.resize()
    try await seat.window.press("x")
    try await seat.stands(line, cursor: 0)
    try await seat.window.press("\\$", "b")
    try await seat.stands(line, cursor: line.count - 5)
    try await seat.resize()
    try await seat.stands(line, cursor: line.count - 5)
    try await seat.window.press("D")
    try await seat.stands(String(line.dropLast(5)), cursor: line.count - 6)
    try await seat.window.press("A")
    try await seat.window.type("count")
    try await seat.stands(line)
    try await seat.press()
    try await result(line, seat)
  }

  private func lines(_ seat: Seat) async throws {
    try await seat.window.type("cells where character=Aria |")
    try await seat.window.press("Enter")
    try await seat.stands("cells where character=Aria |\n")
    try await seat.window.type("sort -updated_at, id, scene_type |")
    try await seat.window.press("Enter")
    try await seat.window.type("count")
    let all = "cells where character=Aria |\nsort -updated_at, id, scene_type |\ncount"
    try await seat.stands(all)
    try await seat.window.press("Up", "Up", "C-e")
    try await seat.stands(all, cursor: 28)
    try await seat.resize()
    try await seat.stands(all, cursor: 28)
    try await seat.window.press("Down")
    try await seat.stands(all, cursor: 57)
    try await seat.resize()
    try await seat.stands(all, cursor: 57)
    try await seat.press()
    try await result(all, seat)
  }

  private func paste(_ seat: Seat) async throws {
    let text = "cells where character=Aria\n| sort id\n| count"
    try seat.home.write("paste", text + "\n")
    try await seat.window.paste("paste")
    try await seat.stands(text)
    try await seat.resize()
    try await seat.stands(text)
    try await seat.window.press("C-a")
    try await seat.stands(text, cursor: text.count - "| count".count)
    try await seat.resize()
    try await seat.press()
    try await result(text, seat)
  }

  private func editor(_ seat: Seat) async throws {
    try await seat.window.type("runs | sort name | count")
    try await seat.window.press("C-x", "C-e")
    try await seat.window.shows("editing")
    try await seat.resize()
    try seat.home.write("saved", "")
    try await seat.window.shows("cells | sort name | count")
    seat.standsAgain()
    try await seat.stands("cells | sort name | count")
    try await seat.window.press("BSpace", "BSpace")
    try await seat.window.type("nt")
    try await seat.resize()
    try await seat.stands("cells | sort name | count")
  }

  // MARK: Finding

  private func search(_ seat: Seat) async throws {
    try await seat.enter("scene_types | count")
    try await seat.stands()
    try await seat.enter("cells where character=Aria | count")
    try await seat.stands()
    try await seat.window.press("C-r")
    try await seat.window.type("scene")
    try await seat.window.shows("bck:scene")
    try await seat.resize()
    try await seat.window.press("C-e")
    try await seat.stands("scene_types | count")
    try await seat.resize()
    try await seat.stands("scene_types | count")
    try await seat.press()
    try await seat.stands()
  }

  private func completion(_ seat: Seat) async throws {
    // The values come over a connection of their own, a moment after the start.
    let isKnown = try await eventually(within: 30) {
      try await seat.window.press("C-u")
      try await seat.window.type("cells where char")
      try await seat.window.press("Tab")
      try await seat.window.type("ar")
      try await seat.window.press("Tab")
      return try await eventually(within: 1) {
        try await seat.window.screen().hasSuffix("> cells where character=Aria")
      }
    }
    #expect(isKnown)
    // The menu of what may follow stands below for as long as Tab was the last key.
    try await seat.window.type("and status=")
    try await seat.stands("cells where character=Aria and status=")
    try await seat.window.press("Tab")
    try await seat.window.shows("not_started")
    try await seat.resize()
    try await seat.stands("cells where character=Aria and status=")
    try await seat.window.type("not")
    try await seat.window.press("Tab")
    try await seat.stands("cells where character=Aria and status=not_started ")
    try await seat.window.type("| ")
    try await seat.window.press("Tab", "Tab")
    try await seat.window.shows("distinct")
    try await seat.window.press("C-w")
    try await seat.window.type("count")
    try await seat.resize()
    try await seat.stands("cells where character=Aria and status=not_started | count")
    try await seat.press()
    try await result("cells where character=Aria and status=not_started | count", seat)
  }

  private func history(_ seat: Seat) async throws {
    let line = long(seat)
    try await seat.enter(line)
    try await seat.stands()
    try await seat.enter("cells where true | tag first")
    try await seat.stands()
    try await seat.window.press("Up", "Up")
    try await seat.stands(line)
    try await seat.resize()
    try await seat.stands(line)
    try await seat.window.press("Down")
    try await seat.stands("cells where true | tag first")
    try await seat.press()
    try await seat.window.shows("[y/N]")
    try await seat.resize()
    try await seat.window.type("n")
    try await seat.window.press("Enter")
    try await seat.stands()
    try await seat.scrolledBack("nothing was done")
  }

  // MARK: While something goes on

  private func interrupt(_ seat: Seat) async throws {
    let line = long(seat)
    try await seat.window.type(line)
    try await seat.window.press("Home")
    try await seat.stands(line, cursor: 0)
    try await seat.press(ending: "C-c")
    try await seat.stands()
    try await seat.window.type(line)
    try await seat.stands(line)
    try await seat.resize()
    try await seat.stands(line)
    try await seat.press(ending: "C-c")
    try await seat.stands()
    #expect(try await seat.window.look().text.replacing("\n", with: "").contains(line + "^C"))
    try await seat.enter("cells | count")
    try await result("cells | count", seat)
  }
}

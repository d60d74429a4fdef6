import Foundation
import Testing

@Suite struct `The prompt in a real terminal` {
  @Test func `says where one is, and draws carets under what was typed`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("cells where staus=failed")
      try await window.press("Enter")
      let screen = try await window.shows("did you mean status?")
      let lines = screen.split(separator: "\n").map(String.init)
      let typed = try #require(lines.firstIndex(of: "film/spring> cells where staus=failed"))
      #expect(
        lines[typed + 1] == "                         ^^^^^ cells have no field \"staus\": did you mean status?",
        "\(screen)")
      try await window.endsIn("film/spring>")
      try await window.press("C-d")
      try await window.shows("left with 0")
    }
  }

  @Test func `an error below other output shows its statement again`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.enter("scene_types | count; cells where staus=failed")
      let screen = try await window.shows("did you mean status?")
      let lines = screen.split(separator: "\n").map(String.init)
      let carets = try #require(lines.firstIndex { $0.contains("^^^^^") })
      let statement = lines[carets - 1]
      let place = try #require(statement.range(of: "staus=failed")).lowerBound
      let caret = try #require(lines[carets].firstIndex(of: "^"))
      #expect(
        statement.distance(from: statement.startIndex, to: place)
          == lines[carets].distance(from: lines[carets].startIndex, to: caret), "\(screen)")
      #expect(try #require(lines.firstIndex { $0.contains("1 row") }) < carets - 1, "\(screen)")
      // By itself it still stands right below the prompt.
      try await window.endsIn("film/spring>")
      try await window.enter("cells where staus=1; scene_types")
      try await window.shows("film/spring> cells where staus=1; scene_types\n                         ^^^^^ cells have")
    }
  }

  @Test func `says what to do where nothing is yet`() async throws {
    try await TerminalWindow.with(nil) { window in
      try await window.endsIn("callsheet>")
      #expect(try await window.screen().contains("apply \"production.yaml\" makes one"))
      let file = try await Production().write(to: window.home)
      try await window.type("apply \"\(file)\"")
      try await window.press("Enter")
      try await window.endsIn("film>")
      try await window.type("create run spring")
      try await window.press("Enter")
      try await window.endsIn("film/spring>")
      try await window.type("quit")
      try await window.press("Enter")
      try await window.shows("left with 0")
    }
  }

  @Test func `an interrupt drops the line, a pipe goes on, and the end of input leaves`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("cells where nonsense")
      try await window.shows("cells where nonsense")
      try await window.press("C-c")
      try await window.endsIn("film/spring>")
      try await window.type("cells where status=not_started |")
      try await window.press("Enter")
      try await window.type("count")
      try await window.press("Enter")
      let screen = try await window.shows("1 row")
      #expect(!screen.contains("error"), "\(screen)")
      try await window.endsIn("film/spring>")
      try await window.press("C-d")
      try await window.shows("left with 0")
    }
  }

  @Test func `recalls in the next start what was typed in the last`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("characters | pick name")
      try await window.press("Enter")
      try await window.shows("1 character")
      try await window.endsIn("film/spring>")
      try await window.press("C-d")
      try await window.shows("left with 0")
      try await window.close()
      let next = try await TerminalWindow(window.home)
      try await next.endsIn("film/spring>")
      try await next.press("Up")
      try await next.endsIn("film/spring> characters | pick name")
      try await next.press("Enter")
      try await next.shows("Aria")
      try await next.close()
    }
  }

  @Test func `asks before an action on everything`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("cells | submit")
      try await window.press("Enter")
      try await window.shows("submit all 1 cells? [y/N]")
      try await window.type("n")
      try await window.press("Enter")
      try await window.shows("nothing was done")
      try await window.endsIn("film/spring>")
      try await window.type("cells | submit")
      try await window.press("Enter")
      #expect(
        try await eventually(within: 30) { try await window.screen().components(separatedBy: "[y/N]").count == 3 })
      try await window.type("y")
      try await window.press("Enter")
      try await window.shows("submit: 1 cell")
      #expect(try await window.home.count("cells where submitted") == 1)
    }
  }

  @Test func `an interrupt at a question is a no, and what is typed next is a statement`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.type("cells | submit")
      try await window.press("Enter")
      let asked = try await window.shows("submit all 1 cells? [y/N]")
      #expect(asked.contains("submit 1 cell"))
      try await window.press("C-c")
      try await window.shows("nothing was done")
      try await window.endsIn("film/spring>")
      try await window.type("cells where submitted | count")
      try await window.press("Enter")
      try await window.shows("    0")
      try await window.endsIn("film/spring>")
      #expect(try await window.home.count("cells where submitted") == 0)
    }
  }

  @Test func `a narrow terminal folds the matrix and loses nothing`() async throws {
    let production = Production(
      characters: [("Aria Vale", "a.png"), ("Bo Okafor", "a.png"), ("Cleo Marsh", "a.png")],
      sceneTypes: ["alley_chase", "neon_portrait", "rooftop_walk", "rain_dance", "market_fight", "last_train"])
    try await TerminalWindow.with(columns: 60, rows: 20, production) { window in
      try await window.endsIn("film/spring>")
      try await window.type("set rows all; matrix")
      try await window.press("Enter")
      var seen = ""
      // A pager may stand in between; one page after the other, then back at the prompt.
      for _ in 0..<10 {
        let screen = try await settled(window)
        seen += screen + "\n"
        if screen.hasSuffix("film/spring>") { break }
        try await window.press("Space")
      }
      for name in ["Aria Vale", "Bo Okafor", "Cleo Marsh"] { #expect(seen.contains(name), "\(seen)") }
      for scene in ["alley", "neon", "rooftop", "rain", "market", "last"] { #expect(seen.contains(scene), "\(seen)") }
      #expect(seen.contains("18 not started") || seen.contains("18 not_started"), "\(seen)")
      #expect(seen.split(separator: "\n").allSatisfy { $0.count <= 60 })
    }
  }

  /// The screen when it stays the same for three looks.
  private func settled(_ window: TerminalWindow) async throws -> String {
    var last: [String] = []
    _ = try await eventually(within: 30) {
      last.append(try await window.screen())
      let three = last.suffix(3)
      return three.count == 3 && Set(three).count == 1
        && (three.first?.hasSuffix("film/spring>") == true || three.first?.contains("not") == true)
    }
    return last.last ?? ""
  }

  @Test(arguments: [true, false])
  func `colour is there for a person, unless NO_COLOR says otherwise`(_ isPlain: Bool) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      home.environment["TERM"] = "xterm"
      if isPlain { home.environment["NO_COLOR"] = "1" }
      // script gives the command a terminal and writes down every byte.
      let line = #"printf 'matrix\nquit\n' | script -qec "$callsheet -c matrix -c 'cells where staus=1'" bytes"#
      try await home.bash(line)
      let bytes = try String(contentsOfFile: home("bytes"), encoding: .utf8)
      #expect(bytes.contains("Aria") && bytes.contains("did you mean status?"), "\(bytes)")
      #expect(bytes.contains("\u{1B}[") == !isPlain, "\(bytes.debugDescription)")
    }
  }
}

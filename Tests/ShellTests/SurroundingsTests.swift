import Foundation
import Testing

@Suite struct `A prompt whose surroundings go away` {
  /// What runs in a folder: the shell, and what it started there.
  private static func processes(in home: TestHome) -> [pid_t] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { pid_t($0) }.filter { process in
      let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
      return folder == home.path && !isGone(process)
    }
  }

  private static func state(of process: pid_t) -> String? {
    let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ").first.map(String.init)
  }

  private static func statements(_ home: TestHome) async throws -> [String?] {
    try await home.run("--format", "json", "-c", "history | sort id | pick statement").rows().map {
      $0["statement"] as? String
    }
  }

  @Test(arguments: ["a line", "a question", "a pager", "a watch", "an editor"])
  func `a closed terminal leaves no process, and what was entered is kept`(at place: String) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      home.environment["VISUAL"] = "sleep 300; true"
      home.environment["PAGER"] = "cat; sleep 300; true"
      let window = try await TerminalWindow(home, rows: 10)
      try await window.endsIn("film/spring>")
      let (entered, before): (String, Int)
      before = Self.processes(in: home).count
      switch place {
      case "a line":
        entered = "cells | count"
        try await window.enter(entered)
        try await window.shows("1 row")
        try await window.type("half a line")
        try await window.shows("half a line")
      case "a question":
        entered = "cells | submit"
        try await window.enter(entered)
        try await window.shows("[y/N]")
      case "a pager":
        entered = "help cells"
        try await window.enter(entered)
        #expect(await eventually { Self.processes(in: home).count > before })
      case "a watch":
        entered = "cells | watch"
        try await window.enter(entered)
        try await window.shows("any key ends")
      default:
        entered = "cells | count"
        try await window.enter(entered)
        try await window.shows("1 row")
        try await window.press("C-x", "C-e")
        #expect(await eventually { Self.processes(in: home).count > before })
      }
      try await window.close()
      #expect(await eventually { Self.processes(in: home).isEmpty }, "\(Self.processes(in: home))")
      #expect(try await Self.statements(home) == [entered])
      #expect(try await home.count("cells where submitted") == 0)
    }
  }

  @Test(arguments: ["TERM", "HUP"])
  func `told to end at a half-typed line it leaves, and what was entered before is kept`(signal: String) async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      try await window.enter("cells | count")
      try await window.shows("1 row")
      try await window.type("half a line")
      try await window.shows("half a line")
      let shell = try await window.shell()
      try await window.home.bash("kill -\(signal) \(shell)")
      try await window.shows("left with")
      #expect(isGone(shell))
      #expect(try await Self.statements(window.home) == ["cells | count"])
    }
  }

  @Test func `Ctrl-Z stops it, and fg brings the half-typed line back`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let window = try await TerminalWindow(home, script: TerminalWindow.shell)
      try await window.endsIn("$")
      try await window.enter("$callsheet")
      try await window.endsIn("film/spring>")
      try await window.type("cells | co")
      try await window.endsIn("film/spring> cells | co")
      for _ in 0..<2 {
        try await window.press("C-z")
        try await window.shows("Stopped")
        try await window.enter("clear")
        try await window.endsIn("$")
        try await window.enter("fg")
        try await window.endsIn("film/spring> cells | co")
      }
      try await window.type("unt")
      try await window.endsIn("film/spring> cells | count")
      try await window.press("Enter")
      try await window.shows("1 row")
      try await window.press("C-d")
      try await window.endsIn("$")
      // The terminal is the shell's again, as it was.
      try await window.enter("stty -a | grep -o ' echo ' | tr -d ' '")
      try await window.shows("echo\n$")
      try await window.close()
    }
  }

  @Test func `a stop from outside and a continuation keep the line`() async throws {
    try await TerminalWindow.with { window in
      try await window.endsIn("film/spring>")
      let shell = try await window.shell()
      try await window.type("cells | co")
      try await window.endsIn("film/spring> cells | co")
      kill(shell, SIGTSTP)
      #expect(await eventually { Self.state(of: shell) == "T" })
      kill(shell, SIGCONT)
      #expect(await eventually { Self.state(of: shell) == "S" })
      try await window.type("unt")
      try await window.endsIn("film/spring> cells | count")
      try await window.press("Enter")
      try await window.shows("1 row")
    }
  }
}

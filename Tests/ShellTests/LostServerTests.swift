import Foundation
import Testing

/// The embedded server, which the tests stop as a crash would, under a prompt.
@Suite struct `A prompt that loses its server` {
  private static func with(_ body: @Sendable (TestHome, TerminalWindow) async throws -> Void) async throws {
    try await TestHome.withoutDatabase { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let window = try await TerminalWindow(home)
      try await window.endsIn("film/spring>")
      do {
        try await body(home, window)
        try await window.close()
      } catch {
        try await window.close()
        throw error
      }
    }
  }

  private static func crash(_ home: TestHome) async throws {
    let server = try #require(home.processes("data/callsheet/postgres/data/postmaster.pid").first)
    kill(server, SIGQUIT)
    #expect(await eventually { isGone(server) })
  }

  @Test func `says so in the prompt, keeps the line, and comes back with what was set`() async throws {
    try await Self.with { home, window in
      try await window.enter("let $who = \"Aria\"")
      try await window.enter("set rows 7")
      try await window.shows("rows is 7")
      try await window.type("characters where name=$who | cou")
      try await window.endsIn("film/spring> characters where name=$who | cou")
      try await Self.crash(home)
      try await window.endsIn("film/spring (no server)> characters where name=$who | cou")
      // Also what is typed meanwhile.
      try await window.type("n")
      try await window.endsIn("film/spring (no server)> characters where name=$who | coun")
      try await home.run("db", "start")
      try await window.endsIn("film/spring> characters where name=$who | coun")
      try await window.type("t")
      try await window.press("Enter")
      try await window.shows("1 row")
      try await window.enter("show rows")
      try await window.shows("7")
      try await window.endsIn("film/spring>")
      #expect(try await !window.screen().contains("error"))
    }
  }

  @Test func `does not repeat an action whose outcome it does not know, but looks it up`() async throws {
    try await Self.with { home, window in
      let url = try await home.run("db", "url").output.trimmingCharacters(in: .newlines)
      let holder = try home.start(
        program: "/bin/bash", ["-c", "exec psql -q '\(url)' -c 'begin; lock table cells; select pg_sleep(300)'"])
      let locks = "select count(*) from pg_locks where relation = 'cells'::regclass and granted = "
      func counts(_ granted: Bool) async throws -> String {
        try await home.bash("psql -XAtq '\(url)' -c \"\(locks) \(granted)\"").output
      }
      #expect(try await eventually { try await counts(true) == "1\n" })
      try await window.enter("cells where true | tag lost")
      #expect(try await eventually { try await counts(false) == "1\n" })
      try await Self.crash(home)
      holder.stop()
      try await window.shows("connection")
      try await home.run("db", "start")
      try await window.shows("it did not happen, nothing was changed: cells where true | tag lost")
      try await window.endsIn("film/spring>")
      #expect(try await home.count("actions where verb=tag") == 0)
      try await window.enter("cells where true | tag lost")
      try await window.shows("tag: 1 cell")
      #expect(try await home.count("actions where verb=tag") == 1)
    }
  }
}

import Foundation
import Testing

/// A prompt whose connection is cut at the end of an action: before the server hears of it, or when it has done it.
@Suite struct `An answer that is lost` {
  private static let action = "cells where true | tag lost"

  @Test(arguments: CuttingProxy.Moment.allCases)
  func `is looked up, and the screen says whether it happened`(moment: CuttingProxy.Moment) async throws {
    try await Inspection.with { inspection in
      let home = inspection.home
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let proxy = try inspection.proxied()
      defer { proxy.close() }
      let window = try await TerminalWindow(home, columns: 120)
      try await window.endsIn("film/spring>")
      proxy.arm(.init(pieces: ["insert into actions", "commit"], moment: moment))
      try await window.enter(Self.action)
      let found =
        switch moment {
        case .before: "it did not happen, nothing was changed: \(Self.action)"
        case .after: "tag changed 1 cell"
        }
      let screen = try await window.shows(found)
      #expect(!proxy.isArmed)
      // First what is known, then what was found out; it was carried out once or not at all, and nobody was asked to wait.
      let lines = screen.split(separator: "\n").map(String.init)
      let told = try #require(lines.firstIndex { $0.contains("looked up as soon as the server answers") }, "\(screen)")
      #expect(try #require(lines.firstIndex { $0.hasPrefix("* it ") && $0.hasSuffix(found) }) > told, "\(screen)")
      try await window.endsIn("film/spring>")
      inspection.useServerItself()
      #expect(try await home.count("cells where tags=lost") == (moment == .after ? 1 : 0))
      #expect(try await home.count("actions where verb=tag") == (moment == .after ? 1 : 0))
      let kept = try await home.run("--format", "json", "-c", "history | pick statement, result").rows()
      #expect(kept.map { $0["result"] as? String } == ["unknown"])
      // The prompt is as good as before.
      try await window.enter("cells where true | untag lost")
      try await window.shows(moment == .after ? "untag: 1 cell" : "untag: none of 1 cell")
      try await window.close()
    }
  }

  @Test func `is asked for again and again while nobody answers`() async throws {
    try await Inspection.with { inspection in
      let home = inspection.home
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let proxy = try inspection.proxied()
      defer { proxy.close() }
      let window = try await TerminalWindow(home, columns: 120)
      try await window.endsIn("film/spring>")
      try await window.type("cells | cou")
      proxy.refuses = true
      proxy.cutAll()
      try await window.endsIn("film/spring (no server)> cells | cou")
      let tries = proxy.refused
      #expect(await eventually { proxy.refused >= tries + 3 })
      try await window.endsIn("film/spring (no server)> cells | cou")
      proxy.refuses = false
      try await window.endsIn("film/spring> cells | cou")
      try await window.type("nt")
      try await window.press("Enter")
      try await window.shows("1 row")
      try await window.close()
      inspection.useServerItself()
    }
  }
}

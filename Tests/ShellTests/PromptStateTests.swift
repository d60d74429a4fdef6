import Model
import QueryLanguage
import Rendering
import Session
import Testing

@testable import Shell

@Suite struct `What the prompt says` {
  private func state(columns: Int = 100, _ change: (inout PromptState) -> Void = { _ in }) -> PromptState {
    var state = PromptState(
      context: SessionContext(project: .init(id: 1, name: "neon-city"), run: .init(id: 1, name: "spring")))
    state.columns = columns
    state.standing.cells = [.failed: 2, .qaReview: 1234, .queued: 3, .generating: 4, .approved: 9]
    state.standing.variantsInReview = 5
    state.standing.plans = ["p2"]
    change(&state)
    return state
  }

  @Test func `it names the place, and how that differs from a usual one`() {
    #expect(state().text == "neon-city/spring>")
    #expect(PromptState().text == "callsheet>")
    #expect(state { $0.isReadOnly = true }.text == "neon-city/spring (read-only)>")
    #expect(state { $0.isDryRun = true }.text == "neon-city/spring (dry run)>")
    #expect(state { $0.isAway = true }.text == "neon-city/spring (no server)>")
  }

  @Test func `at its right stands what wants somebody, a glyph and a word beside each number`() {
    #expect(
      state(columns: 120).right.text == "plan p2  ✗ 2 failed  ◆ 1,234 to review  ◆ 5 to approve  ◐ 7 in work")
    #expect(state { $0.isAway = true }.right.text.isEmpty)
    #expect(state { $0.standing = ProductionStanding() }.right.text.isEmpty)
    #expect(state { $0.standing.plans = ["p3", "p2"] }.right.text.hasPrefix("2 plans  "))
    #expect(state { $0.standing.hasDrifted = true }.right.text.hasPrefix("p2 is out of date  "))
    #expect(state { $0.glyphs = .ascii }.right.text.hasPrefix("plan p2  F 2 failed"))
  }

  @Test(arguments: [20, 24, 30, 40, 50, 60, 80, 100, 120, 200])
  func `it leaves the statement room on every terminal`(_ columns: Int) {
    let state = state(columns: columns)
    #expect(state.width <= max(13, columns / 3) + 1)
    let right = state.right
    #expect(right.width == 0 || state.width + 24 + right.width <= columns)
    if columns >= 80 { #expect(right.text.contains("2 failed")) }
    if columns <= 40 { #expect(state.text == "spring>" && right.text.isEmpty || columns == 40) }
  }

  @Test func `a name that is too long is cut, and a wide one counts as wide as it is`() {
    let long = state(columns: 40) { $0.context.run?.name = "the-long-night-of-the-city" }
    #expect(long.text == "the-long-ni…>")
    let wide = state { $0.context.run?.name = "春" }
    #expect(wide.width == wide.text.count + 2)
  }
}

@Suite struct `Work that goes on` {
  private func line(_ meter: WorkMeter, _ seconds: Double, columns: Int = 80) -> String {
    meter.line(at: .seconds(seconds), turn: 0, columns: columns, glyphs: .ascii)
  }

  @Test func `without a count it says how long it takes`() {
    #expect(line(WorkMeter(), 2.34) == "| 2.3 s; Ctrl-C cancels")
    #expect(line(WorkMeter(), 62) == "| 1 min 2 s; Ctrl-C cancels")
  }

  @Test func `with a count it has a bar and says how long the rest takes, as soon as there is a pace`() {
    var meter = WorkMeter()
    meter.note(0, of: 40, "packing", at: .seconds(1))
    #expect(line(meter, 1) == "| packing .................... 0 of 40; 1 s; Ctrl-C cancels")
    meter.note(10, of: 40, "packing", at: .seconds(3))
    #expect(line(meter, 3) == "| packing #####............... 10 of 40; about 6 s left; Ctrl-C cancels")
    meter.note(2, of: 4, "finishing", at: .seconds(9))
    #expect(line(meter, 9) == "| finishing ##########.......... 2 of 4; 9 s; Ctrl-C cancels")
  }

  @Test(arguments: [24, 30, 40, 60, 200])
  func `it is never wider than the terminal`(_ columns: Int) {
    var meter = WorkMeter()
    for done in [0, 123_456, 1_000_000] {
      meter.note(done, of: 1_000_000, "checking segments", at: .seconds(Double(done) / 1000))
      #expect(line(meter, Double(done) / 1000 + 1, columns: columns).count < columns)
    }
  }
}

@Suite struct `Settings of the shell` {
  @Test func `themes and formats are those that are there`() {
    #expect(SettingName.theme.value == .oneOf(Theme.allCases.map(\.rawValue)))
    #expect(SettingName.format.value == .oneOf(OutputFormat.allCases.map(\.rawValue)))
    #expect(SettingName.news.value == .oneOf(NewsMode.allCases.map(\.rawValue)))
  }
}

import Foundation
import TestFixtures
import Testing

/// A producer's whole day at one prompt. After each chapter the screen is compared with the one kept in
/// `Snapshots/Day`.
@Suite struct `A producer's day` {
  private static let production = Production(
    characters: [("Aria Vale", "aria.png"), ("Bo Okafor", "bo.png")], sceneTypes: ["chase", "portrait"])

  @Test func `from an empty shell to a package`() async throws {
    try await TestHome.with { home in
      _ = try await Self.production.write(to: home)
      try FileManager.default.moveItem(atPath: home("film/bo.png"), toPath: home("good.png"))
      try await home.bash("ffmpeg -v error -f lavfi -i testsrc2=s=61x61 -frames:v 1 film/bo.png")
      let day = Day(window: try await TerminalWindow(home, columns: 100, rows: 32))
      do {
        try await morning(day)
        try await mending(day)
        try await reviewing(day)
        try await evening(day)
        try await day.window.close()
      } catch {
        try await day.window.close()
        throw error
      }
      try await home.expectTruth()
    }
  }

  private func morning(_ day: Day) async throws {
    try await day.window.endsIn("callsheet>")
    // What others do is told whenever it happens, and a kept screen has no place for that.
    try await day.say("set news off", prompt: "callsheet>")
    try await day.say("apply \"film/production.yaml\"", prompt: "film>")
    try await day.say("create run spring")
    try await day.screen("01-open")
    try await day.say("cells | submit", answer: "y")
    try await day.screen("02-submit")
    try await day.window.home.drain()
    try await day.say("matrix", right: "◆ 1 to approve")
    try await day.screen("03-matrix")
  }

  private func mending(_ day: Day) async throws {
    let home = day.window.home
    try await day.say("cells where status=blocked | why", right: "◆ 1 to approve")
    try await day.screen("04-why")
    try FileManager.default.removeItem(atPath: home("film/bo.png"))
    try FileManager.default.moveItem(atPath: home("good.png"), toPath: home("film/bo.png"))
    try await day.say("apply \"film/production.yaml\"", right: "◆ 1 to approve")
    try await home.drain()
    try await day.say("variants where status=review | approve", right: "◐ 4 in work")
    try await day.screen("05-mend")
  }

  private func reviewing(_ day: Day) async throws {
    let home = day.window.home
    try await day.window.enter("cells | group by status | watch until status = qa_review")
    try await day.window.shows("any key ends")
    try await home.drain()
    try await day.finish(right: "◆ 4 to review")
    try await day.screen("06-watch")
    try await day.say("save @todo \"what waits for me\" = cells where status=qa_review", right: "◆ 4 to review")
    try await day.say("@todo | where character=Aria | approve", right: "◆ 2 to review")
    try await day.say(
      "@todo | where scene_type=portrait | reject reason=\"eyes off model\"", right: "◆ 1 to review")
    try await day.say("help @todo", right: "◆ 1 to review")
    try await day.screen("07-review")
    try await day.say("plan cells where status=rejected | resubmit", right: "plan p1  ◆ 1 to review")
    try await day.say("apply p1", right: "◆ 1 to review  ◐ 1 in work")
    try await day.say("undo", right: "◆ 1 to review")
    try await day.screen("08-plan-undo")
    try await day.recall(answer: "n", right: "◆ 1 to review")
    try await day.screen("09-recall")
  }

  private func evening(_ day: Day) async throws {
    let home = day.window.home
    try await day.say("cells where status=rejected | resubmit", right: "◆ 1 to review  ◐ 1 in work")
    try await home.drain()
    try await day.say("deliver spring to=\"package\"", right: "◆ 2 to review")
    try await day.say("@todo | approve")
    try await day.say("deliver spring to=\"package\"")
    try await day.recall(answer: "n", right: "")
    try await day.screen("10-deliver")
    try await day.say("history where statement like \"deliver*\" | sort at | pick statement, result")
    try await day.say("actions | sort id | pick id, verb, entity, changed, statement")
    try await day.screen("11-history")
    #expect(home.files("package").filter { $0.hasSuffix(".mp4") }.count == 4)
  }
}

/// The window, and what is seen in it after each chapter.
private struct Day {
  let window: TerminalWindow
  private static let prompt = "film/spring>"

  /// Says a statement and waits until the prompt stands again, with this at its right.
  func say(
    _ statement: String, answer: String? = nil, right: String = "", prompt: String = Day.prompt,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await window.enter(statement)
    if let answer {
      try await window.shows("[y/N]", sourceLocation: sourceLocation)
      try await window.enter(answer)
    }
    try await finish(right: right, prompt: prompt, sourceLocation: sourceLocation)
  }

  /// Runs the last statement again, and answers the question.
  func recall(answer: String, right: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await window.press("Up", "Enter")
    try await window.shows("[y/N]", sourceLocation: sourceLocation)
    try await window.enter(answer)
    try await finish(right: right, sourceLocation: sourceLocation)
  }

  func finish(
    right: String, prompt: String = Day.prompt, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let gap = String(repeating: " ", count: 100 - prompt.count - right.count - 1)
    try await window.endsIn(right.isEmpty ? prompt : prompt + gap + right, sourceLocation: sourceLocation)
  }

  /// Compares what is seen with what was kept, and clears the screen for the next chapter.
  func screen(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let shown = masked(try await window.screen()) + "\n"
    try Snapshot.check(shown, "Day/\(name).txt", location: sourceLocation)
    try await window.press("C-l")
  }

  /// Without what is another at each run: times, sizes of files, the folder of the test.
  private func masked(_ screen: String) -> String {
    screen.replacing(window.home.path, with: "HOME")
      .replacing(/\((generated|for) [^)]*\)/) { "(\($0.1) TIME)" }
      .replacing(/[0-9.]+ [kM]B/, with: "SIZE")
      .replacing(/20[0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9:]+Z?/, with: "TIME")
  }
}

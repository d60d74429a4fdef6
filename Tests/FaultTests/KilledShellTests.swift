import Foundation
import Model
import SQLText
import Store
import TestFixtures
import Testing

/// A shell that dies while its action on thousands of cells is under way leaves all of it or nothing.
@Suite struct `Shells that are killed` {
  @Test func `in the middle of an action on two thousand cells`() async throws {
    let rounds = figure("CALLSHEET_FAULT_SHELLS", or: 12)
    try await Inspection.with { inspection in
      let home = inspection.home
      let production = Production(
        characters: ["Aria", "Bo", "Cy", "Di"].map { ($0, "face.png") }, sceneTypes: (1...500).map { "scene\($0)" },
        segments: 1)
      try await home.say("apply \"\(try await production.write(to: home))\"", "create run spring")
      try await home.drain("--slots", "2")
      var submitting = Deaths(
        inspection, "cells where true | submit", done: "select count(*) from cells where submitted", whole: 2000)
      try await submitting.die(rounds, seed: 1)
      try await home.say("cells where not submitted | submit")
      try await home.drain("--slots", "2")
      // Each look that is approved starts the takes of five hundred cells.
      var approving = Deaths(
        inspection, "variants where status=review | approve",
        done: "select count(*) from takes where cancelled_at is null", whole: 2000)
      try await approving.die(rounds, seed: 2)
      inspection.tell("submit and its undo: \(submitting.figures); approve and its undo: \(approving.figures)")
    }
  }
}

/// An action that is done and undone in turn by shells that are killed.
private struct Deaths {
  private let inspection: Inspection
  private let statement: String
  /// How much of the action is there: nothing or `whole`.
  private let done: SQL
  private let whole: Int
  private var usual = Duration.zero
  private var kills = 0
  private var midway = 0
  private var happened = 0

  init(_ inspection: Inspection, _ statement: String, done: SQL, whole: Int) {
    self.inspection = inspection
    self.statement = statement
    self.done = done
    self.whole = whole
  }

  var figures: String { "\(kills) kills, \(midway) within the transaction, \(happened) had committed" }

  mutating func die(_ rounds: Int, seed: Int) async throws {
    var random = SeededGenerator(seed: seed)
    usual = try await measured()
    for _ in 1...rounds {
      let next = try await isDone() ? "undo" : statement
      try await kill(next, after: usual * Double.random(in: 0...1, using: &random))
    }
  }

  /// How long the transaction takes when nobody dies. Leaves everything as it was.
  private func measured() async throws -> Duration {
    try await inspection.home.say(statement)
    #expect(try await isDone())
    let start = ContinuousClock.now
    try await inspection.home.say("undo")
    #expect(try await !isDone())
    return ContinuousClock.now - start
  }

  private mutating func kill(_ statement: String, after pause: Duration) async throws {
    let (wasDone, before) = (try await isDone(), try await actions())
    let shell = try inspection.home.start("-c", statement)
    try #require(
      try await eventually {
        if !shell.isRunning { return true }
        return try await writers() > 0
      })
    try await Task.sleep(for: pause)
    if try await writers() > 0 { midway += 1 }
    shell.signal(SIGKILL)
    if await shell.ended().status == 137 { kills += 1 }
    // The server goes on with what it was told until it finds nobody there.
    try #require(try await eventually { try await backends() == 0 })
    let isDone = try await isDone()
    #expect(try await actions() - before == (isDone == wasDone ? 0 : 1), "\(statement) and its record")
    if isDone != wasDone { happened += 1 }
    #expect(try await MatrixCheck(inspection.connection).differences() == [])
    try await expectTold(statement, happened: isDone != wasDone)
  }

  /// The next shell finds out which it was.
  private func expectTold(_ statement: String, happened: Bool) async throws {
    let last = try await inspection.home.run(
      "-o", "json", "-c", "actions | sort -id | take 1 | pick id, statement, changed"
    ).rows().first
    let id = try #require(last?["id"] as? Int)
    let isThis = try await inspection.number("select count(*) from actions where id > \(id)") == 0
    #expect(isThis)
    if happened { #expect(last?["statement"] as? String == statement) }
  }

  /// All or nothing.
  private func isDone() async throws -> Bool {
    let count = try await inspection.number(done)
    #expect(count == 0 || count == whole, "\(count) of \(whole)")
    return count == whole
  }

  private func actions() async throws -> Int { try await inspection.number("select count(*) from actions") }

  private func writers() async throws -> Int {
    try await inspection.number(
      """
      select count(*) from pg_stat_activity
      where datname = current_database() and application_name = 'callsheet' and backend_xid is not null
      """)
  }

  private func backends() async throws -> Int {
    try await inspection.number(
      "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'callsheet'")
  }
}

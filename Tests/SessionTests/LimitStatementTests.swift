import Diagnostics
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Store
import Testing

@testable import Session

/// What work may take, said at the prompt: a run's budget, the limit of a kind of job, how long what is over is kept.
@Suite struct `Budgets, limits and retention` {
  private static func causes(_ session: ProducerSession, _ cells: String) async throws -> [Blockage] {
    guard case .why(let report) = try await session.say("\(cells) | why") else { return [] }
    return report.blockages
  }

  // On the stage the run has used 90 s and set 72 s aside; a take needs 72 s.

  @Test func `a run's budget blocks what it does not hold, and what waits goes on when it grows`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      #expect(try await session.told("budget gpu_hours=0.05") == "spring may spend 0.05 GPU h (0.005 left)")
      try await session.say("variants where character=Bo | approve")
      #expect(try await stage.statuses() == "fqqbbbbsn")
      let blockage = try #require(try await Self.causes(session, "cells where character=Bo").first)
      // It was too small before these cells needed it: nobody knows since when they wait for it.
      #expect(blockage.cause == "gpu_budget" && blockage.cellIDs.count == 3 && blockage.since == nil)
      #expect(blockage.explanation == "the GPU budget of the run spring has 0.005 h left, the next cell needs 0.02 h")
      #expect(blockage.remedies.map(\.line) == ["budget spring gpu_hours=0.105   # holds all of them"])
      #expect(
        try await session.told("budget spring gpu_hours=0.105")
          == "spring may spend 0.105 GPU h (0 left); 3 jobs that waited for it are queued")
      #expect(try await stage.statuses() == "fqqqqqbsn")
    }
  }

  @Test func `the undo of a budget is another change of it`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("budget gpu_hours=0.05", "variants where character=Bo | approve", "budget gpu_hours=none")
      #expect(try await stage.statuses() == "fqqqqqbsn")
      try await session.say("undo")
      // What was queued meanwhile goes on.
      #expect(try await session.told("budgets where run is set | pick resource, run") == "gpu_hours|spring")
      #expect(try await stage.statuses() == "fqqqqqbsn")
      try await session.say("undo")
      #expect(try await stage.number("select count(*) from budgets where run_id is not null") == 1)
      #expect(try await session.refusal("undo 1234")?.code == "unknown_action")
    }
  }

  @Test func `a budget that was changed since is not restored`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("budget gpu_hours=1")
      let action = try await session.ids("actions | sort -id | take 1")[0]
      try await session.say("budget gpu_hours=2", "pause")
      #expect(try await session.refusal("undo \(action)")?.code == "moved_on")
      // A pause is none of its business.
      try await session.say("undo \(action + 1)")
      #expect(try await stage.number("select (allowed / 3600)::integer from budgets where run_id is not null") == 1)
      #expect(try await stage.number("select count(*) from production_runs where status_id = 3") == 1)
    }
  }

  // The project has used 90 s and set 72 s aside as well, and what its file says is 5 hours.

  @Test func `the project's budget is set by a statement, and what waits goes on when it grows`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      let told = try await session.told("budget project gpu_hours=0.05")
      #expect(told.hasPrefix("the project") && told.contains("may spend 0.05 GPU h (0.005 left)"))
      #expect(told.contains("until its file is applied again"))
      try await session.say("variants where character=Bo | approve")
      #expect(try await stage.statuses() == "fqqbbbbsn")
      let blockage = try #require(try await Self.causes(session, "cells where character=Bo").first)
      #expect(blockage.remedies.map(\.line) == ["budget project gpu_hours=0.105   # holds all of them"])
      #expect(try await session.told("budget project gpu_hours=none").contains("3 jobs that waited for it are queued"))
      #expect(try await stage.statuses() == "fqqqqqbsn")
    }
  }

  @Test func `the undo of a project's budget is another change of it, and lets go on what it held`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      let before = try await session.told("budgets | pick resource, limit, reserved, spent")
      try await session.say("budget project gpu_hours=0.05 disk_gb=none", "undo")
      #expect(try await session.told("budgets | pick resource, limit, reserved, spent") == before)
      try await session.say("budget project gpu_hours=0.05")
      let action = try await session.ids("actions | sort -id | take 1")[0]
      try await session.say("variants where character=Bo | approve")
      #expect(try await stage.statuses() == "fqqbbbbsn")
      try await session.say("undo \(action)")
      #expect(try await stage.statuses() == "fqqqqqbsn")
      try await session.say("budget project gpu_hours=3")
      let other = try await session.ids("actions | sort -id | take 1")[0]
      try await session.say("budget project gpu_hours=2")
      let refusal = try await session.refusal("undo \(other)")
      #expect(refusal?.code == "moved_on")
      #expect(try await session.told("budget project gpu_hours=2").contains("2 GPU h"))
      #expect(try await stage.number("select changed from actions order by id desc limit 1") == 0)
    }
  }

  @Test func `a run is made with its budget, and unmade and made again with it`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("create run trial characters (Aria) gpu_hours=2.5 disk_gb=3")
      let budgets = "budgets where run=trial | pick resource, run"
      #expect(try await session.told(budgets) == "gpu_hours|trial\ndisk_gb|trial")
      try await session.say("undo")
      #expect(try await stage.number("select count(*) from budgets where run_id is not null") == 0)
      let undo = try await session.ids("actions | sort -id | take 1")[0]
      guard case .action(let again) = try await session.say("undo \(undo)") else { return }
      #expect(!again.isRemoval)
      let kept = try await stage.number(
        "select (allowed / 3600 * 10)::integer from budgets where resource = 'gpu_hours' and run_id is not null")
      #expect(kept == 25)
      let id = try #require(again.id)
      guard case .action(let gone) = try await session.say("undo \(id)") else { return }
      #expect(gone.isRemoval && gone.changed == 1)
      #expect(try await stage.number("select count(*) from production_runs where name = 'trial'") == 0)
    }
  }

  @Test func `a limit and a retention are set, shown and undone`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      #expect(
        try await session.told("limit segment 2") == "at most 2 segment jobs run at a time (before: no limit)")
      #expect(try await session.told("show limits").contains("segment|2|0|1"))
      #expect(try await session.told("keep events 7d") == "events are kept for 7d (before: 30d)")
      #expect(
        try await session.told("show retention")
          == "events|7d|events\njobs|90d|finished jobs and their attempts, and as long as undo may need them\nundo|90d|what undo needs of actions"
      )
      try await session.say("undo")
      #expect(try await session.told("show retention").hasPrefix("events|30d|"))
      try await session.say("undo")
      #expect(try await session.told("show limits").contains("segment|-|0|1"))
      let undo = try await session.ids("actions | sort -id | take 1")[0]
      try await session.say("undo \(undo)")
      #expect(try await session.told("show limits").contains("segment|2|0|1"))
    }
  }

  @Test func `a limit that somebody else has set since stays`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("limit segment 2")
      let action = try await session.ids("actions | sort -id | take 1")[0]
      try await session.say("limit segment 3")
      let refusal = try #require(try await session.refusal("undo \(action)"))
      #expect(refusal.code == "moved_on")
      #expect(try await session.told("show limits").contains("segment|3|0|1"))
    }
  }

  @Test func `setting what is set already changes nothing`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("limit variant none", "keep jobs 90d", "budget gpu_hours=none")
      #expect(
        try await stage.number("select count(*) from actions where verb in ('limit', 'keep', 'budget') and changed > 0")
          == 0)
    }
  }
}

import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryLanguage
import SQLText
import Testing

@testable import Session

@Suite struct `plan and apply` {
  /// Every action, with what it changes on the stage.
  private static let actions: [(text: String, changed: Int)] = [
    ("cells where true | submit", 2), ("cells where true | submit take=new priority=70", 6),
    ("cells where true | resubmit", 1), ("cells where true | cancel", 5), ("cells where true | skip reason=\"cut\"", 8),
    ("cells where true | unskip", 1), ("cells where true | approve note=\"good\"", 1),
    ("cells where true | reject reason=\"eyes\"", 1), ("cells where true | prioritize 7", 8),
    ("cells where true | hold", 8), ("cells where true | release", 1), ("cells where true | tag \"two words\"", 9),
    ("cells where true | untag hero", 0), ("variants where true | approve", 1), ("variants where true | reject", 2),
    ("jobs where true | retry", 1), ("jobs where true | cancel", 1),
    ("sources where true | approve", 1), ("sources where true | reject reason=\"blurred\"", 2),
  ]

  @Test(arguments: actions)
  func `a plan promises what the action then does, and changes nothing`(_ text: String, _ changed: Int) async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      let before = try await stage.statuses()
      let left = try await stage.number("select (allowed - reserved - spent)::bigint from budgets")
      guard case .plan(let plan) = try await session.say("plan \(text)") else {
        Issue.record("no plan")
        return
      }
      #expect(try await stage.statuses() == before)
      #expect(try await stage.number("select (allowed - reserved - spent)::bigint from budgets") == left)
      #expect(plan.report.changed == changed && plan.name == "p1")
      guard case .action(let report) = try await session.say("apply p1") else {
        Issue.record("no action")
        return
      }
      #expect(report.changed == plan.report.changed && report.selected == plan.report.selected)
      #expect(report.leftAlone == plan.report.leftAlone && report.notDone == plan.report.notDone)
      #expect(report.jobsQueued == plan.report.jobsQueued && report.action == plan.report.action)
      let after = Double(try await stage.number("select (allowed - reserved - spent)::bigint from budgets"))
      #expect(plan.gpuBudget == .init(left: Double(left) / 3600, after: after / 3600))
      #expect(
        try await stage.number(
          "select count(*) from plans p join actions a on a.id = p.action_id where a.changed = \(changed)")
          == 1)
    }
  }

  @Test func `every action of the language is among those`() {
    let tested = Set(Self.actions.map { String($0.text.split(separator: "| ")[1].split(separator: " ")[0]) })
    #expect(Set(ActionName.allCases.map(\.rawValue)) == tested)
  }

  @Test func `a plan says what is queued, what comes later, and what the budget holds then`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      guard
        case .plan(let plan) = try await session.say(
          "plan cells where status in (failed, blocked) | submit priority=60 as night")
      else { return }
      // Cell 1 gets its second take at once; 4 to 7 wait for their looks, of which Cleo's is still to be made.
      #expect(plan.name == "night")
      #expect(plan.queued == .init(takes: 1, segments: 2, takeNumber: 2, gpuHours: 0.02, diskGB: 0.002))
      #expect(plan.later.takes == 4 && plan.later.segments == 8 && plan.later.looks == 1)
      #expect(abs(plan.later.gpuHours - (4 * 72 + 18) / 3600.0) < 1e-9)
      #expect(plan.gpuBudget.map { $0.left - $0.after }.map { abs($0 - 0.02) < 1e-9 } == true)
      #expect(plan.slots > 0 && plan.etaSeconds != nil)
    }
  }

  @Test func `what drifted is named with from what to what, and nothing is done`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      let ono = try await stage.session("ono", own: true)
      try await session.say("plan cells where status=qa_review | approve", "plan cells where true | tag hero")
      try await ono.say("cells where id=2 | reject reason=\"eyes\"")
      let refusal = try #require(try await session.refusal("apply p1"))
      #expect(refusal.code == "plan_drifted" && refusal.marked == "p1")
      #expect(refusal.message == "nothing was done: p1 cannot be applied, since one of its rows has changed")
      #expect(refusal.hints.first == "Aria Vale / roof / coat: status was qa_review, is rejected")
      #expect(refusal.hints.last == "plan again:  plan cells where status = qa_review | approve as p1")
      #expect(try await stage.number("select count(*) from takes where review = 'approved'") == 0)
      // A mark hangs on marks only.
      guard case .action(let report) = try await session.say("apply p2") else { return }
      #expect(report.changed == 9)
      await ono.close()
    }
  }

  @Test func `a budget that others have spent meanwhile is a drift too`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("plan cells where status=failed | submit")
      try await stage.connection.execute("update budgets set allowed = reserved + spent")
      let refusal = try #require(try await session.refusal("apply p1"))
      #expect(refusal.code == "plan_drifted")
      #expect(refusal.hints.contains("queued jobs: planned 1, now 0"))
      #expect(try await stage.statuses() == "fqqbbbbsn")
    }
  }

  @Test func `what the work needs is part of what was planned`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("plan cells where status=failed | submit")
      try await stage.connection.execute("update scene_types set estimated_gpu_seconds = 10 * estimated_gpu_seconds")
      let refusal = try #require(try await session.refusal("apply p1"))
      #expect(refusal.code == "plan_drifted")
      #expect(refusal.hints.first?.contains("GPU seconds was") == true)
    }
  }

  @Test func `a plan is applied once, within a day, and its name can be taken again`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("plan cells where id=1 | tag a as mine", "plan cells where id=1 | tag b as mine")
      try await session.say("apply mine")
      #expect(try await session.ids("cells where tags=b") == [1])
      #expect(try await session.ids("cells where tags=a") == [])
      #expect(try await session.refusal("apply MINE")?.code == "plan_applied")
      try await session.say("plan cells where id=1 | tag c")
      try await stage.connection.execute("update plans set expires_at = now()")
      #expect(try await session.refusal("apply p1")?.code == "plan_expired")
      #expect(try await session.refusal("apply p9")?.code == "unknown_plan")
      #expect(
        try await session.told("show plans").split(separator: "\n").map { $0.prefix(11) } == [
          "p1|expired|", "mine|applie",
        ])
    }
  }

  @Test func `plans that are made at once get names of their own`() async throws {
    try await Stage.with { stage in
      let names = try await withThrowingTaskGroup(of: String?.self) { group in
        for index in 0..<6 {
          group.addTask {
            let session = try await stage.session("p\(index)", own: true)
            let outcome = try await session.say("plan cells where true | tag x\(index)")
            await session.close()
            if case .plan(let plan) = outcome { return plan.name }
            return nil
          }
        }
        return try await group.reduce(into: []) { $0.append($1 ?? "") }
      }
      #expect(names.sorted() == ["p1", "p2", "p3", "p4", "p5", "p6"])
    }
  }

  @Test func `a plan of what only reads is refused with a hint`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      for text in ["plan cells", "plan cells | matrix", "plan cells where true | count"] {
        let refusal = try await session.refusal(text)
        #expect(refusal?.code == "misplaced_action")
        #expect(refusal?.hints == ["write  plan PIPELINE | submit"])
      }
    }
  }
}

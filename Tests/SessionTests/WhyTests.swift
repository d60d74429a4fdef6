import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Store
import TestDatabase
import Testing

@testable import Orchestrator
@testable import Session

/// What `why` says acts on the cells that it is said of, and is true.
@Suite struct `why` {
  /// A second project with its run in use: these characters, scene types and looks.
  private static func crowd(
    _ stage: Stage, characters: [String], sceneTypes: [String], looks: [String]
  ) async throws -> ProducerSession {
    var file = Stage.file
    (file.project, file.gpuHours) = ("crowd", nil)
    file.characters = characters.map { .init(name: $0, source: "a.png", sourcePath: "/a.png") }
    file.sceneTypes = sceneTypes.map { name in
      var type = file.sceneTypes[0]
      (type.name, type.segments, type.estimatedGPUSeconds) = (name, 1, 300)
      return type
    }
    file.variantTypes = looks.map { name in
      var look = file.variantTypes[0]
      (look.name, look.estimatedGPUSeconds) = (name, 3600)
      return look
    }
    let production = file
    try await stage.connection.transaction {
      _ = try await Productions(stage.connection).apply(
        production,
        sources: characters.map {
          StoredSource(
            character: $0, path: "/a.png", storedPath: "/a.png", sha256: String(repeating: "a", count: 64), bytes: 1)
        })
    }
    let session = try await stage.session()
    try await session.say("use project crowd", "create run many")
    return session
  }

  /// The sources pass, and nobody begins anything for it.
  private static func pass(_ stage: Stage) async throws {
    try await stage.connection.execute(
      "update source_images set qa_status = 'passed', checked_at = now() where \(ofProject)")
  }

  private static let people = (1...20).map { "c\($0)" }
  private static let ofProject: SQL = "project_id = (select id from projects where name = 'crowd')"

  private static func blockages(_ session: ProducerSession, _ statement: String) async throws -> [Blockage] {
    guard case .why(let report) = try await session.say(statement) else { return [] }
    return report.blockages
  }

  private static func selected(_ session: ProducerSession, _ remedy: Remedy?) async throws -> Int {
    guard let remedy, case .action(let report) = try await session.say(remedy.line) else { return -1 }
    return report.selected
  }

  @Test func `a remedy acts on the cells that were chosen, however scattered they are`() async throws {
    try await Stage.with { stage in
      let session = try await Self.crowd(
        stage, characters: Self.people, sceneTypes: ["alley", "roof"], looks: ["coat"])
      try await session.say("cells where true | submit")
      try await Self.pass(stage)
      try await stage.connection.execute(
        """
        update variants set status = 'failed', generation = 1, error = case when id % 2 = 0 then 'torn' else 'out of memory' end
        where \(Self.ofProject)
        """)
      let failed = try #require(
        try await Self.blockages(session, "cells where scene_type=alley | why").first { $0.cause == "variant_failed" })
      #expect(failed.cells == 20)
      #expect(failed.explanation.contains("of 20 characters could not be generated: "))
      #expect(failed.explanation.hasSuffix(", and others"))
      #expect(
        failed.remedies[0].statement
          == "cells where scene_type = alley and blocked_by=variant_failed and variant=coat | submit")
      let listed = try #require(failed.remedies[1].statement)
      let rows = try #require(listed.split(separator: " | ").first)
      #expect(try await session.ids(String(rows)).count == 20)
      #expect(try await Self.selected(session, failed.remedies[0]) == 20)
    }
  }

  @Test func `a remedy keeps the whole selection, macros and cuts too`() async throws {
    try await Stage.with { stage in
      let session = try await Self.crowd(
        stage, characters: Self.people, sceneTypes: ["alley", "roof"], looks: ["coat"])
      try await session.say("cells where true | submit", "save @of($type) = cells where scene_type=$type | why")
      let ids = try await session.ids("cells | sort id").enumerated().filter { $0.offset % 4 < 2 }.map(\.element)
      let list = ids.map(String.init).joined(separator: ", ")
      try await session.say("cells where id in (\(list)) | hold reason=\"client has not paid\"")
      for statement in [
        "@of(alley)", "why where scene_type=alley", "cells | where scene_type=alley or scene_type=nobody | why",
        "let $t = alley; cells where scene_type=$t and true | sort -id | take 40 | why",
      ] {
        let statement = statement.replacing(" or scene_type=nobody", with: " or id=0")
        let held = try #require(
          try await Self.blockages(session, statement).first { $0.cause == "held" }, "\(statement)")
        #expect(held.explanation == "held: client has not paid")
        #expect(try await Self.selected(session, held.remedies[0]) == held.cells, "\(held.remedies[0].line)")
        try await session.say("undo")
      }
      try await session.say("undo")
      #expect(try await Self.blockages(session, "why").allSatisfy { $0.cause != "held" })
    }
  }

  @Test func `names that mean something else are quoted`() async throws {
    try await Stage.with { stage in
      let session = try await Self.crowd(stage, characters: ["where", "true"], sceneTypes: ["in"], looks: ["null"])
      try await session.say("cells where true | submit")
      try await Self.pass(stage)
      try await stage.connection.execute(
        """
        update variants set status = 'review', generation = 1, path = '/v.png', sha256 = repeat('c', 64),
          source_sha256 = repeat('a', 64), generated_at = now() where \(Self.ofProject)
        """)
      let waiting = try await Self.blockages(session, "why").filter { $0.cause == "variant_approval" }
      #expect(waiting.count == 2)
      for blockage in waiting { #expect(try await Self.selected(session, blockage.remedies.first) == 1) }
    }
  }

  @Test func `the budget that it names holds every take once and every look once`() async throws {
    try await Stage.with { stage in
      let session = try await Self.crowd(
        stage, characters: ["a", "b", "c"], sceneTypes: (1...100).map { "s\($0)" }, looks: ["coat"])
      try await session.say("budget gpu_hours=0.001")
      guard case .plan(let plan) = try await session.say("plan cells where true | submit as p1") else { return }
      try await session.say("cells where true | submit")
      try await Self.pass(stage)
      let short = try #require(try await Self.blockages(session, "why").first { $0.cause == "gpu_budget" })
      #expect(short.remedies[0].statement == "budget many gpu_hours=28")
      #expect(abs(plan.later.gpuHours + plan.queued.gpuHours - 28) < 0.001)
      try await session.say(short.remedies[0].line)
      #expect(try await Self.blockages(session, "why").allSatisfy { $0.cause != "gpu_budget" })
    }
  }

  @Test func `since when is since the last word on it`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      func since(_ cause: String, _ cells: String) async throws -> TimeInterval {
        guard case .why(let report) = try await session.say("cells where \(cells) | why") else { return .infinity }
        let since = report.blockages.first { $0.cause == cause }?.since
        return since.map { report.asOf.timeIntervalSince($0) } ?? .infinity
      }
      let long = 3000.0
      try await stage.connection.execute(
        """
        update source_images set checked_at = now() - interval '1 hour';
        """)
      #expect(try await since("source_qa_failed", "id=7") > long)
      try await session.say("sources where character=Bo | reject reason=blurry")
      #expect(try await since("source_qa_failed", "id=4") < long)
      try await session.say("undo")
      try await stage.connection.execute("set session_replication_role = replica")
      try await stage.connection.execute(
        "update variants set generated_at = now() - interval '1 hour', updated_at = now() - interval '1 hour'")
      try await stage.connection.execute("update takes set updated_at = now() - interval '1 hour'")
      try await stage.connection.execute("set session_replication_role = origin")
      #expect(try await since("variant_approval", "id=4") > long)
      try await session.say("variants where character=Aria | reject", "variants where character=Bo | reject")
      #expect(try await since("stale", "id=2") < long)
      try await session.say("cells where id=4 | submit")
      #expect(try await since("variant_generation", "id=4") < long)
    }
  }

  @Test func `no time is promised for what may not begin`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      func progress() async throws -> Model.Progress? {
        guard case .progress(let progress) = try await session.say("progress") else { return nil }
        return progress
      }
      try await stage.connection.execute(
        "update workers set seen_at = now(), stopped_at = null, kinds = '{segment,variant}'")
      #expect(try await progress()?.standstill == nil)
      #expect(try await progress()?.etaSeconds != nil)
      try await session.say("limit segment 1")
      #expect(try await progress()?.etaSlots == 1)
      try await session.say("limit segment 0")
      #expect(try await progress()?.standstill == .limit(kind: "segment"))
      #expect(try await progress()?.etaSeconds == nil)
      let limited = try #require(try await Self.blockages(session, "cells where id=3 | why").first)
      #expect(limited.explanation == "no segment job may run, since their limit is 0")
      #expect(limited.remedies.map(\.line) == ["limit segment none   # lets them run"])
      try await session.say("pause")
      #expect(try await progress()?.standstill == .paused)
      try await session.say("resume", "limit segment none")
      try await stage.connection.execute("update workers set stopped_at = now()")
      #expect(try await progress()?.standstill == .noWorker(kind: "segment"))
    }
  }
}

/// What happened to one cell, and why it was done.
@Suite struct `The history of a cell` {
  @Test func `events and actions are found by the cell`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      func events(_ condition: String) async throws -> Set<String> {
        Set(
          try await session.told("events where \(condition) | pick kind, entity").split(separator: "\n").map(
            String.init))
      }
      let first = try await events("cell=1")
      let expected: Set = [
        "submit|cells", "passed|sources", "generated|variants", "approve|variants", "started|takes", "failed|takes",
      ]
      #expect(first.isSuperset(of: expected))
      #expect(!first.contains("hold|cells") && !first.contains("skip|cells"))
      #expect(try await events("cell=8").contains("skip|cells"))
      #expect(try await events("cell=99").isEmpty)
      #expect(try await events("cell=nobody").isEmpty)
      #expect(try await events("cell in (1, 8)") == first.union(try await events("cell=8")))
      #expect(try await session.told("events where cell=1 and kind=failed | pick detail") == "take 1: out of memory")
      #expect(
        try await session.told("actions where cell=1 | sort id | pick verb, entity") == "submit|cells\napprove|variants"
      )
      let all = try await session.ids("events").count
      #expect(
        try await session.ids("events where cell=1").count + session.ids("events where cell != 1").count == all)
    }
  }

  /// The index and the field agree: every event shows the cells that find it.
  @Test func `what finds an event is what it shows`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      for entity in ["events", "actions"] {
        guard case .table(let table, _) = try await session.say("\(entity) | pick id, cell") else { return }
        for cell in 1...9 {
          let shown = table.rows.compactMap { row -> Int64? in
            guard case .int(let id) = row[0], case .list(let cells) = row[1] else { return nil }
            return cells.contains(.text("\(cell)")) ? id : nil
          }
          #expect(try await session.ids("\(entity) where cell=\(cell)").sorted() == shown.sorted())
        }
      }
    }
  }

  @Test func `a reason is kept with its action`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say(
        "cells where id=9 | unskip reason=never", "cells where id=4 | hold reason=\"client has not paid\"",
        "cells where id=2 | reject reason=\"eyes\" note=\"see the sheet\"", "cells where id=2 | resubmit reason=again",
        "cells where id=2 | cancel reason=\"too dear\"", "cells where id=2 | submit reason=yes")
      #expect(
        try await session.told("actions where reason is set | sort id | pick verb, reason")
          == """
          skip|cut
          unskip|never
          hold|client has not paid
          reject|eyes: see the sheet
          resubmit|again
          cancel|too dear
          submit|yes
          """)
      #expect(try await session.told("takes where note is set | pick note") == "eyes: see the sheet")
      try await session.say("plan cells where id=5 | hold reason=\"by plan\" as p", "apply p")
      #expect(try await session.told("actions | sort -id | take 1 | pick reason") == "by plan")
    }
  }
}

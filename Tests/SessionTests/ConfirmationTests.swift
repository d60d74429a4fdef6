import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Synchronization
import Testing

@testable import Session

@Suite struct `Confirmations and settings` {
  /// Notes what is asked, and says the same to everything.
  private final class Person: Sendable {
    private let heard = Mutex<[Session.Confirmation]>([])
    let answer: Bool

    init(_ answer: Bool) { self.answer = answer }

    var questions: [Session.Confirmation] { heard.withLock { $0 } }

    func hear(_ confirmation: Session.Confirmation) -> Bool {
      heard.withLock { $0.append(confirmation) }
      return answer
    }
  }

  @Test func `a person is asked about everything, and about many, with what it would do`() async throws {
    try await Stage.with { stage in
      let person = Person(true)
      let session = try await stage.session { $0.confirm = { person.hear($0) } }
      try await session.say("cells where id < 9 | tag a")
      #expect(person.questions == [])
      try await session.say(
        "cells | tag b", "set confirm 8", "cells where id < 8 | tag c", "cells where id < 9 | tag d")
      #expect(person.questions.map(\.question) == ["tag all 9 cells", "tag 8 cells"])
      #expect(person.questions.map { $0.plan?.report.changed } == [9, 8])
      try await session.say("set confirm all", "cells where id = 1 | tag e", "cells where id = 0 | tag f")
      #expect(person.questions.count == 3)
      try await session.say("set confirm never", "cells where true | tag g", "cells | tag h")
      #expect(person.questions.map(\.question).dropFirst(3) == ["tag all 9 cells"])
      #expect(try await session.ids("cells where tags=b and tags=d and tags=g and tags=h").count == 8)
    }
  }

  @Test func `a no changes nothing, and yes assumed asks nobody`() async throws {
    try await Stage.with { stage in
      let person = Person(false)
      let session = try await stage.session { $0.confirm = { person.hear($0) } }
      await #expect(throws: NotConfirmed.self) { try await session.say("cells | submit") }
      #expect(try await stage.statuses() == "fqqbbbbsn")
      await session.change { $0.assumesYes = true }
      try await session.say("set confirm all", "cells | tag a", "cells where true | tag b")
      #expect(person.questions.count == 1)
    }
  }

  @Test func `what is recalled asks again whatever it is, below what it would do`() async throws {
    try await Stage.with { stage in
      let person = Person(false)
      let session = try await stage.session { $0.confirm = { person.hear($0) } }
      try await session.say("cells where id=1 | tag a", "plan cells where id=1 | tag b as p1")
      await session.change { $0.asksBeforeActions = true }
      for text in ["apply p1", "undo", "pause", "resume", "create run autumn", "cells where id=1 | tag c"] {
        await #expect(throws: NotConfirmed.self, "\(text)") { try await session.say(text) }
      }
      #expect(
        person.questions.map(\.question) == [
          "apply p1", "undo action 5 (tag)", "pause spring", "resume spring", "create run autumn", "tag 1 cells",
        ])
      guard case .plan(let plan) = person.questions[0].preview, case .action(let undone) = person.questions[1].preview
      else {
        Issue.record("no previews")
        return
      }
      #expect(plan.report.changed == 1 && undone.changed == 1)
      #expect(try await session.ids("cells where tags=a").count == 1)
      #expect(try await session.ids("cells where tags=b or tags=c").isEmpty)
      #expect(try await stage.number("select count(*) from production_runs") == 1)
      // What only looks is never asked about, and a yes does it.
      try await session.say("cells | count", "plan cells where id=1 | tag d")
      let willing = Person(true)
      await session.change { $0.confirm = { willing.hear($0) } }
      try await session.say("apply p1")
      #expect(willing.questions.map(\.question) == ["apply p1"])
      #expect(try await session.ids("cells where tags=b").count == 1)
    }
  }

  @Test func `where nobody can be asked, everything has to be meant, and a condition is enough`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      let refusal = try #require(try await session.refusal("cells | tag a"))
      #expect(refusal.code == "unfiltered_action" && refusal.marked == "tag a")
      try await session.say("set confirm all", "cells where true | tag a", "cells where id=1 | tag b")
      #expect(try await session.ids("cells where tags=a").count == 9)
    }
  }

  @Test func `a dry run plans every action and leaves everything as it was`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session { $0.isDryRun = true }
      guard case .plan(let plan) = try await session.say("cells | submit") else {
        Issue.record("no plan")
        return
      }
      #expect(plan.name == nil && plan.report.changed == 2)
      #expect(plan.report.leftAlone.contains(.init(reason: "submitted already", count: 4)))
      guard case .plan(let kept) = try await session.say("plan cells where true | submit as p1") else { return }
      #expect(kept.name == nil)
      #expect(try await session.told("save @x = cells where id=1") == "@x would be saved")
      #expect(try await session.told("pause") == "spring would be paused: what runs goes on, nothing new starts")
      try await session.say("create run autumn")
      #expect(try await stage.statuses() == "fqqbbbbsn")
      for table in ["plans", "macros"] {
        #expect(try await stage.number("select count(*) from \(identifier: table)") == 0)
      }
      #expect(await session.context.run?.name == "spring")
    }
  }

  @Test func `in a transaction a dry run's statements see one another`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session { $0.isDryRun = true }
      struct TakenBack: Error {}
      await #expect(throws: TakenBack.self) {
        try await stage.connection.transaction {
          try await session.say("create run autumn characters (Aria)", "use run autumn", "cells where true | tag new")
          #expect(try await session.ids("cells where tags=new").count == 3)
          throw TakenBack()
        }
      }
      #expect(try await stage.number("select count(*) from production_runs") == 1)
    }
  }

  @Test func `what fails in a dry run's transaction does not spoil what comes behind it`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session { $0.isDryRun = true }
      struct TakenBack: Error {}
      let statement = try #require(Parser.parse(SourceText(name: "test", text: "takes | pick id")).statements.first)
      await #expect(throws: TakenBack.self) {
        try await session.connection.transaction {
          try await session.connection.execute("alter view query_takes rename to lost")
          #expect(try await session.refusal("takes")?.code == "database_42P01")
          let reading = try #require(try await session.reading(of: statement))
          let failure = try await session.send([reading]) { _ in }
          #expect(failure?.diagnostics.first?.code == "database_42P01")
          #expect(try await session.told("characters | count") == "3")
          throw TakenBack()
        }
      }
    }
  }

  @Test func `an expectation that is not met is marked, and not the whole statement`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      do {
        try await session.say("cells where status=failed | count | expect count = 0")
        Issue.record("it was met")
      } catch let error as ExpectationUnmet {
        #expect(error.diagnostic.marked == "expect count = 0")
        #expect(error.diagnostic.hints == ["the first is count=1"])
      }
      do {
        try await session.say("cells | sort id | expect status = failed")
        Issue.record("it was met")
      } catch let error as ExpectationUnmet {
        #expect(error.diagnostic.message == "the expectation does not hold for 8 of 9 rows")
        #expect(error.diagnostic.hints.first?.hasPrefix("the first is id=2 ") == true)
      }
    }
  }

  @Test func `every setting takes its values and shows them`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      for name in SettingName.allCases {
        let values =
          switch name.value {
          case .text: ["ono"]
          case .number: ["7"] + (name == .confirm ? ["never", "all"] : ["all"])
          case .oneOf(let words): words
          }
        for value in values {
          try await session.say("set \(name.rawValue) \(value)")
          #expect(try await session.told("set \(name.rawValue)").hasPrefix("\(name.rawValue)|\(value)|"))
        }
      }
      #expect(try await session.told("show settings").split(separator: "\n").count == SettingName.allCases.count)
      let refusal = try #require(try await session.refusal("set confirm perhaps"))
      #expect(refusal.code == "bad_setting" && refusal.marked == "perhaps")
      #expect(try await session.refusal("show foo")?.marked == "foo")
    }
  }
}

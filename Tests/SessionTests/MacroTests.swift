import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Testing

@testable import Session

@Suite struct macros {
  @Test func `a macro is kept with its types and documentation, and used as a source and in conditions`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say(
        "save @open($who: character = Aria) \"what is left of somebody\" = cells where character=$who and status != approved"
      )
      #expect(try await session.ids("@open | sort id") == [1, 2, 3])
      #expect(try await session.ids("@open(Bo) | sort id") == [4, 5, 6])
      #expect(try await session.ids("@open(who=\"Cleo Marsh\") | sort id") == [7, 8, 9])
      #expect(try await session.ids("cells where in @open(Bo) and scene_type=roof") == [5])
      #expect(try await session.refusal("@open(Xaver)")?.code == "unknown_name")
      #expect(
        try await session.told("show macros")
          == "@open($who: character = Aria)|what is left of somebody|cells|1|mira|...")
      let help = try await session.told("help @open")
      #expect(help.hasPrefix("@open($who: character = Aria)\n    what is left of somebody\n\n    save @open("))
    }
  }

  @Test func `an earlier version is made the newest, also of what was dropped`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("save @x = cells where id=1", "save @x = cells where id=2", "drop @x")
      #expect(try await session.told("save @x from version 1") == "@x saved as version 4; the 3 before are kept")
      #expect(try await session.ids("@x") == [1])
      #expect(try await session.told("save @x from version 1") == "@x is saved as this already")
      let missing = try #require(try await session.refusal("save @x from version 9"))
      #expect(missing.code == "unknown_version" && missing.hints == ["versions: 1, 2 and 4"])
      #expect(try await session.refusal("save @x from version 3")?.message == "in version 3 @x was dropped")
      #expect(try await session.refusal("save @y from version 1")?.hints == ["there never was one"])
      #expect(try await session.refusal("save @x from version 0")?.code == "wrong_type")
    }
  }

  @Test func `a macro that ends in an action acts and previews like any action`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("save @mark($tag: text) = cells where status=blocked | tag $tag")
      guard case .plan(let plan) = try await session.say("plan @mark(hero)") else { return }
      #expect(plan.report.changed == 4)
      try await session.say("@mark(hero)")
      #expect(try await session.ids("cells where tags=hero").count == 4)
      #expect(try await session.refusal("apply p1")?.code == "plan_drifted")
    }
  }

  @Test func `redefinition keeps the old version, and one session sees what another saved`() async throws {
    try await Stage.with { stage in
      let mira = try await stage.session()
      let ono = try await stage.session("ono", own: true)
      #expect(try await mira.told("save @x = cells where id=1") == "@x saved")
      #expect(try await ono.ids("@x") == [1])
      #expect(try await ono.told("save @x = cells where id=2") == "@x saved as version 2; version 1 is kept")
      #expect(try await ono.told("save @x = cells where id=2") == "@x is saved as this already")
      #expect(try await stage.number("select count(*) from macros") == 2)
      #expect(try await stage.number("select count(*) from events where entity = 'macros' and kind = 'save'") == 2)
      let help = try await ono.told("help @x")
      #expect(help.contains("version 1 by mira") && help.contains("save @x = cells where id = 1"))
      await ono.close()
    }
  }

  @Test func `what another session changed is seen when what is known is a second old`() async throws {
    try await Stage.with { stage in
      let clock = Clock()
      let mira = try await stage.session { $0.now = { clock.now } }
      let ono = try await stage.session("ono", own: true)
      try await mira.say("save @x = cells where id=1")
      #expect(try await mira.ids("@x") == [1])
      try await ono.say("save @x = cells where id=2")
      clock.advance(0.5)
      #expect(try await mira.ids("@x") == [1])
      clock.advance(0.6)
      #expect(try await mira.ids("@x") == [2])
      // What is not known at all is looked up at once.
      try await ono.say("save @y = cells where id=3")
      #expect(try await mira.ids("@y") == [3])
      #expect(try await mira.ids("cells where character=Cleo").count == 3)
      try await stage.connection.execute("update characters set name = 'Zoe' where id = 3")
      #expect(try await mira.ids("cells where character=Zoe").count == 3)
      await ono.close()
    }
  }

  @Test func `two sessions that redefine a macro at once both have their version kept`() async throws {
    try await Stage.with { stage in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 1...8 {
          group.addTask {
            let session = try await stage.session("s\(index)", own: true)
            try await session.say("save @x = cells where id=\(index)")
            await session.close()
          }
        }
        try await group.waitForAll()
      }
      #expect(try await stage.number("select count(distinct version) from macros where version between 1 and 8") == 8)
      #expect(try await stage.number("select count(distinct definition) from macros") == 8)
      let last = try await stage.number("select substring(definition from '[0-9]+')::bigint from query_macros")
      #expect(try await stage.session().ids("@x") == [Int64(last)])
    }
  }

  @Test func `dropping reports who uses it, and who calls it says so when it is used`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say(
        "save @inner = cells where status=blocked", "save @outer = cells where in @inner and id < 6",
        "@inner | count", "save script night from last 1")
      #expect(
        try await session.told("drop @inner")
          == "@inner dropped; its versions are kept; @outer and script night use it and will not work")
      let refusal = try #require(try await session.refusal("@outer"))
      #expect(refusal.message == "in @outer: there is no macro @inner: it was dropped by mira")
      #expect(refusal.marked == "@outer")
      #expect(refusal.hints == ["this brings it back:  save @inner = cells where status = blocked"])
      #expect(try await session.told("show macros").hasPrefix("@outer|-|does not work|"))
      try await session.say("save @inner = cells where status=blocked")
      #expect(try await session.ids("@outer | sort id") == [4, 5])
      #expect(try await stage.number("select max(version) from macros where name = 'inner'") == 3)
    }
  }

  @Test func `a redefinition that its callers do not fit says so, and a cycle is refused`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("save @a = cells where id=1", "save @b = cells where in @a")
      #expect(
        try await session.told("save @a($id: integer) = cells where id=$id")
          == "@a saved as version 2; version 1 is kept; @b does not fit it")
      #expect(try await session.refusal("save @a = cells where in @b")?.code == "macro_cycle")
      #expect(try await stage.number("select count(*) from macros") == 3)
    }
  }

  @Test func `macros and scripts belong to a project`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("save @x = cells where id=1")
      try await stage.connection.execute("insert into projects (name, folder) values ('other', '/')")
      try await session.say("use project other")
      #expect(try await session.refusal("@x")?.code == "unknown_macro")
      try await session.say("use project neon")
      #expect(try await session.ids("@x") == [1])
    }
  }
}

/// A clock that a test moves on.
final class Clock: @unchecked Sendable {
  // Unchecked: one test moves it, between statements.
  private(set) var now = Date(timeIntervalSince1970: 1_795_345_200)

  func advance(_ seconds: TimeInterval) { now += seconds }
}

import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Testing

@testable import Session

@Suite struct `Saved scripts and variables` {
  /// Runs what an outcome asks to be run, as the shell does.
  private func run(_ text: String, in session: ProducerSession) async throws {
    guard case .script(let call) = try await session.say(text), case .text(let body) = call.content else { return }
    let frame = await session.enter(call)
    do {
      try await session.say(body, source: call.name)
      await session.leave(frame)
    } catch {
      await session.leave(frame)
      throw error
    }
  }

  @Test func `a session's last statements become a script, which runs with arguments of its own`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("let $who = Aria", "let $mark = hero")
      try await session.say("cells where character=$who | tag $mark", "cells where id=9 | count")
      #expect(
        try await session.told("save script marking($who: character, $mark = seen) from last 2")
          == "script marking saved: 2 statements")
      try await run("run marking(Bo)", in: session)
      #expect(try await session.ids("cells where tags=seen | sort id") == [4, 5, 6])
      // Outside, the variables are what they were; and what a script said is not what the person said.
      #expect(try await session.ids("cells where tags=$mark | sort id") == [1, 2, 3])
      #expect(await session.record.last(1) == ["cells where tags=$mark | sort id | pick id"])
      #expect(await !session.record.texts.contains("cells where character=$who | tag $mark | count"))
      #expect(try await session.told("show scripts").hasPrefix("marking($who: character, $mark = seen)|2|1|mira|"))
    }
  }

  @Test func `help says how a script is called, what it does and who saved it, and brings versions back`() async throws
  {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("cells | count", "save script s($n: integer = 3) from last 1")
      try await session.say("characters | count", "save script s from last 1")
      for text in ["help s", "help script s"] {
        let page = try await session.told(text)
        #expect(page.hasPrefix("run s\n\n    characters | count\n"), "\(page)")
        #expect(page.contains("version 2 by mira, ") && page.contains("version 1 by mira, "), "\(page)")
      }
      let saved = try await session.told("save script s from version 1")
      #expect(saved == "script s saved: 1 statement as version 3; the 2 before are kept")
      #expect(try await session.told("help s").hasPrefix("run s($n: integer = 3)\n\n    cells | count\n"))
      #expect(try await session.refusal("save script s from version 7")?.code == "unknown_version")
      #expect(try await session.refusal("help t")?.code == "unknown_topic")
      #expect(try await session.refusal("help script t")?.code == "unknown_script")
    }
  }

  @Test func `arguments are checked where they stand`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("cells | count", "save script s($who: character, $n: integer = 3) from last 1")
      for (text, code, marked) in [
        ("run s", "missing_parameter", "s"), ("run s(Xaver)", "unknown_name", "Xaver"),
        ("run s(Aria, many)", "wrong_type", "many"), ("run s(Aria, nn=3)", "unknown_parameter", "nn"),
        ("run t(Aria)", "unknown_script", "t"), ("run s($gone)", "unknown_variable", "$gone"),
      ] {
        let refusal = try await session.refusal(text)
        #expect(refusal?.code == code && refusal?.marked == marked, "\(text): \(String(describing: refusal))")
      }
    }
  }

  @Test func `what flags chose is no part of what was said`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.use(project: "neon", run: "spring")
      #expect(await session.record.texts.isEmpty)
      try await session.say("cells where id = 1 | count")
      #expect(try await session.told("save script one from last 3").hasPrefix("script one saved: 1 statement"))
    }
  }

  @Test func `saving again keeps the version before, and a dropped script says so`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("cells | count", "save script s from last 1", "runs | count")
      #expect(
        try await session.told("save script s from last 2")
          == "script s saved: 2 statements as version 2; version 1 is kept")
      #expect(try await session.told("drop script s") == "script s dropped; its versions are kept")
      #expect(try await session.refusal("run s")?.message == "there is no script s: it was dropped by mira")
      #expect(try await session.refusal("drop script s")?.code == "unknown_script")
      #expect(try await stage.number("select count(*) from scripts") == 3)
    }
  }

  @Test func `a script that runs itself is refused, and so is what goes too deep`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await stage.connection.execute(
        """
        insert into scripts (project_id, name, version, body)
        select \(stage.project), 's' || n, 1, case n when 0 then 'run s0' else 'run s' || n + 1 end
        from generate_series(0, 40) n
        """)
      do {
        try await nested("run s0", session)
        Issue.record("it ran")
      } catch let error as DiagnosticError {
        #expect(error.diagnostics.first?.code == "script_cycle")
        #expect(error.diagnostics.first?.hints == ["script s0 > script s0", "run from test:1"])
      }
      do {
        try await nested("run s1", session)
        Issue.record("it ran")
      } catch let error as DiagnosticError {
        #expect(error.diagnostics.first?.code == "too_deep")
      }
      #expect(await session.frames.isEmpty)
      #expect(await session.scopes.count == 1)
    }
  }

  private func nested(_ text: String, _ session: ProducerSession) async throws {
    guard case .script(let call) = try await session.say(text), case .text(let body) = call.content else { return }
    let frame = await session.enter(call)
    do {
      try await nested(body, session)
      await session.leave(frame)
    } catch {
      await session.leave(frame)
      throw error
    }
  }

  @Test func `a script leaves the project and the run in use as they were`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.say("create run autumn characters (Aria)", "use run spring", "use run autumn")
      try await session.say("save script go from last 1", "use run spring")
      try await run("run go", in: session)
      #expect(await session.context.run?.name == "spring")
    }
  }

  @Test(arguments: [
    ("3", Literal.Kind.integer(3)), ("2h", .duration(7200)), ("Aria", .word), ("true", .bool(true)),
    ("Aria Vale", .text), ("3; cells where true | submit", .text), ("", .text), ("\"3\"", .text),
    ("red#2", .text), ("Bo;", .text),
  ])
  func `a value of the command line is what it looks like, and never more than a value`(
    _ text: String, _ kind: Literal.Kind
  ) async throws {
    try await Stage.with { stage in
      let session = try await stage.session()
      try await session.define("X", text)
      #expect(await session.variables["x"]?.kind == kind)
      try await session.say("let $x = 7")
      #expect(await session.variables["x"]?.kind == .integer(7))
    }
  }

  @Test func `a script that was given up does not put anything back later`() async throws {
    try await Stage.with { stage in
      let session = try await stage.session("mira", own: true)
      let before = await session.context
      try await session.say("let $x = 1", "cells | count", "save script two($x) from last 1")
      guard case .script(let call) = try await session.say("run two(2)") else { return }
      let frame = await session.enter(call)
      await session.abandon()
      #expect(await session.frames.isEmpty)
      #expect(await session.scopes.count == 1)
      #expect(await session.variables["x"]?.kind == .integer(1))
      try await session.say("let $x = 3")
      await session.leave(frame)
      #expect(await session.variables["x"]?.kind == .integer(3))
      #expect(await session.context == before)
      await session.close()
    }
  }

  @Test func `what a session remembers of itself is bounded`() {
    var record = StatementRecord()
    let statement = Parser.parse(SourceText(name: "t", text: "cells | count")).statements[0]
    for _ in 0..<25_000 { record.note(statement, isOwn: true) }
    #expect(record.texts.count <= StatementRecord.countLimit && record.texts.count >= 5000)
    record.note(statement, isOwn: false)
    #expect(record.last(2) == ["cells | count", "cells | count"])
  }
}

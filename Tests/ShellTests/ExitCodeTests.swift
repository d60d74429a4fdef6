import Foundation
import SQLText
import Testing

@Suite struct `Exit codes and streams` {
  @Test func `results go to standard output, notes to standard error, and fine is 0`() async throws {
    try await TestHome.with { home in
      let file = try await Production().write(to: home)
      let applied = try await home.run("-c", "apply \"\(file)\"")
      #expect(applied.status == 0)
      #expect(applied.output.hasPrefix("film:\n  + 1 project: film\n"))
      #expect(applied.errors.isEmpty)
      let used = try await home.run(input: "use project film\ncreate run spring\ncells | pick character, status\n")
      #expect(used.status == 0)
      #expect(used.errors == "using project film\n")
      #expect(used.output.hasPrefix("spring: 1 cells"))
      #expect(used.output.contains("Aria"))
      #expect(!used.output.contains("\u{1B}"))
    }
  }

  @Test func `a statement that fails is 3, with its place as text or as a JSON line`() async throws {
    try await TestHome.with { home in
      let text = try await home.run("-c", "projects | tak 3")
      #expect(text.status == 3)
      #expect(text.output.isEmpty)
      try await home.say("apply \"\(try await Production().write(to: home))\"")
      let typo = try await home.run("-c", "cells where staus=failed")
      #expect(typo.status == 3)
      #expect(
        typo.errors == """
          -c:1:13: error: cells have no field "staus" [unknown_field]
            cells where staus=failed
                        ^^^^^ did you mean status?

          """)
      let json = try await home.run("--errors", "json", "-c", "cells where staus=failed")
      #expect(json.status == 3)
      let line = try #require(
        try JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [String: Any])
      #expect(line["code"] as? String == "unknown_field")
      #expect(line["column"] as? Int == 13)
      #expect(line["hint"] as? String == "did you mean status?")
      let missing = try await home.run("-f", "no-such-file.callsheet")
      #expect(missing.status == 3)
      #expect(missing.errors.contains("no-such-file.callsheet"))
    }
  }

  @Test func `an expectation that is not met is 5, and a statement that fails later does not hide it`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let unmet = try await home.run("-c", "cells | count | expect count = 0")
      #expect(unmet.status == 5)
      #expect(unmet.output.isEmpty)
      #expect(unmet.errors.contains("the first is count=1"))
      let both = try await home.run(
        "--on-error", "continue", "-c", "cells | expect none", "-c", "cells where nonsense=1")
      #expect(both.status == 5)
      #expect(both.errors.contains("[unknown_field]"))
      #expect(try await home.run("-c", "cells | count | expect count = 1").status == 0)
      #expect(try await home.run("-c", "cells where status=failed | expect none").status == 0)
    }
  }

  @Test func `what a budget does not hold is 4`() async throws {
    try await TestHome.with { home in
      var production = Production(characters: [("Aria", "aria.png"), ("Bo", "bo.png")])
      // A cell takes 72 GPU seconds and its look 1.
      production.gpuHours = 100.0 / 3600
      let file = try await production.write(to: home)
      try await home.say("apply \"\(file)\"", "create run spring")
      try await home.say("cells where true | submit")
      try await home.drain()
      try await home.say("cells where true | cancel", "variants where status=review | approve")
      let submitted = try await home.run("--format", "json", "-c", "cells where true | submit")
      #expect(submitted.status == 4, "\(submitted)")
      let report = try #require(try submitted.json() as? [String: Any])
      #expect(report["changed"] as? Int == 2)
      #expect(report["not_done"] as? [[String: AnyHashable]] != [])
      #expect(try await home.count("jobs where status=pending and kind=segment") == 1)
      let why = try await home.run("-c", "cells where status=blocked | why")
      #expect(why.output.contains("budget"), "\(why)")
      try await home.expectTruth()
    }
  }

  @Test(arguments: [
    ["--format", "blah"], ["--no-such-flag"], ["worker", "--slots", "0"], ["worker", "--kinds", "catering"],
    ["db", "dance"],
  ])
  func `wrong usage is 64`(_ arguments: [String]) async throws {
    try await TestHome.with { home in
      let invocation = try home.start(program: TestHome.binary, arguments)
      invocation.endInput()
      let ending = await invocation.ended()
      #expect(ending.status == 64)
      #expect(ending.output.isEmpty)
      #expect(ending.errors.contains("Usage: callsheet"))
    }
  }

  @Test(arguments: [
    "postgresql://bob:hunter2@127.0.0.1:1/production", "host=127.0.0.1 port=1 user=bob password=hunter2",
    "postgresql://bob:hunt@er2@127.0.0.1:1/production", "postgresql://bob:hunter2@no-such-host.invalid/production",
  ])
  func `a database that cannot be reached is 2, and its password stays secret`(_ url: String) async throws {
    try await TestHome.with { home in
      for arguments in [
        ["--database", url, "-c", "projects"], ["worker", "--database", url], ["db", "status", "--database", url],
      ] {
        let invocation = try home.start(program: TestHome.binary, arguments)
        invocation.endInput()
        let ending = await invocation.ended()
        #expect(ending.status == 2)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.hasPrefix("callsheet: "))
        #expect(!ending.errors.contains("er2"))
      }
      let doctor = try await home.run("doctor", "--database", url)
      #expect(doctor.status == 1)
      #expect(!doctor.output.contains("er2") && !doctor.errors.contains("er2"))
    }
  }

  @Test func `a database that is newer than the binary is refused, and one with changed migrations`() async throws {
    try await TestHome.with { home in
      try await home.execute(
        "insert into schema_migrations (name, checksum) values ('29990101000000_later', 'x')")
      let newer = try await home.run("-c", "projects")
      #expect(newer.status == 2)
      #expect(
        newer.errors.contains("the database is newer than this callsheet: it has the migration 29990101000000_later"))
      #expect(try await home.run("worker", "--drain").status == 2)
      try await home.execute("delete from schema_migrations where checksum = 'x'")
      #expect(try await home.run("-c", "show").status == 0)
      try await home.execute(
        "update schema_migrations set checksum = 'y' where name = (select min(name) from schema_migrations)")
      let changed = try await home.run("-c", "projects")
      #expect(changed.status == 2)
      #expect(changed.errors.contains("its text has changed"))
    }
  }

  @Test func `stopped by a failure unless told to go on`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let statements = "cells where nonsense=1\ncells | count\n"
      let stopped = try await home.run("-o", "csv", input: statements)
      #expect(stopped.status == 3)
      #expect(stopped.output.isEmpty)
      let gone = try await home.run("-o", "csv", "--on-error", "continue", input: statements)
      #expect(gone.status == 3)
      #expect(gone.output == "count\r\n1\r\n" || gone.output == "count\n1\n")
    }
  }

  @Test func `one transaction takes effect as a whole or not at all`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let broken = try await home.run(
        "-1", input: "cells where true | submit\ncreate run autumn\ncells where nonsense=1\n")
      #expect(broken.status == 3)
      #expect(broken.errors.contains("nothing was changed"))
      #expect(try await home.count("cells where submitted") == 0)
      #expect(try await home.count("runs") == 1)
      let whole = try await home.run("-1", input: "cells where true | submit\ncreate run autumn\n")
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(try await home.number("select count(*) from cells where submitted") == 1)
      #expect(try await home.count("runs") == 2)
      try await home.expectTruth()
    }
  }

  @Test func `a dry run tells what would be and changes nothing`() async throws {
    try await TestHome.with { home in
      let file = try await Production().write(to: home)
      let applied = try await home.run("--dry-run", "-c", "apply \"\(file)\"")
      #expect(applied.status == 0)
      #expect(applied.output.contains("+ 1 project: film"))
      #expect(applied.errors.contains("dry run: nothing was changed"))
      #expect(try await home.number("select count(*) from projects") == 0)
      try await home.say("apply \"\(file)\"", "create run spring")
      let submitted = try await home.run("--dry-run", "-o", "json", "-c", "cells | submit", "-c", "create run autumn")
      #expect(submitted.status == 0, "\(submitted.errors)")
      #expect(submitted.output.contains(#""changed":1"#))
      #expect(try await home.count("cells where submitted") == 0)
      #expect(try await home.count("runs") == 1)
      #expect(try await home.count("actions where verb=submit") == 0)
    }
  }

  @Test func `an action on everything has to be meant`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let refused = try await home.run(input: "cells | submit\n")
      #expect(refused.status == 3)
      #expect(refused.errors.contains("this would submit all 1 cells"))
      #expect(try await home.count("cells where submitted") == 0)
      #expect(try await home.run("--yes", "-c", "cells | submit").status == 0)
      #expect(try await home.count("cells where submitted") == 1)
      #expect(try await home.run("-c", "cells where true | cancel").status == 0)
      #expect(try await home.count("cells where submitted") == 0)
    }
  }
}

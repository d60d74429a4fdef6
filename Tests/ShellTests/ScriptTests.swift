import Foundation
import SQLText
import Testing

@Suite struct `Scripts, macros and plans` {
  private static let three = Production(
    characters: [("Aria Vale", "a.png"), ("Bo Okafor", "a.png"), ("Cleo Marsh", "a.png")])

  /// Three cells, of which none was submitted.
  private func withProduction(_ body: @Sendable (TestHome) async throws -> Void) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Self.three.write(to: home))\"", "create run spring")
      try await body(home)
    }
  }

  @Test func `variables come from the command line, and are values whatever they look like`() async throws {
    try await withProduction { home in
      let counted = try await home.run(
        "--var", "who=Aria Vale", "--var", "n=1", "-o", "ids", "-c", "cells where character=$who | take $n | pick id")
      #expect(counted.status == 0 && counted.output == "1\n", "\(counted)")
      let odd = try await home.run("--var", "who=Aria; cells where true | submit", "-c", "cells where character=$who")
      #expect(odd.status == 3 && odd.errors.contains("there is no character"), "\(odd)")
      #expect(try await home.run("--var", "who", "-c", "cells").status == 64)
      let named = try await home.run("--var", "1x=2", "-c", "cells")
      #expect(named.status == 3 && named.errors.contains("cannot be the name of a variable"))
      #expect(try await home.count("cells where submitted") == 0)
    }
  }

  @Test func `includes are relative to their file, share its variables, and messages say how they are reached`()
    async throws
  {
    try await withProduction { home in
      try home.write(
        "scripts/deep/checks.callsheet", "# checks\n\ncells where character=$who | count\ncells where staus=1\n")
      try home.write("scripts/setup.callsheet", "let $who = Bo\ninclude \"deep/checks.callsheet\"\n")
      try home.write("scripts/main.callsheet", "# main\ninclude \"setup.callsheet\"\n")
      let ending = try await home.run("-o", "json", "-f", "scripts/main.callsheet")
      #expect(ending.status == 3)
      #expect(try ending.rows().first?["count"] as? Int == 1)
      #expect(
        ending.errors == """
          deep/checks.callsheet:4:13: error: cells have no field "staus" [unknown_field]
            cells where staus=1
                        ^^^^^ did you mean status?
            included from setup.callsheet:2
            included from scripts/main.callsheet:2

          """)
      let lines = try await home.run("--errors", "json", "-f", "scripts/main.callsheet").errors
      #expect(lines.contains(#""source":"deep/checks.callsheet","line":4,"column":13"#))
      let missing = try await home.run("-c", "include \"scripts/none.callsheet\"")
      #expect(missing.status == 3 && missing.errors.contains("-c:1:9: error: "), "\(missing)")
    }
  }

  @Test func `a production file is looked for beside the file that applies it`() async throws {
    try await TestHome.with { home in
      _ = try await Production().write(to: home)
      try home.write("film/day.callsheet", "apply \"production.yaml\"\n")
      try home.write("main.callsheet", "include \"film/day.callsheet\"\ncharacters | count | expect count = 1\n")
      let ending = try await home.run("-f", "main.callsheet")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(try await home.run("-c", "apply \"production.yaml\"").status == 3)
    }
  }

  @Test func `an include that comes round again is refused, and what fails in one stops the whole`() async throws {
    try await withProduction { home in
      try home.write("a.callsheet", "include \"b.callsheet\"\ncells where true | submit\n")
      try home.write("b.callsheet", "include \"./a.callsheet\"\n")
      let cycle = try await home.run("-f", "a.callsheet")
      #expect(cycle.status == 3)
      #expect(cycle.errors.contains("b.callsheet:1:9: error: ./a.callsheet is being run already [script_cycle]"))
      #expect(cycle.errors.contains("a.callsheet > b.callsheet > ./a.callsheet"))
      #expect(try await home.count("cells where submitted") == 0)
      let all = try await home.run("--on-error", "continue", "-f", "a.callsheet")
      #expect(all.status == 3)
      #expect(try await home.count("cells where submitted") == 3)
      try home.write("c.callsheet", "cells | expect none\n")
      #expect(try await home.run("-c", "include \"c.callsheet\"").status == 5)
    }
  }

  @Test func `a script is saved from a file and run by another process, also in one transaction`() async throws {
    try await withProduction { home in
      try home.write("s/tail.callsheet", "cells where tags=$mark | count | expect count = 1\n")
      try home.write("s/mark.callsheet", "cells where character=$who | tag $mark\ninclude \"tail.callsheet\"\n")
      try home.write("s/broken.callsheet", "cells | count\ncells wher x\n")
      let broken = try await home.run("-c", "save script x from \"s/broken.callsheet\"")
      #expect(broken.status == 3 && broken.errors.contains("s/broken.callsheet:2:7"), "\(broken)")
      try await home.say("save script mark($who: character, $mark = seen) from \"s/mark.callsheet\"")
      #expect(try await home.run("-c", "run mark(Bo)").status == 0)
      #expect(try await home.count("cells where tags=seen and character=Bo") == 1)
      let unmet = try await home.run("-1", "-c", "run mark(Aria, hero)", "-c", "run mark(Bo, hero)")
      #expect(unmet.status == 5 && unmet.errors.contains("run from -c:1"), "\(unmet)")
      #expect(unmet.errors.contains("nothing was changed: a statement failed"))
      #expect(try await home.count("cells where tags=hero") == 0)
    }
  }

  @Test func `a plan survives its shell, and what drifted is named in another`() async throws {
    try await withProduction { home in
      let planned = try await home.run("-c", "plan cells where true | submit")
      #expect(planned.output.hasPrefix("p1: submit 3 cells"), "\(planned)")
      #expect(planned.output.hasSuffix("\n    apply p1 to do exactly this\n"))
      #expect(try await home.count("cells where submitted") == 0)
      let json = try await home.run("-o", "json", "-c", "plan cells where id=1 | hold as mine")
      let plan = try #require(try json.json() as? [String: Any])
      #expect(plan["plan"] as? String == "mine" && plan["changed"] as? Int == 1 && plan["action"] as? String == "hold")
      try await home.say("cells where character=Bo | skip reason=\"cut\"")
      let drifted = try await home.run("-c", "apply p1")
      #expect(drifted.status == 3)
      #expect(
        drifted.errors.contains("Bo Okafor / chase / coat: status was not_started, is skipped"), "\(drifted.errors)")
      #expect(try await home.count("cells where submitted") == 0)
      let applied = try await home.run("-o", "json", "-c", "apply mine")
      #expect(applied.status == 0)
      #expect((try applied.json() as? [String: Any])?["changed"] as? Int == 1)
      #expect(try await home.run("-c", "apply mine").errors.contains("was applied already: it is action "))
      try await home.expectTruth()
    }
  }

  @Test func `a dry run carries a whole script out, shows it as plans, and keeps nothing`() async throws {
    try await withProduction { home in
      try home.write(
        "day.callsheet",
        """
        create run autumn characters (Aria)
        use run autumn
        save @mine = cells where character=Aria
        @mine | submit
        cells where status=blocked | count | expect count = 1
        plan cells where true | cancel
        """)
      let ending = try await home.run("--dry-run", "-f", "day.callsheet")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("would submit 1 cell") && ending.output.contains("would cancel 1 cell"))
      #expect(ending.errors.hasSuffix("dry run: nothing was changed\n"))
      #expect(try await home.count("runs") == 1)
      for table in ["macros", "plans"] {
        #expect(try await home.number("select count(*) from \(identifier: table)") == 0)
      }
      #expect(try await home.count("actions where verb=submit") == 0)
    }
  }

  @Test func `a reader that goes away during one transaction is told of by the status`() async throws {
    try await withProduction { home in
      try home.write(
        "long.callsheet", "cells where id=1 | submit\n" + String(repeating: "cells | sort id\n", count: 20_000))
      let line = #""$callsheet" -1 -f long.callsheet 2> errors | head -n 1; echo "${PIPESTATUS[0]}""#
      let ending = try await home.bash(line)
      #expect(ending.output.hasSuffix("\n3\n"), "\(ending)")
      let errors = try String(contentsOfFile: home("errors"), encoding: .utf8)
      #expect(errors == "nothing was changed: the reader of the output has gone\n")
      #expect(try await home.count("cells where submitted") == 0)
    }
  }

  @Test func `one transaction is all or nothing when a statement fails and when it is interrupted`() async throws {
    try await withProduction { home in
      for failing in ["cells where staus=1", "cells | expect none", "cells | submit", "apply p9"] {
        let ending = try await home.run("-1", "-c", "cells where id=1 | submit", "-c", failing)
        #expect(ending.status == (failing.contains("expect") ? 5 : 3), "\(failing): \(ending)")
        #expect(ending.errors.hasSuffix("nothing was changed: a statement failed\n"))
        #expect(try await home.count("cells where submitted") == 0)
      }
      let interrupted = try home.start("-1")
      interrupted.type("cells where id=1 | submit\ncells where true | count;\n")
      #expect(await eventually { interrupted.output.contains("count") })
      interrupted.signal(SIGINT)
      #expect(await interrupted.ended().status == 130)
      #expect(try await home.count("cells where submitted") == 0)
      #expect(
        try await home.run("-1", "-c", "cells where id=1 | submit", "-c", "cells where id=2 | submit").status == 0)
      #expect(try await home.count("cells where submitted") == 2)
    }
  }

  @Test func `two shells that redefine a macro at once keep both versions`() async throws {
    try await withProduction { home in
      let shells = try (1...2).map { index in
        let shell = try home.start("-f", "/dev/stdin")
        shell.type("cells | count;\n")
        return (index, shell)
      }
      for (_, shell) in shells { #expect(await eventually { shell.output.contains("count") }) }
      for (index, shell) in shells { shell.type("save @x = cells where id=\(index)\n@x | pick id, status\n") }
      for (_, shell) in shells {
        shell.endInput()
        let ending = await shell.ended()
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output.contains("not_started"))
      }
      #expect(try await home.number("select count(distinct definition) from macros where version in (1, 2)") == 2)
      #expect(try await home.run("-c", "help @x").output.contains("version 1 by mira"))
    }
  }

  @Test func `applying a file that has changed says from what to what`() async throws {
    try await withProduction { home in
      var production = Self.three
      production.segments = 3
      production.gpuHours = 2
      let file = try await production.write(to: home)
      let applied = try await home.say("apply \"\(file)\"")
      #expect(applied.contains("    chase: segments 2 -> 3\n"), "\(applied)")
      production.gpuHours = 4.5
      _ = try await production.write(to: home)
      let json = try await home.run("-o", "json", "--dry-run", "-c", "apply \"\(file)\"")
      #expect(json.output.contains(#""fields":[{"field":"limit","from":"2","to":"4.5"}]"#), "\(json.output)")
    }
  }
}

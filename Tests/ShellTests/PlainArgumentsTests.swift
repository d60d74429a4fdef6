import Testing

@Suite struct `Plain arguments` {
  /// With a subcommand before them the arguments are read by the argument parser.
  @Test func `what is read without the argument parser means what it means to it`() async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let lines = [
        ["-c", "show", "-c", "cells", "-o", "csv"],
        ["--format", "jsonl", "--errors", "json", "--on-error", "continue", "-c", "nonsense", "-c", "cells"],
        ["--user", "mira", "--project", "film", "--run", "spring", "--no-rc", "-c", "show"],
        ["--var", "a=1", "--var", "b=2=3", "-c", "show variables"],
        ["--yes", "--dry-run", "-c", "submit cells"], ["-1", "-c", "cells", "-c", "nonsense"],
        ["--var", "a", "-c", "cells"], ["-c"], ["-c", "-c"], ["-o", "xml", "-c", "cells"], ["-c", ""],
        ["--project", "nobody", "-c", "cells"],
      ]
      for line in lines {
        let plain = try await ending(of: line, home)
        let parsed = try await ending(of: ["shell"] + line, home)
        #expect(plain.status == parsed.status, "\(line)")
        #expect(plain.output == parsed.output, "\(line)")
        // A wrong usage names the subcommand that it was given to.
        if plain.status != 64 { #expect(plain.errors == parsed.errors, "\(line)") }
      }
    }
  }

  private func ending(of arguments: [String], _ home: TestHome) async throws -> Ending {
    let invocation = try home.start(program: TestHome.binary, arguments)
    invocation.endInput()
    return await invocation.ended(within: 90)
  }
}

import Testing

@testable import callsheet

@Suite struct `Plain arguments` {
  @Test(arguments: [
    [],
    ["-c", "cells"],
    ["-c", "cells", "-c", "runs", "-f", "a.callsheet"],
    ["-o", "csv", "-c", "cells"],
    ["--format", "jsonl", "--errors", "json", "--on-error", "continue"],
    ["--database", "postgres://here", "--user", "mira", "--project", "film", "--run", "spring"],
    ["--var", "a=1", "--var", "b=2=3", "-y", "-1", "--dry-run", "--no-rc"],
    ["--yes", "--single-transaction"],
  ])
  func `what is read without the argument parser is read as by it`(_ arguments: [String]) throws {
    let plain = try #require(ShellInvocation(plain: arguments))
    #expect(try ShellCommand.parse(arguments).invocation == plain)
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["worker"], ["db", "status"], ["shell", "-c", "cells"], ["-c"], ["-c", "-c"],
    ["-ccells"], ["--format=csv"], ["-o", "xml"], ["--var", "a"], ["--user", "a", "--user", "b"], ["-y", "--yes"],
    ["-y1"], ["--nonsense"], ["-c", ""],
  ])
  func `everything else is the argument parser's`(_ arguments: [String]) {
    #expect(ShellInvocation(plain: arguments) == nil)
  }
}

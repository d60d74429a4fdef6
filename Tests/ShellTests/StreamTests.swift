import Foundation
import Testing

@Suite struct `Statements and results as streams` {
  private func withRun(_ body: @Sendable (TestHome) async throws -> Void) async throws {
    try await TestHome.with { home in
      let production = Production(characters: [("Aria", "aria.png"), ("Bo \"Bim\" Okafor", "bo.png")])
      let file = try await production.write(to: home)
      try await home.say("apply \"\(file)\"", "create run spring")
      try await body(home)
    }
  }

  @Test func `a reader that has seen enough ends it quietly`() async throws {
    try await withRun { home in
      let many = (0..<4000).map { _ in "cells" }.joined(separator: "\n")
      try home.write("many.callsheet", many)
      let ending = try await home.bash(#""$callsheet" -o csv -f many.callsheet | head -n 1; echo "${PIPESTATUS[0]}""#)
      let lines = ending.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last == "0")
      #expect(ending.errors.isEmpty)
    }
  }

  @Test func `machine formats are what they say`() async throws {
    try await withRun { home in
      let json = try await home.run("-o", "json", "-c", "cells | sort id | pick id, character, status, stale").rows()
      #expect(json.map { $0["character"] as? String } == ["Aria", "Bo \"Bim\" Okafor"])
      #expect(json.allSatisfy { $0["id"] is Int && $0["stale"] as? Bool == false })
      let lines = try await home.run("-o", "jsonl", "-c", "cells | sort id | pick id, character").output
      let objects = try lines.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(objects.map { $0["character"] as? String } == ["Aria", "Bo \"Bim\" Okafor"])
      let csv = try await home.run("-o", "csv", "-c", "cells | sort id | pick character, status").output
      #expect(
        csv.replacing("\r\n", with: "\n")
          == "character,status\nAria,not_started\n\"Bo \"\"Bim\"\" Okafor\",not_started\n")
      let ids = try await home.run("-o", "ids", "-c", "cells | sort id").output
      #expect(ids.split(separator: "\n").count == 2)
      let empty = try await home.run("-o", "json", "-c", "cells where status=failed")
      #expect(try empty.rows().isEmpty)
      let matrix = try await home.run("-o", "json", "-c", "matrix", "-c", "progress")
      #expect(matrix.status == 0)
      #expect(matrix.output.contains("not_started"))
    }
  }

  @Test func `a statement runs when it is there, not when the input ends`() async throws {
    try await withRun { home in
      let invocation = try home.start("-o", "csv")
      // After a newline the next line might begin with "|"; a semicolon ends a statement at once.
      invocation.type("cells | count;\n")
      #expect(await eventually(within: 20) { invocation.output.contains("2") })
      #expect(invocation.isRunning)
      // The second statement goes on over lines, and its last piece comes without a newline.
      invocation.type("cells where (\n  character=Aria)\n| pick character;\ncells where character=")
      #expect(await eventually(within: 20) { invocation.output.contains("Aria") })
      invocation.type("Aria | count")
      invocation.endInput()
      let ending = await invocation.ended()
      #expect(ending.status == 0)
      #expect(ending.errors.isEmpty)
      #expect(ending.output.replacing("\r\n", with: "\n") == "count\n2\ncharacter\nAria\ncount\n1\n")
    }
  }

  @Test(arguments: [
    "cells | count\ncells | count\n", "cells | count\r\ncells | count\r\n", "\u{FEFF}cells | count\ncells | count",
    "\u{FEFF}# first\r\n\r\ncells\r\n  | count; cells | count", "cells | count;cells | count # last",
  ])
  func `line ends, byte order marks, comments and a missing last newline`(_ text: String) async throws {
    try await withRun { home in
      let ending = try await home.run("-o", "csv", input: text)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.replacing("\r\n", with: "\n") == "count\n2\ncount\n2\n")
      try home.write("it.callsheet", text)
      let file = try await home.run("-o", "csv", "-f", "it.callsheet")
      #expect(file.output == ending.output)
      #expect(file.errors.isEmpty)
    }
  }

  @Test func `bytes that are no text are one error with a place`() async throws {
    try await withRun { home in
      let invocation = try home.start("-o", "csv")
      invocation.type(Array("cells | count\ncells where character=".utf8) + [0xFF, 0xC0, 0x00, 0x0A])
      invocation.endInput()
      let ending = await invocation.ended()
      #expect(ending.status == 3)
      #expect(ending.output.contains("2"))
      #expect(ending.errors.contains("<stdin>:2:23"), "\(ending.errors)")
    }
  }

  @Test func `an interrupt ends a batch with 130`() async throws {
    try await withRun { home in
      let invocation = try home.start("-o", "csv")
      invocation.type("cells | count;\n")
      #expect(await eventually(within: 20) { invocation.output.contains("2") })
      invocation.signal(SIGINT)
      // Its input is still open, and nothing comes.
      #expect(await invocation.ended().status == 130)
    }
  }
}

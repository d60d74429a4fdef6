import Foundation
import SQLText
import Testing

@Suite struct `Results of any size` {
  private static let formats = ["table", "vertical", "csv", "tsv", "json", "jsonl", "markdown", "ids"]

  /// A project that holds rows to read, put straight into the database.
  private func withUsers(_ count: Int, _ body: @Sendable (TestHome) async throws -> Void) async throws {
    try await TestHome.with { home in
      try await home.say("help")
      try await home.execute("insert into projects (name, folder) values ('film', '.')")
      try await home.execute(
        "insert into users (name) select n || repeat(' x', 1000) from generate_series(1, \(count)) n")
      try await body(home)
    }
  }

  @Test func `16 MB take no more memory than a row, in every format and into a file`() async throws {
    try await withUsers(8_000) { home in
      // The most that a process of ours held at any moment, in kilobytes.
      try home.write(
        "peak.py",
        """
        import resource, subprocess, sys
        with open(sys.argv[1], "w") as out: subprocess.run(sys.argv[2:], stdout=out, check=True)
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        """)
      func peak(_ arguments: String) async throws -> Int {
        let ending = try await home.bash("python3 peak.py out \"$callsheet\" \(arguments)", within: 300)
        return try #require(Int(ending.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(ending.errors)")
      }
      let one = try await peak("-c 'users | take 1'")
      for format in Self.formats {
        #expect(try await peak("-o \(format) -c users") < one + 8_000, "\(format)")
        #expect(try await home.bash("grep -c . out").output != "0\n")
      }
      #expect(try await peak("-c 'users | export \"users.jsonl\"'") < one + 8_000)
      #expect(try await home.bash("wc -l < users.jsonl").output == "8000\n")
    }
  }

  @Test(arguments: ["csv", "jsonl", "table"])
  func `a reader that leaves ends the query on the server`(format: String) async throws {
    try await withUsers(10_000) { home in
      let ending = try await home.bash(
        #""$callsheet" -o \#(format) -c users | head -n 1 | wc -l; echo "${PIPESTATUS[0]}""#)
      #expect(ending.output == "1\n0\n")
      #expect(ending.errors.isEmpty)
      let active = try await home.number("select count(*) from pg_stat_activity where application_name = 'callsheet'")
      #expect(active == 0)
    }
  }

  /// Whatever the server writes by itself is what is written here: alone a statement goes one way, with a neighbour the
  /// other.
  @Test(arguments: ["csv", "tsv"])
  func `the server's text is ours to the byte`(format: String) async throws {
    try await TestHome.with { home in
      let file = try await Production(characters: [("Aria", "aria.png"), ("Bo \"Bim\" Okafor", "bo.png")])
        .write(to: home)
      try await home.say("apply \"\(file)\"", "create run spring")
      let odd = "a,b\t\"c\"\\ \r\n\u{08}\u{0B}\u{0C}\u{01}\u{7F}\u{1B}[31m é 田 e\u{301} \u{2028}"
      try await home.execute(
        """
        update cells set skip_reason = \(odd), tags = array[\(odd), '', 'NULL', '{x}'], priority = 7,
          updated_at = '2026-11-22 20:42:15.25+02', submitted_at = '1999-12-31 23:59:59.999999+00'
        where id = (select min(id) from cells)
        """)
      try await home.execute(
        "update cells set skip_reason = '', tags = '{}' where id = (select max(id) from cells)")
      try await home.execute(
        "insert into users (name) select n::text from unnest(array['\\.', '\\N', 'null', ' x ', E'\\n', ',']) n")
      for (index, seconds) in [0.1, 1e15, 1.5e15, 123_456_789_012_345_680, 1e-5, 0.0001, 1e22, 3.0].enumerated() {
        try await home.execute(
          """
          insert into scene_types (project_id, generator_id, name, position, segments, segment_seconds, width, height, fps)
          select project_id, id, \("n\(index)"), \(index), 1, \(seconds), 1, 1, \(seconds * 3) from generators
          where kind = 'segment'
          """)
      }
      for statement in [
        "cells | pick id, character, skip_reason, tags, blocked_by, stale, held, progress, queued_at, updated_at, take",
        "cells | group count, sum(priority), avg(priority), max(updated_at) by status, stale", "users | pick name, id",
        "scene_types | pick name, seconds, fps, estimated_gpu_seconds, segments", "runs", "sources", "jobs",
        "cells where false",
      ] {
        let alone = try await home.run("-o", format, "-c", statement)
        let together = try await home.run("-o", format, input: "\(statement)\nusers where false | pick id, name\n")
        #expect(alone.status == 0 && together.status == 0, "\(alone.errors)\(together.errors)")
        let header = format == "csv" ? "id,name\n" : "id\tname\n"
        #expect(alone.output + header == together.output, "\(statement)")
      }
    }
  }

  @Test func `neighbouring reads come in order, and the first that fails ends it`() async throws {
    try await withUsers(3) { home in
      let text = "users | count\nusers | sort id | take 1 | pick id\nusers where nme=1\nusers | count\n"
      let stopped = try await home.run("-o", "csv", input: text)
      #expect(stopped.status == 3)
      #expect(stopped.output == "count\n3\nid\n1\n")
      #expect(stopped.errors.contains("<stdin>:3:13"), "\(stopped.errors)")
      let wentOn = try await home.run("-o", "csv", "--on-error", "continue", input: text)
      #expect(wentOn.status == 3)
      #expect(wentOn.output == "count\n3\nid\n1\ncount\n3\n")
    }
  }

  @Test func `a file is there whole or not at all`() async throws {
    try await withUsers(4_000) { home in
      try home.write("out.csv", "what was there")
      for path in ["missing/out.csv", ".", "/proc/out.csv"] {
        let refused = try await home.run("-c", "users | export \"\(path)\" format csv")
        #expect(refused.status == 3 && refused.errors.contains("cannot be written"), "\(refused.errors)")
      }
      // Ten times as many rows as there are users, so that it is interrupted in the middle.
      try await home.execute("alter table users drop constraint users_name_key")
      try await home.execute("insert into users (name) select name from users, generate_series(1, 20)")
      for format in ["csv", "json"] {
        let invocation = try home.start("-c", "users | export \"out.csv\" format \(format)")
        #expect(await eventually { home.files(".").contains { $0.hasSuffix(".part") } })
        invocation.signal(SIGINT)
        #expect(await invocation.ended().status == 130)
        #expect(!home.files(".").contains { $0.hasSuffix(".part") })
        #expect(try String(contentsOfFile: home("out.csv"), encoding: .utf8) == "what was there")
      }
      try await home.say("users | take 2 | pick id | export \"out.csv\"")
      #expect(try String(contentsOfFile: home("out.csv"), encoding: .utf8) == "id\n1\n2\n")
      let device = try await home.run("-c", "users | take 2 | pick id | export \"/dev/stdout\" format ids")
      #expect(device.output == "1\n2\n")
    }
  }

  @Test func `errors as JSON are one object a line`() async throws {
    try await withUsers(1) { home in
      let ending = try await home.run(
        "--errors", "json", "--on-error", "continue", input: "users where nme=1\n\n  users | sort x\nusers | take\n")
      #expect(ending.status == 3)
      let objects = try ending.errors.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(objects.count == 3)
      #expect(objects.map { $0["source"] as? String } == ["<stdin>", "<stdin>", "<stdin>"])
      #expect(objects.map { $0["line"] as? Int } == [1, 3, 4])
      #expect(objects.map { $0["column"] as? Int }.prefix(2) == [13, 16])
      #expect(objects.allSatisfy { $0["code"] is String && $0["message"] is String && $0.keys.contains("hint") })
    }
  }
}

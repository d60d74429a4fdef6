import Foundation
import Testing

@Suite struct `The embedded database` {
  @Test func `two shells that start at once on an empty home share one cluster`() async throws {
    try await TestHome.withoutDatabase { home in
      let file = try await Production().write(to: home)
      let shells = [
        try home.start("-c", "apply \"\(file)\"", "-c", "users"), try home.start("-c", "help"),
        try home.start("db", "start"),
      ]
      for shell in shells {
        let ending = await shell.ended()
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(!ending.output.isEmpty)
      }
      #expect(try await home.count("characters") == 1)
      let clusters = try await home.bash("pgrep -f -- '-D \(home.cluster)/data$' | wc -l")
      #expect(clusters.output.trimmingCharacters(in: .whitespacesAndNewlines) == "1")
    }
  }

  @Test func `status, start, stop, url and migrate say what is`() async throws {
    try await TestHome.withoutDatabase { home in
      let absent = try await home.run("db", "status")
      #expect(absent.output.hasPrefix("embedded database: not made yet"))
      #expect(!home.exists("data/callsheet/postgres/data"))
      #expect(try await home.run("db", "stop").status == 0)
      let started = try await home.run("db", "start")
      #expect(started.status == 0, "\(started.errors)")
      let url = try await home.run("db", "url").output.trimmingCharacters(in: .newlines)
      #expect(started.output.hasSuffix("\(url)\n"))
      let migrated = try await home.run("db", "migrate")
      #expect(migrated.output.contains("applied 2"))
      #expect(try await home.run("db", "migrate").output == "the schema is current\n")
      #expect(try await home.run("db", "status").output.hasPrefix("embedded database: running"))
      let named = try await home.run("db", "status", "--database", url)
      #expect(named.output.hasSuffix("reachable, schema current\n"), "\(named)")
      // Its socket is behind a folder that nobody else may enter, so others do not reach it.
      let mode = try await home.bash("stat -L -c %a \(home.cluster)")
      #expect(mode.output == "700\n")
      #expect(try await home.run("db", "stop").output == "the embedded database is stopped\n")
      #expect(try await home.run("db", "status").output.hasPrefix("embedded database: stopped"))
      // The next command starts it again.
      #expect(try await home.run("-c", "users").status == 0)
    }
  }

  @Test func `doctor names what is missing`() async throws {
    try await TestHome.withoutDatabase { home in
      let whole = try await home.run("doctor")
      #expect(whole.output.contains("ok  ffmpeg: /"))
      #expect(whole.output.contains("ok  database: reachable, PostgreSQL"))
      #expect(whole.output.contains("!!  schema") && whole.output.contains("callsheet db migrate"))
      try await home.run("db", "migrate")
      let path = home.environment["PATH"] ?? ""
      try await home.bash("mkdir bin; for name in sha256sum ls cat; do ln -s \"$(command -v $name)\" bin; done")
      home.environment["PATH"] = home("bin")
      let bare = try await home.run("doctor")
      home.environment["PATH"] = path
      #expect(bare.status == 1)
      #expect(bare.output.contains("!!  ffmpeg: not found on PATH\n     apt-get install ffmpeg\n"))
      #expect(bare.output.contains("ok  sha256sum: "))
      #expect(bare.output.contains("ok  schema: current"))
    }
  }

  @Test func `a server killed under a worker is started again, and nothing is lost`() async throws {
    try await TestHome.withoutDatabase { home in
      let clip =
        #"echo $$ >> "$HOME_OF_TEST/pids"; while [ ! -e "$HOME_OF_TEST/go" ]; do sleep 0.05; done; cp "$PICTURES/clip.mp4" "$OUTPUT""#
      try await home.openProduction(Production(sceneTypes: ["chase", "walk"], clip: clip))
      try await home.say("variants where status=review | approve")
      let worker = try home.start("worker", "--slots", "2", "--drain")
      #expect(await eventually { home.processes("pids").count == 2 })
      let server = try #require(home.processes("data/callsheet/postgres/data/postmaster.pid").first)
      kill(server, SIGKILL)
      #expect(await eventually { isGone(server) })
      try home.write("go", "")
      // The generators end meanwhile, and the worker has results and nobody to tell them to.
      #expect(await eventually { home.processes("pids").prefix(2).allSatisfy(isGone) })
      #expect(try await home.run("db", "start").status == 0)
      let ending = await worker.ended()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(try await home.count("cells where status=qa_review") == 2)
      #expect(try await home.count("segments where status=completed") == 4)
      #expect(home.files("media/takes").filter { $0.hasSuffix(".mp4") }.count == 4)
      try await home.expectTruth()
    }
  }

  @Test func `a prompt's shell outlives the server and says what happened`() async throws {
    try await TestHome.withoutDatabase { home in
      let file = try await Production().write(to: home)
      try await home.say("apply \"\(file)\"")
      let shell = try home.start("-o", "csv", "--on-error", "continue")
      shell.type("characters | count;\n")
      #expect(await eventually { shell.output.contains("1") })
      let server = try #require(home.processes("data/callsheet/postgres/data/postmaster.pid").first)
      kill(server, SIGKILL)
      #expect(await eventually { isGone(server) })
      shell.type("characters | count;\n")
      shell.endInput()
      let ending = await shell.ended()
      #expect(ending.status == 2, "\(ending)")
      #expect(ending.errors.contains("connection"), "\(ending)")
      // Whoever comes next finds it as it was.
      #expect(try await home.count("characters") == 1)
    }
  }
}

extension TestHome {
  fileprivate var cluster: String { self("data/callsheet/postgres") }
}

/// What an ordinary user sees, tried by root as `nobody`.
@Suite(.enabled("other users can be tried") { geteuid() == 0 })
struct `An ordinary user` {
  private func withUser(_ body: @Sendable (TestHome) async throws -> Void) async throws {
    try await TestHome.withoutDatabase { home in
      // The checkout may lie where only root may go.
      let copied = try await home.bash("cp \"$callsheet\" callsheet && chown -R nobody: .")
      try #require(copied.status == 0, "\(copied.errors)")
      try await body(home)
    }
  }

  @Test func `makes the database, works and stops it`() async throws {
    try await withUser { home in
      let file = try await Production().write(to: home)
      let applied = try await home.bash(
        "runuser -u nobody -- ./callsheet -c 'apply \"\(file)\"' -c 'create run spring'")
      #expect(applied.status == 0, "\(applied.errors)")
      let owner = try await home.bash("stat -c %U data/callsheet/postgres/data media/sources")
      #expect(owner.output == "nobody\nnobody\n")
      let worker = try await home.bash("runuser -u nobody -- ./callsheet worker --drain")
      #expect(worker.status == 0, "\(worker.errors)")
      let sources = try await home.bash(
        "runuser -u nobody -- ./callsheet -o csv -c 'sources where status=passed | count'")
      #expect(sources.output.contains("1"), "\(sources)")
      #expect(try await home.bash("runuser -u nobody -- ./callsheet db stop").status == 0)
    }
  }

  @Test func `is told of a media folder that may not be written`() async throws {
    try await withUser { home in
      let file = try await Production().write(to: home)
      try await home.bash("mkdir media && chown root: media && chmod 755 media")
      let applied = try await home.bash("runuser -u nobody -- ./callsheet -c 'apply \"\(file)\"'")
      #expect(applied.status == 3)
      #expect(
        applied.errors.contains("media folder") && applied.errors.contains("ermission denied"), "\(applied.errors)")
      #expect(applied.errors.contains("CALLSHEET_MEDIA"))
      let doctor = try await home.bash("runuser -u nobody -- ./callsheet doctor")
      #expect(doctor.status == 1)
      #expect(doctor.output.contains("\(home("media")) is not writable"))
      try await home.bash("runuser -u nobody -- ./callsheet db stop")
    }
  }

  @Test func `is told of a data folder that may not be written`() async throws {
    try await withUser { home in
      try await home.bash("mkdir data && chown root: data && chmod 755 data")
      let refused = try await home.bash("runuser -u nobody -- ./callsheet -c users")
      #expect(refused.status == 2)
      #expect(refused.errors.contains(home("data/callsheet")) && refused.errors.contains("XDG_DATA_HOME"))
    }
  }
}

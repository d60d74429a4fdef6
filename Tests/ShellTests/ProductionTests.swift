import Foundation
import SQLText
import Testing

@Suite struct `A production from pictures to a package` {
  @Test func `goes all the way through the binary`() async throws {
    try await TestHome.with { home in
      try await home.openProduction(
        Production(characters: [("Aria", "aria.png"), ("Bo", "bo.png")], sceneTypes: ["chase", "walk"]))
      #expect(try await home.count("variants where status=review") == 2)
      #expect(try await home.count("cells where status=blocked") == 4)
      try await home.approveAll()
      try await home.expectTruth()
      let delivered = try await home.run("--user", "ono", "-c", "deliver spring to=\"package\"")
      #expect(delivered.status == 0, "\(delivered.errors)")
      #expect(delivered.output.hasPrefix("spring delivered: 4 videos"))
      let sums = try await home.bash("cd package && sha256sum -c --strict SHA256SUMS")
      #expect(sums.status == 0, "\(sums.output)")
      #expect(sums.output.split(separator: "\n").count == 6)
      #expect(home.files("package").count == 7)
      try expectManifest(home)
      let index = try String(contentsOfFile: home("package/index.csv"), encoding: .utf8)
      #expect(index.split(whereSeparator: \.isNewline).count == 5)
      try await home.expectTruth()
    }
  }

  private func expectManifest(_ home: TestHome) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: home("package/manifest.json")))
    let manifest = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(manifest["project"] as? String == "film")
    #expect(manifest["run"] as? String == "spring")
    #expect(manifest["delivered_by"] as? String == "ono")
    let cells = try #require(manifest["cells"] as? [[String: Any]])
    #expect(cells.count == 4)
    for cell in cells {
      #expect(cell["status"] as? String == "delivered")
      #expect(cell["approved_by"] as? String == "mira")
      #expect(cell["take"] as? Int == 1)
      let segments = try #require(cell["segments"] as? [[String: Any]])
      #expect(segments.map { $0["generator"] as? String } == ["clip", "clip"])
      #expect(segments.allSatisfy { ($0["sha256"] as? String)?.count == 64 && $0["attempt"] as? Int == 1 })
      let video = try #require(cell["video"] as? [String: Any])
      #expect(video["frames"] as? Int == 12)
      #expect(video["seconds"] as? Double == 1)
      let inputs = try #require(cell["inputs"] as? [[String: Any]])
      #expect(inputs.map { $0["role"] as? String } == ["source", "variant"])
    }
  }

  @Test func `delivering is refused while something is not approved, and where something is already`() async throws {
    try await TestHome.with { home in
      try await home.openProduction()
      let early = try await home.run("-c", "deliver spring to=\"package\"")
      #expect(early.status == 3)
      #expect(early.output.isEmpty)
      #expect(early.errors.contains("spring cannot be delivered: 1 cells are not approved"))
      #expect(early.errors.contains("1 blocked: Aria / chase / coat"))
      #expect(!home.exists("package"))
      try await home.approveAll()
      try home.write("package/mine.txt", "mine")
      let taken = try await home.run("-c", "deliver spring to=\"package\"")
      #expect(taken.status == 3)
      #expect(taken.errors.contains("\(home("package")) is there already"))
      #expect(home.files("package") == ["mine.txt"])
      #expect(try await home.run("-c", "deliver spring").status == 0)
      let again = try await home.run("-c", "deliver spring")
      #expect(again.status == 3)
      #expect(again.errors.contains("is there already"))
      #expect(home.files("deliveries").count == 4)
      #expect(try await home.count("deliveries") == 1)
    }
  }

  @Test func `delivered twice at once there is one package and one clear refusal`() async throws {
    try await TestHome.with { home in
      try await home.openProduction()
      try await home.approveAll()
      let both = [
        try home.start("-c", "deliver spring to=\"package\""), try home.start("-c", "deliver spring to=\"package\""),
      ]
      var endings: [Ending] = []
      for invocation in both { endings.append(await invocation.ended()) }
      #expect(endings.map(\.status).sorted() == [0, 3], "\(endings)")
      let refused = try #require(endings.first { $0.status == 3 })
      #expect(refused.errors.contains("is under way already") || refused.errors.contains("is there already"))
      #expect(try await home.bash("cd package && sha256sum -c --strict --quiet SHA256SUMS").status == 0)
      #expect(try await home.count("deliveries where status=completed") == 1)
      #expect(!home.files("").contains { $0.contains(".partial") })
      try await home.expectTruth()
    }
  }

  @Test func `a delivery killed while it packs leaves no half package and can be started again`() async throws {
    try await TestHome.with { home in
      try await home.openProduction()
      try await home.approveAll()
      // Packing waits in ffmpeg until the test lets it go on.
      try home.write(
        "bin/ffmpeg",
        """
        #!/bin/bash
        echo $$ >> \(home("packers"))
        while [ ! -e \(home("go")) ]; do sleep 0.02; done
        exec \(try await Self.ffmpeg(home)) "$@"
        """, executable: true)
      let path = home.environment["PATH"] ?? ""
      home.environment["PATH"] = home("bin") + ":" + path
      let killed = try home.start("-c", "deliver spring to=\"package\"")
      #expect(await eventually { !home.processes("packers").isEmpty })
      killed.signal(SIGKILL)
      #expect(await killed.ended().status == 137)
      #expect(!home.exists("package"))
      #expect(await eventually { home.processes("packers").allSatisfy(isGone) })
      home.environment["PATH"] = path
      let early = try await home.run("-c", "deliver spring to=\"package\"")
      #expect(early.status == 3)
      #expect(early.errors.contains("is under way already"), "\(early.errors)")
      // The lease of the killed one runs out, and any worker takes it on.
      try await home.execute("update leased_jobs set leased_until = now()")
      try await home.drain()
      #expect(try await home.bash("cd package && sha256sum -c --strict --quiet SHA256SUMS").status == 0)
      #expect(try await home.count("deliveries where status=completed") == 1)
      #expect(!home.exists(".partial-package"))
      try await home.expectTruth()
    }
  }

  private static func ffmpeg(_ home: TestHome) async throws -> String {
    try await home.bash("command -v ffmpeg").output.trimmingCharacters(in: .newlines)
  }
}

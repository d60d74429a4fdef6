import Foundation
import Synchronization
import Testing

@testable import Orchestrator

/// Runs a script as a generator, with the values of an ordinary variant.
private func generate(
  _ folder: TestFolder, _ lines: String, timeLimit: Duration = .seconds(60), grace: Duration = .seconds(5),
  onProgress: @escaping @Sendable (Double) -> Void = { _ in }
) async throws -> GeneratorOutcome {
  // Read by bash, not executed: a file that was just written is busy for as long as a child of another test, forked
  // meanwhile, has not let go of it.
  try folder.write("generate.sh", lines.utf8)
  let command = GeneratorCommand(template: ["bash", "generate.sh", "{output}", "{character}"], timeLimit: timeLimit)
  return await command.run(values(folder), for: .variant, grace: grace, onProgress: onProgress)
}

private func values(_ folder: TestFolder) -> GeneratorValues {
  GeneratorValues.variant(
    source: folder("source.png"), output: folder("out.png"), character: "Aria 'A' Vale; $(touch pwned)",
    variantType: "coat", width: 8, height: 8, take: 1, attempt: 1, seed: 1, prompt: "", projectDirectory: folder.path)
}

@Suite struct `Generator runs` {
  @Test func `a generator gets its arguments, its folder, an empty input and a small environment`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder, #"printf '%s\n' "$2" "$PWD" > "$1"; read -r line || echo "no input" >> "$1"; env >> "$1""#)
    #expect(outcome.end == .exited(0))
    #expect(outcome.failure == nil)
    let lines = try folder.text("out.png").split(separator: "\n").map(String.init)
    #expect(Array(lines.prefix(3)) == ["Aria 'A' Vale; $(touch pwned)", folder.path, "no input"])
    #expect(!folder.exists("pwned"))
    let names = Set(lines.dropFirst(3).map { String($0.prefix { $0 != "=" }) })
    let known = Set(GeneratorPlaceholder.allCases.filter { $0.isKnown(to: .variant) }.map(\.variable))
    // The last three are bash's own.
    #expect(names == known.union(["PATH", "HOME", "LANG", "PWD", "SHLVL", "_"]))
  }

  @Test func `its status and its last words make the failure`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder, "echo 'model loaded' >&2; echo 'no such style: coat' >&2; echo >&2; exit 3")
    #expect(outcome.end == .exited(3))
    #expect(outcome.failure == "the generator exited with status 3: no such style: coat")
    let full = try await generate(folder, "echo 'out.png: No space left on device' >&2; echo 'giving up' >&2; exit 1")
    #expect(full.failure == "the generator exited with status 1: the disk is full; free some space and retry")
    let killed = try await generate(folder, "kill -9 $$")
    #expect(killed.end == .signalled(9))
  }

  @Test func `progress lines are reported as they come`() async throws {
    let folder = try TestFolder()
    let shares = Mutex<[Double]>([])
    let outcome = try await generate(folder, "echo progress 0.25; echo hello; echo progress 0.5; printf 'progress 1'") {
      share in shares.withLock { $0.append(share) }
    }
    #expect(outcome.end == .exited(0))
    #expect(shares.withLock { $0 } == [0.25, 0.5, 1])
  }

  @Test func `megabytes on both streams leave a bounded log`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder, "echo first >&2; head -c 20000000 /dev/zero | tee /dev/stderr | cat; echo last >&2")
    #expect(outcome.end == .exited(0))
    #expect(outcome.log.hasPrefix("first\n"))
    #expect(outcome.log.hasSuffix("last\n"))
    // A NUL becomes a symbol of three bytes.
    #expect(outcome.log.utf8.count < 3 * (BoundedLog.headLimit + BoundedLog.tailLimit) + 100)
  }

  @Test func `closing its streams does not end it`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(folder, #"exec >&- 2>&-; sleep 0.3; echo late > "$1"; exit 4"#)
    #expect(outcome.end == .exited(4))
    #expect(folder.exists("out.png"))
  }
}

@Suite struct `Generator ends` {
  /// Ignores SIGTERM, and so do its child and grandchild; their ids go to a file.
  private let stubborn = """
    trap '' TERM
    echo $$ > ids
    (trap '' TERM; echo $BASHPID >> ids; (trap '' TERM; echo $BASHPID >> ids; while :; do sleep 60; done) & wait) &
    while [ "$(wc -l < ids)" -lt 3 ]; do sleep 0.01; done
    echo progress 0.5
    while :; do sleep 60; done
    """

  @Test func `at the time limit it dies, also when it ignores SIGTERM`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder, "trap '' TERM; echo $$ > ids; while :; do sleep 60; done", timeLimit: .seconds(2),
      grace: .milliseconds(200))
    #expect(outcome.end == .timedOut)
    #expect(outcome.failure?.hasPrefix("the generator took longer than its time limit") == true)
    // No ids: it was ended before it could write them.
    for id in (try? processes(folder, "ids")) ?? [] { #expect(await eventually { isGone(id) }) }
  }

  @Test func `cancelling the task kills the whole group`() async throws {
    let folder = try TestFolder()
    let started = AsyncStream<Void>.makeStream()
    let run = Task {
      try await generate(folder, stubborn, grace: .milliseconds(200)) { _ in started.continuation.yield() }
    }
    for await _ in started.stream { break }
    run.cancel()
    #expect(try await run.value.end == .cancelled)
    for id in try processes(folder, "ids") { #expect(await eventually { isGone(id) }) }
  }

  @Test func `SIGTERM comes first, and what it lets the generator do is done`() async throws {
    let folder = try TestFolder()
    let started = AsyncStream<Void>.makeStream()
    let run = Task {
      try await generate(
        folder, "trap 'echo tidied > tidied; exit 0' TERM; echo progress 0.5; while :; do sleep 0.05; done",
        grace: .seconds(60)
      ) { _ in started.continuation.yield() }
    }
    for await _ in started.stream { break }
    run.cancel()
    #expect(try await run.value.end == .cancelled)
    #expect(folder.exists("tidied"))
  }

  @Test func `a task that is already cancelled starts nothing`() async throws {
    let folder = try TestFolder()
    let run = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await generate(folder, "echo > started")
    }
    run.cancel()
    #expect(try await run.value.end == .cancelled)
    #expect(!folder.exists("started"))
  }

  @Test func `children that are left behind end with the generator`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder,
      "(trap '' TERM HUP; echo $BASHPID > ids; exec sleep 600) & while [ ! -s ids ]; do sleep 0.01; done; exit 0")
    #expect(outcome.end == .exited(0))
    let ids = try processes(folder, "ids")
    #expect(ids.count == 1)
    for id in ids { #expect(await eventually { isGone(id) }) }
  }

  @Test func `a child in a session of its own that floods the stream cannot hold the attempt`() async throws {
    let folder = try TestFolder()
    let outcome = try await generate(
      folder, "setsid bash -c 'echo $$ > ids; exec yes' & while [ ! -s ids ]; do sleep 0.01; done; exit 0")
    #expect(outcome.end == .exited(0))
    for id in try processes(folder, "ids") { kill(id, SIGKILL) }
  }

  @Test func `the group dies even when the worker is killed`() async throws {
    let folder = try TestFolder()
    let path: String = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let command = GeneratorCommand(template: ["bash", "generate.sh", "{output}"], timeLimit: .seconds(60))
      let values = GeneratorValues.variant(
        source: "", output: "", character: "", variantType: "", width: 8, height: 8, take: 1, attempt: 1, seed: 1,
        prompt: "", projectDirectory: path)
      try """
      (echo $BASHPID > ids; exec sleep 600) &
      while [ ! -s ids ]; do sleep 0.01; done
      echo $$ >> ids; sleep 1; echo progress 0.5; wait
      """.write(toFile: "\(path)/generate.sh", atomically: true, encoding: .utf8)
      _ = await command.run(values, for: .variant) { _ in kill(getpid(), SIGKILL) }
    }
    let ids = try processes(folder, "ids")
    #expect(ids.count == 2)
    for id in ids { #expect(await eventually { isGone(id) }) }
  }
}

@Suite struct `Generators that do not start` {
  private func end(_ folder: TestFolder, _ template: String...) async -> String? {
    let command = GeneratorCommand(template: template + ["{output}"], timeLimit: .seconds(10))
    return await command.run(values(folder), for: .variant).failure
  }

  @Test func `each reason is told with its remedy`() async throws {
    let folder = try TestFolder()
    let start = "the generator could not be started: "
    #expect(await end(folder, "./no.sh") == start + "\(folder.path)/./no.sh is not there")
    try folder.write("plain.sh", "#!/bin/sh\n".utf8)
    #expect(
      await end(folder, "./plain.sh")
        == start + "\(folder.path)/./plain.sh may not be executed: chmod +x \(folder.path)/./plain.sh")
    try folder.script("orphan.sh", "", interpreter: "/no/such/interpreter")
    #expect(
      await end(folder, "./orphan.sh")
        == start + "\(folder.path)/./orphan.sh cannot be run: is the program in its first line (#!) installed?")
    #expect(await end(folder, folder.path) == start + "\(folder.path) is a folder")
    #expect(await end(folder, "no-such-program-here")?.contains("no-such-program-here is not in /") == true)
    #expect(await end(folder, "{nonsense}") == start + "no placeholder {nonsense}")
  }
}

import Foundation
import SQLText
import Testing

@Suite struct `Bad input ends in one clear sentence` {
  /// The look's generator and what is then said of it.
  @Test(arguments: [
    ("true", "wrote nothing to {output}"),
    (": > \"$OUTPUT\"", "wrote an empty file"),
    ("echo 'out of paint' >&2; exit 7", "the generator exited with status 7: out of paint"),
    ("mkdir \"$OUTPUT\"", "not a regular file"),
    ("echo text > \"$OUTPUT\"", "the generated picture is not as ordered"),
    ("cp \"$PICTURES/clip.mp4\" \"$OUTPUT\"", "the generated picture is not as ordered"),
    ("kill -SEGV $$", "the generator was ended by signal 11"),
  ])
  func `a generator that fails`(_ look: String, _ sentence: String) async throws {
    try await TestHome.with { home in
      try await home.openProduction(Production(attempts: 1, look: look))
      let failed = try await home.run("-o", "json", "-c", "variants | pick status, error").rows()
      #expect(failed.first?["status"] as? String == "failed")
      let error = try #require(failed.first?["error"] as? String)
      #expect(error.contains(sentence), "\(error)")
      let why = try await home.run("-c", "cells where status=blocked | why")
      #expect(why.output.contains(sentence), "\(why.output)")
      #expect(home.files("media/variants").isEmpty)
      try await home.expectTruth()
    }
  }

  @Test func `a generator that never ends is ended at its time limit, with its children`() async throws {
    try await TestHome.with { home in
      let look = #"sleep 600 & echo $! $$ | tr ' ' '\n' >> "$HOME_OF_TEST/pids"; wait"#
      try await home.openProduction(Production(timeLimit: "1s", attempts: 1, look: look))
      let failed = try await home.run("-o", "json", "-c", "variants | pick status, error").rows()
      #expect((failed.first?["error"] as? String)?.contains("longer than its time limit") == true, "\(failed)")
      #expect(home.processes("pids").count == 2)
      #expect(await eventually { home.processes("pids").allSatisfy(isGone) })
      try await home.expectTruth()
    }
  }

  @Test func `a generator that prints megabytes works, and its log stays small`() async throws {
    try await TestHome.with { home in
      let look =
        #"head -c 8000000 /dev/zero | tr '\0' 'x'; head -c 8000000 /dev/zero | tr '\0' 'y' >&2; cp "$PICTURES/look.png" "$OUTPUT""#
      try await home.openProduction(Production(look: look))
      #expect(try await home.count("variants where status=review") == 1)
      let bytes = try await home.number("select coalesce(max(octet_length(log)), 0) from attempts")
      #expect(bytes > 60_000 && bytes < 80_000)
    }
  }

  /// ffmpeg makes none so large.
  private static let wall = """
    python3 -c '
    import struct, sys, zlib
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    size = 20000
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(size + 1)) for _ in range(size)) + packer.flush()
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    whole = bytes.fromhex("89504e470d0a1a0a") + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    open(sys.argv[1], "wb").write(whole)'
    """

  /// A bad picture of one character, and what is said of it; the other goes on.
  @Test(arguments: [
    ("text", "printf 'Dear all,\\nthe picture follows.\\n' > PICTURE", "picture"),
    ("nothing", ": > PICTURE", "empty"),
    ("a point", "ffmpeg -v error -f lavfi -i color=red:s=16x16,format=rgb24,scale=1:1 -frames:v 1 PICTURE", "1 x 1"),
    ("a wall", "\(wall) PICTURE", "20000 x 20000, at most 8192"),
    ("half", "head -c 3000 ../pictures/source.png > PICTURE", "damaged or cut short"),
  ])
  func `a bad picture blocks its own character alone`(_ name: String, _ make: String, _ word: String) async throws {
    try await TestHome.with { home in
      let pictures = try await Pictures.shared.value
      try home.write("pictures/source.png", bytes: pictures.source)
      try home.write("film/aria.png", bytes: pictures.source)
      let made = try await home.bash("cd film && \(make.replacing("PICTURE", with: "bad.png"))")
      #expect(made.status == 0, "\(made.errors)")
      try await home.openProduction(Production(characters: [("Aria", "aria.png"), ("Bo", "bad.png")]))
      let sources = try await home.run("-o", "json", "-c", "sources | sort character | pick character, status").rows()
      #expect(sources.map { $0["status"] as? String } == ["passed", "failed"])
      let why = try await home.run("-c", "cells where character=Bo | why")
      #expect(why.output.contains("Bo"))
      #expect(why.output.contains(word), "\(why.output)")
      #expect(why.output.contains("production.yaml"))
      try await home.approveAllOf("Aria")
      #expect(try await home.count("cells where character=Bo and status=blocked") == 1)
      // Mended, it goes on from there.
      try home.write("film/bad.png", bytes: pictures.source)
      try await home.say("apply \"film/production.yaml\"")
      try await home.drain()
      #expect(try await home.count("variants where character=Bo and status=review") == 1)
      try await home.expectTruth()
    }
  }

  @Test func `a media folder that cannot be is told at once`() async throws {
    try await TestHome.with { home in
      let file = try await Production().write(to: home)
      try home.write("media", "a file where the folder should be")
      let applied = try await home.run("-c", "apply \"\(file)\"")
      #expect(applied.status == 3)
      #expect(applied.errors.contains("media folder"))
      #expect(applied.errors.contains(home("media")))
      #expect(try await home.number("select count(*) from projects") == 0)
      let doctor = try await home.run("doctor")
      #expect(doctor.status == 1)
      #expect(doctor.output.contains("!!  media folder"))
    }
  }

  @Test func `a media folder that stops being one fails the attempt and says so`() async throws {
    try await TestHome.with { home in
      var production = Production()
      production.attempts = 1
      let file = try await production.write(to: home)
      try await home.say("apply \"\(file)\"", "create run spring")
      try await home.drain()
      try home.write("media/variants", "a file where the folder should be")
      try await home.say("cells where true | submit")
      try await home.drain()
      let failed = try await home.run("-o", "json", "-c", "variants | pick status, error").rows()
      #expect((failed.first?["error"] as? String)?.contains("media/variants") == true, "\(failed)")
      try FileManager.default.removeItem(atPath: home("media/variants"))
      try await home.say("cells where true | submit")
      try await home.drain()
      let again = try await home.run("-o", "json", "-c", "variants | pick status, error").rows()
      #expect(again.first?["status"] as? String == "review", "\(again)")
      try await home.expectTruth()
    }
  }

  @Test func `a second file of one project name is refused, or takes the project over when that is meant`() async throws
  {
    try await TestHome.with { home in
      let first = try await Production().write(to: home)
      let second = try await Production(characters: [("Bo", "bo.png")]).write(to: home, folder: "other")
      try await home.say("apply \"\(first)\"")
      let refused = try await home.run("-c", "apply \"\(second)\"")
      #expect(refused.status == 3, "\(refused.errors)")
      #expect(refused.errors.contains("the project film belongs to \(home("film"))"), "\(refused.errors)")
      let applied = try await home.run("--yes", "-c", "apply \"\(second)\"")
      #expect(applied.status == 0, "\(applied.errors)")
      #expect(applied.output.contains("~ 1 folder: \(home("film")) -> \(home("other"))"), "\(applied.output)")
      #expect(applied.output.contains("kept, though no longer in the file: character Aria"))
      #expect(try await home.number("select count(*) from projects") == 1)
    }
  }
}

extension TestHome {
  fileprivate func approveAllOf(_ character: String) async throws {
    try await say("variants where character=\(character) and status=review | approve")
    try await drain()
    try await say("cells where character=\(character) and status=qa_review | approve")
    #expect(try await count("cells where character=\(character) and status=approved") == 1)
  }
}

/// Disks of a few hundred kilobytes, which only root may mount.
@Suite(.enabled(if: geteuid() == 0, "only root can mount a disk that fills up"))
struct `A disk that is full` {
  private func withDisk(
    _ folder: String, size: String, _ body: @Sendable (TestHome) async throws -> Void
  ) async throws {
    try await TestHome.with { home in
      let mounted = try await home.bash("mkdir -p \(folder) && mount -t tmpfs -o size=\(size) tmpfs \(folder)")
      try #require(mounted.status == 0, "\(mounted.errors)")
      do {
        try await body(home)
        try await home.bash("umount --lazy \(folder)")
      } catch {
        try await home.bash("umount --lazy \(folder)")
        throw error
      }
    }
  }

  @Test func `while generating: the attempt fails and says so, and goes on when there is room`() async throws {
    try await withDisk("media", size: "400k") { home in
      var production = Production(attempts: 1)
      production.look = #"dd if=/dev/zero of="$OUTPUT.more" bs=1M count=4; cp "$PICTURES/look.png" "$OUTPUT""#
      try await home.openProduction(production)
      let failed = try await home.run("-o", "json", "-c", "variants | pick status, error").rows()
      #expect(failed.first?["status"] as? String == "failed")
      #expect((failed.first?["error"] as? String)?.contains("is full: free some space and retry") == true, "\(failed)")
      try await home.expectTruth()
      try await home.bash("rm -rf media/variants; sed -i 's/^dd[^;]*;//' film/look.sh")
      try await home.say("cells where true | submit")
      try await home.drain()
      #expect(try await home.count("variants where status=review") == 1)
      try await home.expectTruth()
    }
  }

  @Test func `while packing: nothing is delivered, nothing is left, and it can be started again`() async throws {
    try await withDisk("out", size: "64k") { home in
      try await home.openProduction(Production(segments: 8))
      try await home.approveAll()
      let refused = try await home.run("-c", "deliver spring to=\"out/package\"")
      #expect(refused.status == 3)
      #expect(refused.errors.contains("full"), "\(refused.errors)")
      #expect(home.files("out").isEmpty)
      try await home.expectTruth()
      try await home.bash("mount -o remount,size=20m out")
      #expect(try await home.run("-c", "deliver spring to=\"out/package\"").status == 0)
      #expect(try await home.bash("cd out/package && sha256sum -c --strict --quiet SHA256SUMS").status == 0)
    }
  }
}

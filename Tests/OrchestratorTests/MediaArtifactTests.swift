import Foundation
import Model
import Store
import Testing

@testable import Orchestrator

@Suite struct `Artifacts` {
  @Test func `what was written is hashed and moved, and nothing else is left`() async throws {
    let folder = try TestFolder()
    let output = AttemptOutput(folder: folder("a/b"), name: "segment-1-attempt-7", suffix: "mp4")
    try await output.prepare()
    try folder.write("a/b/.partial-segment-1-attempt-7.mp4", "abc".utf8)
    let artifact = try await output.publish()
    #expect(artifact.path == folder("a/b/segment-1-attempt-7.mp4"))
    #expect(artifact.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(artifact.bytes == 3)
    #expect(folder.files() == ["a/b/segment-1-attempt-7.mp4"])
  }

  @Test func `nothing, an empty file, a folder and a link are each refused`() async throws {
    let folder = try TestFolder()
    let output = AttemptOutput(folder: folder.path, name: "x", suffix: "png")
    await #expect(throws: ArtifactError.nothingWritten) { try await output.publish() }
    try folder.write(".partial-x.png", [])
    await #expect(throws: ArtifactError.empty) { try await output.publish() }
    #expect(folder.files().isEmpty)
    mkdir(output.partial, 0o755)
    await #expect(throws: ArtifactError.notAFile) { try await output.publish() }
    try folder.write("elsewhere.png", "abc".utf8)
    symlink(folder("elsewhere.png"), output.partial)
    await #expect(throws: ArtifactError.notAFile) { try await output.publish() }
    #expect(folder.files() == ["elsewhere.png"])
  }

  @Test func `what earlier attempts left half-written is gone before the next writes, and nothing else`() async throws {
    let folder = try TestFolder()
    let media = MediaFolder(root: folder.path)
    func output(_ job: Int64, _ attempt: Int) -> AttemptOutput {
      media.output(AttemptID(job: JobID(job), attempt: attempt), of: .segment(TakeID(7), number: 2))
    }
    try await output(5, 1).prepare()
    for (job, attempt) in [(5, 1), (5, 2), (5, 4), (6, 1)] as [(Int64, Int)] {
      try folder.write(String(output(job, attempt).partial.dropFirst(folder.path.count + 1)), "half".utf8)
    }
    try folder.write("takes/7/segment-2-j5a1.mp4", "whole".utf8)
    try await output(5, 3).prepare()
    #expect(
      folder.files().sorted() == [
        "takes/7/.partial-segment-2-j5a4.mp4", "takes/7/.partial-segment-2-j6a1.mp4", "takes/7/segment-2-j5a1.mp4",
      ])
  }

  @Test func `a second result cannot replace the first`() async throws {
    let folder = try TestFolder()
    let output = AttemptOutput(folder: folder.path, name: "x", suffix: "png")
    try folder.write(".partial-x.png", "first".utf8)
    _ = try await output.publish()
    try folder.write(".partial-x.png", "second".utf8)
    await #expect(throws: ArtifactError.alreadyThere(path: output.path)) { try await output.publish() }
    #expect(try folder.text("x.png") == "first")
    #expect(folder.files() == ["x.png"])
  }

  @Test func `of many who finish at once one wins`() async throws {
    let folder = try TestFolder()
    let won = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          let name = ".partial-\(number)"
          return (try? folder.write(name, "\(number)".utf8)) != nil
            && (try? moveWithoutOverwriting(folder(name), to: folder("x"))) != nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(won == 1)
  }

  @Test func `a folder that is a file cannot be prepared`() async throws {
    let folder = try TestFolder()
    try folder.write("file", "x".utf8)
    let output = AttemptOutput(folder: folder("file/media"), name: "x", suffix: "png")
    let error = await #expect(throws: ArtifactError.self) { try await output.prepare() }
    guard case .notWritable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `checksums are of each file in order, also of odd names`() async throws {
    let folder = try TestFolder()
    try folder.write("-a\\ \n'b", "abc".utf8)
    let many = try (0..<150).map { try folder.write("\($0)", "".utf8) }
    let sums = try await Checksum.sha256(of: many + [folder("-a\\ \n'b")])
    #expect(sums.count == 151)
    #expect(sums.last == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    await #expect(throws: MediaToolError.self) { try await Checksum.sha256(of: folder("missing")) }
  }
}

/// A disk of a few kilobytes, which only root may mount.
final class TinyDisk: Sendable {
  static var canBeMade: Bool {
    get async {
      guard let disk = try? await TinyDisk(options: "size=64k") else { return false }
      return await disk.remove()
    }
  }

  let folder: TestFolder

  init(options: String) async throws {
    folder = try TestFolder()
    _ = try await MediaTool(
      program: "mount", arguments: ["-t", "tmpfs", "-o", options, "tmpfs", folder.path], timeLimit: .seconds(10)
    ).output()
  }

  @discardableResult
  func remove() async -> Bool {
    let tool = MediaTool(program: "umount", arguments: ["--lazy", folder.path], timeLimit: .seconds(10))
    return (try? await tool.output()) != nil
  }
}

@Suite(.enabled("a disk can be mounted") { await TinyDisk.canBeMade })
struct `Full disks` {
  @Test func `a generator on a full disk ends in one clear sentence`() async throws {
    let disk = try await TinyDisk(options: "size=256k")
    let output = AttemptOutput(folder: disk.folder("media"), name: "x", suffix: "png")
    try await output.prepare()
    let command = GeneratorCommand(
      template: ["dd", "if=/dev/zero", "of={output}", "bs=1M", "count=4"], timeLimit: .seconds(30))
    var values = GeneratorValues()
    values[.output] = output.partial
    values[.projectDirectory] = "/"
    let outcome = await command.run(values, for: .variant)
    #expect(outcome.end == .exited(1))
    let sentence = "the disk of \(output.folder) is full: free some space and retry"
    #expect(await output.diskProblem() == sentence)
    await output.discard()
    #expect(disk.folder.files().isEmpty)
    #expect(await output.diskProblem() == nil)
    try FileManager.default.createDirectory(atPath: output.folder, withIntermediateDirectories: true)
    _ = await command.run(values, for: .variant)
    await #expect(throws: ArtifactError.diskFull(folder: output.folder)) {
      try await AttemptOutput(folder: output.folder, name: "y", suffix: "png").prepare()
    }
    await disk.remove()
  }

  @Test func `a disk that may not be written is told with its remedy`() async throws {
    let disk = try await TinyDisk(options: "size=1m,ro")
    let output = AttemptOutput(folder: disk.folder("media"), name: "x", suffix: "png")
    let cause =
      "\(output.folder) may not be written (Read-only file system): choose another folder, or let this user write there"
    await #expect(throws: ArtifactError.notWritable(cause: cause)) { try await output.prepare() }
    await disk.remove()
  }

  @Test func `a disk that takes no more names is full as well`() async throws {
    let disk = try await TinyDisk(options: "size=1m,nr_inodes=2")
    let output = AttemptOutput(folder: disk.folder("a/b/c"), name: "x", suffix: "png")
    await #expect(throws: ArtifactError.diskFull(folder: output.folder)) { try await output.prepare() }
    await disk.remove()
  }
}

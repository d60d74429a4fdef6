import Foundation
import Synchronization
import Testing

@testable import Orchestrator

/// A run of two characters on real clips: three cells approved, one skipped.
struct DeliveryFixture {
  let folder: TestFolder
  var description: DeliveryDescription

  var target: String { folder("deliveries/spring") }

  /// Made once for all tests.
  private static let clips = Task {
    let folder = try TestFolder()
    var clips: [Data] = []
    for picture in ["testsrc2", "testsrc", "rgbtestsrc"] {
      clips.append(try Data(contentsOf: URL(fileURLWithPath: await folder.clip("clip.mp4", picture))))
    }
    return clips
  }

  init() async throws {
    let folder = try TestFolder()
    self.folder = folder
    let clips = try await Self.clips.value
    let paths = ["it's 1.mp4", "2.mp4", "3.mp4"].map { folder($0) }
    for (clip, path) in zip(clips, paths) { try clip.write(to: URL(fileURLWithPath: path)) }
    let sums = try await Checksum.sha256(of: paths)
    func scene(_ numbers: Int...) -> DeliveryDescription.Outcome {
      let segments = numbers.map {
        DeliveryDescription.Segment(
          path: paths[$0], sha256: sums[$0], generator: "clip", attempt: 1, generatedInSeconds: 0.25)
      }
      let source = DeliveryDescription.Input(role: "source", name: "sources/aria.png", sha256: sums[0])
      return .approved(
        .init(
          take: 2, approvedBy: "ono", approvedAt: Date(timeIntervalSince1970: 60), inputs: [source], segments: segments)
      )
    }
    func cell(_ character: String, _ sceneType: String, _ outcome: DeliveryDescription.Outcome)
      -> DeliveryDescription.Cell
    { DeliveryDescription.Cell(character: character, sceneType: sceneType, variantType: "coat", outcome: outcome) }
    description = DeliveryDescription(
      project: "neon-city", run: "spring", deliveredBy: "mira", deliveredAt: Date(timeIntervalSince1970: 0),
      cells: [
        cell("Aria Vale", "alley_chase", scene(0, 1)), cell("Aria Vale", "rooftop, \"walk\"", scene(2)),
        cell("Bo / Okafor", "alley_chase", scene(1, 0, 2)),
        cell("Bo / Okafor", "rooftop, \"walk\"", .skipped(reason: "cut from the script,\nfor now")),
      ])
  }
}

@Suite struct `Deliveries` {
  @Test func `a package is what sha256sum and ffprobe confirm`() async throws {
    let fixture = try await DeliveryFixture()
    let seen = Mutex<[DeliveryProgress]>([])
    let packager = DeliveryPackager { progress in seen.withLock { $0.append(progress) } }
    let package = try await packager.run(fixture.description, to: fixture.target)
    #expect(package.videos == 3)
    #expect(abs(package.seconds - 6) < 0.01)
    let root = "deliveries/spring/"
    #expect(
      fixture.folder.files().filter { $0.hasPrefix("deliveries/") }.map { String($0.dropFirst(root.count)) } == [
        "SHA256SUMS", "index.csv", "manifest.json", "videos/Aria-Vale/alley_chase--coat.mp4",
        "videos/Aria-Vale/rooftop-walk--coat.mp4", "videos/Bo-Okafor/alley_chase--coat.mp4",
      ])
    let check = MediaTool(
      program: "sha256sum", arguments: ["-c", "--strict", "SHA256SUMS"], workingDirectory: fixture.target,
      timeLimit: .seconds(30))
    #expect(try await String(decoding: check.output(), as: UTF8.self).split(separator: "\n").count == 5)
    let joined = try await VideoProbe.read("\(fixture.target)/videos/Bo-Okafor/alley_chase--coat.mp4")
    #expect(joined?.frames == 36)
    #expect(joined?.width == 320)
    let bytes = try fixture.folder.files().filter { $0.hasPrefix(root) }.reduce(0) {
      try $0 + Data(contentsOf: URL(fileURLWithPath: fixture.folder($1))).count
    }
    #expect(package.bytes == Int64(bytes))
    let progress = seen.withLock { $0 }
    #expect(progress.filter { $0.phase == .validating }.map(\.done).max() == 6)
    #expect(progress.filter { $0.phase == .joining }.map(\.done).max() == 3)
    #expect(progress.last == DeliveryProgress(phase: .finishing, done: 3, total: 3, current: ""))
  }

  @Test func `the joined video plays the segments in their order`() async throws {
    let fixture = try await DeliveryFixture()
    _ = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    func frames(_ path: String) async throws -> [Substring] {
      let tool = MediaTool.ffmpeg(
        ["-i", MediaTool.input(path), "-f", "framemd5", "-"], timeLimit: .seconds(30))
      let lines = try await String(decoding: tool.output(), as: UTF8.self).split(separator: "\n")
      return lines.filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: ",").last }
    }
    guard let scene = fixture.description.cells[2].scene else { return }
    var expected: [Substring] = []
    for segment in scene.segments { expected += try await frames(segment.path) }
    #expect(try await frames("\(fixture.target)/videos/Bo-Okafor/alley_chase--coat.mp4") == expected)
  }

  @Test func `manifest and index tell where every video comes from`() async throws {
    let fixture = try await DeliveryFixture()
    let package = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(fixture.target)/manifest.json"))
    let manifest = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(manifest["project"] as? String == "neon-city")
    #expect(manifest["delivered_at"] as? String == "1970-01-01T00:00:00Z")
    let cells = try #require(manifest["cells"] as? [[String: Any]])
    #expect(cells.count == 4)
    #expect(cells[0]["approved_by"] as? String == "ono")
    #expect(cells[0]["approved_at"] as? String == "1970-01-01T00:01:00Z")
    #expect((cells[0]["segments"] as? [[String: Any]])?.count == 2)
    let video = try #require(cells[0]["video"] as? [String: Any])
    #expect(video["frames"] as? Int == 24)
    #expect(video["sha256"] as? String == (try await Checksum.sha256(of: "\(fixture.target)/\(video["path"] ?? "")")))
    #expect(cells[3]["status"] as? String == "skipped")
    #expect(package.manifestSHA256 == (try await Checksum.sha256(of: "\(fixture.target)/manifest.json")))
    #expect(!String(decoding: data, as: UTF8.self).contains(fixture.folder.path))

    let index = try fixture.folder.text("deliveries/spring/index.csv")
    let rows = index.components(separatedBy: "\r\n")
    #expect(rows.count == 6)
    #expect(rows[0].hasPrefix("character,scene_type,variant_type,status,video,seconds,frames,take,"))
    #expect(
      rows[2].hasPrefix(
        "Aria Vale,\"rooftop, \"\"walk\"\"\",coat,delivered,videos/Aria-Vale/rooftop-walk--coat.mp4,1,12,2,ono,"))
    #expect(rows[4].hasSuffix(",skipped,,,,,,,,\"cut from the script,\nfor now\""))
    #expect(rows[5].isEmpty)
  }

  @Test func `the same takes give the same bytes`() async throws {
    let fixture = try await DeliveryFixture()
    _ = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    _ = try await DeliveryPackager().run(fixture.description, to: fixture.folder("deliveries/again"))
    #expect(
      try fixture.folder.text("deliveries/spring/SHA256SUMS") == fixture.folder.text("deliveries/again/SHA256SUMS"))
  }

  @Test func `names become safe, stay apart and are never empty`() {
    #expect(PackageLayout.safeName("Zoë / 亜 ../x") == "Zoë-亜-..-x")
    #expect(PackageLayout.safeName("../..") == "unnamed")
    #expect(PackageLayout.safeName(String(repeating: "é", count: 100)).utf8.count == 80)
    #expect(PackageLayout.folderName(project: "odd/../proj", run: "r/1") == "odd-..-proj-r-1")
    func cell(_ character: String) -> DeliveryDescription.Cell {
      DeliveryDescription.Cell(
        character: character, sceneType: "s", variantType: "v",
        outcome: .approved(.init(take: 1, approvedBy: "", approvedAt: Date(), inputs: [], segments: [])))
    }
    #expect(
      PackageLayout([cell("A/B"), cell("a b"), cell("A/B")]).videos == [
        "videos/A-B/s--v.mp4", "videos/a-b-2/s--v.mp4", "videos/A-B/s--v-2.mp4",
      ])
  }
}

@Suite struct `Deliveries that fail` {
  private func leavesNothing(_ fixture: DeliveryFixture) -> Bool {
    !fixture.folder.files().contains { $0.hasPrefix("deliveries/") } && !fixture.folder.exists("deliveries/spring")
      && !fixture.folder.exists("deliveries/.partial-spring")
  }

  @Test func `every file that is not what was approved is told`() async throws {
    var fixture = try await DeliveryFixture()
    try fixture.folder.write("2.mp4", "changed".utf8)
    guard case .approved(var scene) = fixture.description.cells[1].outcome else { return }
    let text = try fixture.folder.write("text.mp4", "no video".utf8)
    scene.segments[0].path = text
    scene.segments[0].sha256 = try await Checksum.sha256(of: text)
    fixture.description.cells[1].outcome = .approved(scene)
    let error = await #expect(throws: DeliveryError.self) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target)
    }
    guard case .invalid(let problems) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problems.count == 3)
    #expect(problems.count { $0.contains("2.mp4") && $0.contains("has changed since it was generated") } == 2)
    #expect(
      problems.contains { $0.contains("text.mp4 (Aria Vale, rooftop, \"walk\", coat) is no video that can be read") })
    #expect(leavesNothing(fixture))

    try FileManager.default.removeItem(atPath: fixture.folder("3.mp4"))
    await #expect(throws: DeliveryError.invalid(["\(fixture.folder("3.mp4")) is missing or may not be read"])) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target)
    }
  }

  @Test func `what is there already is left alone`() async throws {
    let fixture = try await DeliveryFixture()
    try FileManager.default.createDirectory(atPath: fixture.target, withIntermediateDirectories: true)
    try fixture.folder.write("deliveries/spring/mine.txt", "x".utf8)
    await #expect(throws: DeliveryError.targetExists(path: fixture.target)) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target)
    }
    #expect(fixture.folder.files().filter { $0.hasPrefix("deliveries/") } == ["deliveries/spring/mine.txt"])
  }

  @Test func `what its own earlier try finished is delivered, if it is still whole`() async throws {
    var fixture = try await DeliveryFixture()
    fixture.description.mark = "7-1"
    let first = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    let before = fixture.folder.files()
    // As after a crash between the package's last name and the database's word on it.
    #expect(try await DeliveryPackager().run(fixture.description, to: fixture.target) == first)
    #expect(fixture.folder.files() == before)

    var other = fixture.description
    other.mark = "8-1"
    await #expect(throws: DeliveryError.targetExists(path: fixture.target)) {
      try await DeliveryPackager().run(other, to: fixture.target)
    }
    try fixture.folder.write("deliveries/spring/index.csv", "changed".utf8)
    await #expect(throws: DeliveryError.targetExists(path: fixture.target)) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target)
    }
    await DeliveryPackager.discard(fixture.target, mark: "8-1")
    #expect(fixture.folder.exists("deliveries/spring"))
    await DeliveryPackager.discard(fixture.target, mark: "7-1")
    #expect(leavesNothing(fixture))
  }

  @Test func `what is not wanted any more when it is packed gets no name`() async throws {
    let fixture = try await DeliveryFixture()
    let drift = DeliveryError.drifted(["Aria Vale, alley_chase, coat: take 1 approved, now rejected"])
    await #expect(throws: drift) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target) { throw drift }
    }
    #expect(leavesNothing(fixture))
    #expect("\(drift)".hasPrefix("1 cell has changed since the delivery began:\n  Aria Vale, alley_chase"))
  }

  @Test func `a run without an approved cell is not packed`() async throws {
    var fixture = try await DeliveryFixture()
    fixture.description.cells = [fixture.description.cells[3]]
    await #expect(throws: DeliveryError.nothingToDeliver) {
      try await DeliveryPackager().run(fixture.description, to: fixture.target)
    }
  }

  @Test(arguments: [DeliveryProgress.Phase.validating, .joining, .finishing])
  func `an interrupted delivery leaves nothing and can be started again`(phase: DeliveryProgress.Phase) async throws {
    let fixture = try await DeliveryFixture()
    let run = Mutex<Task<DeliveredPackage, any Error>?>(nil)
    let packager = DeliveryPackager { progress in
      guard progress.phase == phase, progress.done == 0 else { return }
      run.withLock { $0?.cancel() }
    }
    let task = run.withLock { slot in
      let task = Task { try await packager.run(fixture.description, to: fixture.target) as DeliveredPackage }
      slot = task
      return task
    }
    await #expect(throws: DeliveryError.cancelled) { try await task.value }
    #expect(leavesNothing(fixture))
    _ = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    #expect(!fixture.folder.exists("deliveries/.partial-spring"))
  }

  @Test func `what a killed delivery left is cleaned by the next`() async throws {
    let fixture = try await DeliveryFixture()
    let left = fixture.folder("deliveries/.partial-spring/videos")
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try fixture.folder.write("deliveries/.partial-spring/videos/half.mp4", "x".utf8)
    let package = try await DeliveryPackager().run(fixture.description, to: fixture.target)
    #expect(!FileManager.default.fileExists(atPath: "\(package.path)/videos/half.mp4"))
    #expect(!fixture.folder.exists("deliveries/.partial-spring"))
  }

  @Test func `two at once make one package`() async throws {
    let fixture = try await DeliveryFixture()
    let results = await withTaskGroup(of: Result<DeliveredPackage, DeliveryError>.self) { group in
      for _ in 0..<4 {
        group.addTask {
          do throws(DeliveryError) {
            return .success(try await DeliveryPackager().run(fixture.description, to: fixture.target))
          } catch {
            return .failure(error)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var packages = 0
    for result in results {
      switch result {
      case .success: packages += 1
      case .failure(let error):
        #expect(error == .underWay(path: fixture.target) || error == .targetExists(path: fixture.target))
      }
    }
    #expect(packages == 1)
    #expect(fixture.folder.exists("deliveries/spring/SHA256SUMS"))
    #expect(!fixture.folder.exists("deliveries/.partial-spring"))
  }
}

@Suite(.enabled("a disk can be mounted") { await TinyDisk.canBeMade })
struct `Deliveries to a full disk` {
  @Test(arguments: ["size=64k", "size=8m,nr_inodes=9"])
  func `are told and leave nothing`(options: String) async throws {
    let fixture = try await DeliveryFixture()
    let disk = try await TinyDisk(options: options)
    let error = await #expect(throws: DeliveryError.self) {
      try await DeliveryPackager().run(fixture.description, to: disk.folder("spring"))
    }
    #expect(error == .diskFull(folder: disk.folder.path))
    #expect(disk.folder.files().isEmpty)
    #expect(!disk.folder.exists(".partial-spring"))
    await disk.remove()
  }
  @Test func `or to one that may not be written is told as well`() async throws {
    let fixture = try await DeliveryFixture()
    let disk = try await TinyDisk(options: "size=8m,ro")
    let error = await #expect(throws: DeliveryError.self) {
      try await DeliveryPackager().run(fixture.description, to: disk.folder("spring"))
    }
    guard case .notWritable(let cause) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(cause.contains("may not be written (Read-only file system)"))
    await disk.remove()
  }
}

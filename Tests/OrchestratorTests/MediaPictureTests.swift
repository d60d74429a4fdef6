import Foundation
import Testing

@testable import Orchestrator

/// A PNG file of one grey; enough to claim any size cheaply.
private func png(width: UInt32, height: UInt32, to name: String, in folder: TestFolder) async throws -> String {
  // Rows of zeros compress to nothing, so that even a huge picture is a small file.
  let program = """
    import sys, zlib, struct
    w, h = int(sys.argv[1]), int(sys.argv[2])
    def chunk(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', zlib.crc32(t + d))
    z = zlib.compressobj(1); data = b''.join(z.compress(b'\\0' * (w + 1)) for _ in range(h)) + z.flush()
    open(sys.argv[3], 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 0, 0, 0, 0))
      + chunk(b'IDAT', data) + chunk(b'IEND', b''))
    """
  _ = try await MediaTool(
    program: "python3", arguments: ["-c", program, "\(width)", "\(height)", folder(name)], timeLimit: .seconds(60)
  ).output()
  return folder(name)
}

@Suite struct `Source pictures` {
  private let check = PictureCheck()

  @Test(arguments: ["png", "jpg", "webp"])
  func `a good picture passes, whatever its name says`(suffix: String) async throws {
    let folder = try TestFolder()
    let made = try await folder.picture("good.\(suffix)", size: "640x800")
    let path = folder("100%d of it.txt")
    try FileManager.default.moveItem(atPath: made, toPath: path)
    let report = try await check.run(path)
    #expect(report.passed, "\(report.reasons)")
    #expect(report.format == (suffix == "jpg" ? "jpeg" : suffix))
    #expect(report.width == 640)
    #expect(report.height == 800)
    #expect(report.bytes == fileSize(path))
    let kept = try JSONDecoder().decode(PictureReport.self, from: JSONEncoder().encode(report))
    #expect(kept == report)
  }

  @Test func `what is no picture has its own sentence`() async throws {
    let folder = try TestFolder()
    let text = try folder.write("text.png", "this is not a picture\n".utf8)
    #expect(try await check.run(text).reasons == ["the file is not a PNG, JPEG or WebP picture: it holds text"])
    let noise = try folder.write("noise.png", [0, 1, 2, 3, 0xFF])
    #expect(try await check.run(noise).reasons == ["the file is not a PNG, JPEG or WebP picture"])
    let empty = try folder.write("empty.png", [])
    #expect(try await check.run(empty).reasons == ["the file is empty (0 bytes)"])
    #expect(try await check.run(folder.path).reasons == ["\(folder.path) is not a file"])
    let missing = try await check.run(folder("no.png"))
    #expect(missing.reasons == ["\(folder("no.png")) cannot be read: No such file or directory"])
    #expect(!missing.passed)
  }

  @Test(arguments: [
    ("61x61", "61 x 61, at least 512 x 512 is needed"),
    ("1x1", "1 x 1, at least 512 x 512 is needed"),
    ("600x500", "600 x 500, at least 512 x 512 is needed"),
    ("520x1100", "520 x 1100 is too narrow: at most 2 times as high as wide is taken"),
    ("1100x520", "1100 x 520 is too wide: at most 2 times as wide as high is taken"),
  ])
  func `a wrong size is told with what is needed`(size: String, reason: String) async throws {
    let folder = try TestFolder()
    let sides = size.split(separator: "x").compactMap { UInt32($0) }
    let report = try await check.run(try await png(width: sides[0], height: sides[1], to: "p.png", in: folder))
    #expect(report.reason == reason)
    #expect(report.spread == nil)
  }

  @Test func `a huge picture is refused by its header`() async throws {
    let folder = try TestFolder()
    let huge = try await check.run(try await png(width: 20000, height: 20000, to: "huge.png", in: folder))
    #expect(huge.reasons == ["20000 x 20000, at most 8192 on a side is taken"])
    #expect(huge.spread == nil)
    let long = try await check.run(try await png(width: 12000, height: 6000, to: "long.png", in: folder))
    #expect(long.reasons == ["12000 x 6000, at most 8192 on a side is taken"])
  }

  @Test func `a blank picture fails and one that differs only in colour does not`() async throws {
    let folder = try TestFolder()
    let blank = try await check.run(try await folder.picture("blank.png", "color=0x808080"))
    #expect(blank.reasons == ["the picture is blank: one even colour"])
    let colours = try await folder.ffmpeg(
      "-f", "lavfi", "-i", "color=0x0000ff:s=320x640[b];color=0x730000:s=320x640[r];[b][r]hstack", "-frames:v", "1",
      to: "colours.png")
    #expect(try await check.run(colours).passed)
  }

  @Test(arguments: ["png", "jpg", "webp"])
  func `a cut file is damaged`(suffix: String) async throws {
    let folder = try TestFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: await folder.picture("whole.\(suffix)")))
    let cut = try folder.write("cut.\(suffix)", whole.prefix(whole.count / 2))
    let report = try await check.run(cut)
    #expect(report.reason.contains("picture cannot be decoded: it is damaged or cut short"))
    let stub = try await check.run(try folder.write("stub.\(suffix)", whole.prefix(20)))
    #expect(!stub.passed)
  }

  @Test func `a generated picture has the size that was ordered`() async throws {
    let folder = try TestFolder()
    let path = try await folder.picture("variant.png", size: "300x700")
    #expect(try await PictureCheck(rules: .exactly(width: 300, height: 700)).run(path).passed)
    let other = try await PictureCheck(rules: .exactly(width: 512, height: 512)).run(path)
    #expect(other.reasons == ["300 x 700, but 512 x 512 was ordered"])
  }
}

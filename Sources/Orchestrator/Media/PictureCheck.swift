import Foundation

/// Checks source images and generated pictures with ffprobe and ffmpeg.
public struct PictureCheck: Sendable {
  public let rules: PictureRules
  public let timeLimit: Duration

  public init(rules: PictureRules = PictureRules(), timeLimit: Duration = .seconds(30)) {
    self.rules = rules
    self.timeLimit = timeLimit
  }

  /// Looks at the file's first bytes, then at its header, and decodes it only when its size is as it should be, so that
  /// memory is bounded by `maxSide` whatever the file says.
  ///
  /// - Throws: `MediaToolError` when the checking itself did not work; a bad picture is a report.
  public func run(_ path: String) async throws(MediaToolError) -> PictureReport {
    var report = PictureReport(passed: false, reasons: [], bytes: 0)
    let kind: PictureKind
    switch await look(at: path) {
    case .failure(let fault):
      report.bytes = fault.bytes
      report.reasons = [fault.sentence]
      return report
    case .success(let found):
      report.bytes = found.bytes
      kind = found.kind
    }
    report.format = kind.rawValue
    guard let size = try await size(of: path, kind) else {
      report.reasons = [Self.damaged(kind)]
      return report
    }
    (report.width, report.height) = size
    report.reasons = rules.faults(width: size.width, height: size.height)
    guard report.reasons.isEmpty else { return report }
    guard let spread = try await spread(of: path, kind) else {
      report.reasons = [Self.damaged(kind)]
      return report
    }
    report.spread = spread
    if rules.isBlank(spread) { report.reasons = ["the picture is blank: one even colour"] }
    report.passed = report.reasons.isEmpty
    return report
  }

  private static func damaged(_ kind: PictureKind) -> String {
    "the \(kind.name) picture cannot be decoded: it is damaged or cut short"
  }
}

/// The formats that are taken, by their first bytes; the name's ending says nothing.
enum PictureKind: String {
  case png, jpeg, webp

  var name: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .webp: "WebP"
    }
  }

  /// ffmpeg's reader of this one format, so that nothing is guessed from the content or from a `%` in the name.
  var demuxer: String { rawValue + "_pipe" }

  init?(firstBytes: [UInt8]) {
    if firstBytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if firstBytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if firstBytes.starts(with: Array("RIFF".utf8)) && firstBytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      self = .webp
    } else {
      return nil
    }
  }
}

// MARK: - The file

private struct FileFault: Error {
  var sentence: String
  var bytes: Int64 = 0
}

extension PictureCheck {
  private func look(at path: String) async -> Result<(kind: PictureKind, bytes: Int64), FileFault> {
    do {
      return .success(try await onWaitingThread { try Self.kindAndSize(of: path) })
    } catch {
      return .failure(error as? FileFault ?? FileFault(sentence: "\(error)"))
    }
  }

  private static func kindAndSize(of path: String) throws -> (kind: PictureKind, bytes: Int64) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FileFault(sentence: "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileFault(sentence: "\(path) is not a file") }
    let bytes = Int64(status.st_size)
    guard bytes > 0 else { throw FileFault(sentence: "the file is empty (0 bytes)") }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw FileFault(sentence: "\(path) may not be read", bytes: bytes)
    }
    defer { try? file.close() }
    let start = [UInt8](try file.read(upToCount: 512) ?? Data())
    guard let kind = PictureKind(firstBytes: start) else {
      let isText = String(validating: start, as: UTF8.self)?.unicodeScalars.allSatisfy {
        $0.value >= 32 || $0 == "\n" || $0 == "\r" || $0 == "\t"
      }
      let hint = isText == true ? ": it holds text" : ""
      throw FileFault(sentence: "the file is not a PNG, JPEG or WebP picture\(hint)", bytes: bytes)
    }
    return (kind, bytes)
  }
}

// MARK: - The picture

private struct ProbedSize: Decodable {
  struct Stream: Decodable {
    let width: Int?
    let height: Int?
  }
  let streams: [Stream]?
}

extension PictureCheck {
  /// nil: the header cannot be read. A picture too large to decode has the size its header tells.
  private func size(
    of path: String, _ kind: PictureKind
  ) async throws(MediaToolError) -> (width: Int, height: Int)? {
    // Without the limit the probe would decode the picture to learn more about it.
    let limit = ["-max_pixels", String(rules.maxSide * rules.maxSide)]
    let probe = MediaTool.ffprobe(
      MediaTool.localOnly + limit
        + ["-show_entries", "stream=width,height", "-f", kind.demuxer, "-i", MediaTool.input(path)],
      timeLimit: timeLimit)
    let answer = try await probe.run()
    if let refused = answer.log.firstMatch(of: #/Picture size ([0-9]{1,9})x([0-9]{1,9})/#),
      let width = Int(refused.1), let height = Int(refused.2)
    {
      return (width, height)
    }
    let probed = try? JSONDecoder().decode(ProbedSize.self, from: Data(answer.output))
    guard let stream = probed?.streams?.first, let width = stream.width, let height = stream.height, width > 0,
      height > 0
    else { return nil }
    return (width, height)
  }

  /// nil: it cannot be decoded without an error.
  private func spread(of path: String, _ kind: PictureKind) async throws(MediaToolError) -> PictureReport.Spread? {
    let measure = MediaTool.ffmpeg(
      ["-xerror", "-err_detect", "explode"] + MediaTool.localOnly + [
        "-f", kind.demuxer, "-i", MediaTool.input(path), "-frames:v", "1", "-vf",
        "scale=64:64:flags=area,format=yuv444p,signalstats,metadata=mode=print:file=-", "-f", "null", "-",
      ], timeLimit: timeLimit)
    let answer = try await measure.run()
    guard answer.succeeded else { return nil }
    let values = FrameMetadata.frames(answer.output).first?.values ?? [:]
    func spread(_ channel: String) -> Double? {
      guard let low = values["signalstats.\(channel)MIN"], let high = values["signalstats.\(channel)MAX"] else {
        return nil
      }
      return high - low
    }
    guard let luma = spread("Y"), let blue = spread("U"), let red = spread("V") else { return nil }
    return PictureReport.Spread(luma: luma, blue: blue, red: red)
  }
}

import Foundation

/// A package that has its final name already, and that says that it is a certain delivery's.
struct FinishedPackage: Sendable {
  private struct Heading: Decodable, Sendable {
    struct Totals: Decodable, Sendable {
      var delivered: Int
      var seconds: Double
      var bytes: Int64
    }

    var delivery: String?
    var totals: Totals
  }

  let path: String
  private let heading: Heading

  /// nil: there is none, or it is not this delivery's.
  init?(path: String, mark: String) async {
    let heading = try? await onWaitingThread { () -> Heading? in
      guard let data = FileManager.default.contents(atPath: "\(path)/manifest.json") else { return nil }
      return try? JSONDecoder().decode(Heading.self, from: data)
    }
    guard let heading, heading.delivery == mark else { return nil }
    self.path = path
    self.heading = heading
  }

  /// Checks every file against `SHA256SUMS`. nil: something is missing or has changed since.
  func verified() async throws -> DeliveredPackage? {
    // Twenty megabytes a second is a slow disk; a minute is for a busy machine.
    let check = MediaTool(
      program: "sha256sum", arguments: ["--check", "--strict", "--quiet", "SHA256SUMS"], workingDirectory: path,
      timeLimit: .seconds(60 + heading.totals.bytes / 20_000_000))
    guard try await check.run().succeeded else { return nil }
    let texts = ["manifest.json", "index.csv", "SHA256SUMS"].reduce(0) { $0 + fileSize("\(path)/\($1)") }
    return DeliveredPackage(
      path: path, videos: heading.totals.delivered, bytes: heading.totals.bytes + texts,
      seconds: heading.totals.seconds, manifestSHA256: try await Checksum.sha256(of: "\(path)/manifest.json"))
  }

  /// Removes it. What is being removed does not bear the package's name any more.
  func discard() async {
    let folder = parent(of: path)
    let name = (path as NSString).lastPathComponent
    try? await onWaitingThread { [path] in
      let aside = "\(folder)/.discarded-\(name)-\(getpid())"
      guard rename(path, aside) == 0 else { throw FileError("remove", path) }
      try FileManager.default.removeItem(atPath: aside)
    }
  }
}

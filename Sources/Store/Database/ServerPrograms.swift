import Foundation
import Glibc

/// One installation of PostgreSQL's server programs.
struct ServerPrograms: Equatable, Sendable {
  static let oldestVersion = 15

  let folder: String
  /// The major version, such as 15.
  let version: Int

  var initdb: String { folder + "/initdb" }
  var postgres: String { folder + "/postgres" }

  /// The newest installation, or that of a certain major version: looked for in Debian's folders and on PATH.
  /// - Throws: `ClusterError` that names the package to install.
  static func find(
    version wanted: Int? = nil, environment: [String: String], debian: String = "/usr/lib/postgresql"
  ) throws(ClusterError) -> ServerPrograms {
    let found = candidates(environment, debian).compactMap(installation)
    let fit = found.filter { wanted.map($0.version.isEqual) ?? ($0.version >= oldestVersion) }
    if let best = fit.max(by: { $0.version < $1.version }) { return best }
    if let wanted {
      throw ClusterError(
        "the embedded database was made by PostgreSQL \(wanted), whose server programs are not installed",
        hint: "apt-get install postgresql-\(wanted)")
    }
    if let newest = found.map(\.version).max() {
      throw ClusterError(
        "PostgreSQL \(newest) is installed, and the embedded database needs \(oldestVersion) or newer",
        hint: "apt-get install postgresql-15")
    }
    throw ClusterError(
      "the embedded database needs PostgreSQL's server programs (initdb, postgres), and none are installed",
      hint: "apt-get install postgresql; or name a running server with --database or CALLSHEET_DATABASE_URL")
  }

  private static func candidates(_ environment: [String: String], _ debian: String) -> [String] {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
    let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return versions.map { "\(debian)/\($0)/bin" } + path
  }

  /// Reads the version from the program itself where the folder does not tell.
  private static func installation(_ folder: String) -> ServerPrograms? {
    guard access(folder + "/postgres", X_OK) == 0, access(folder + "/initdb", X_OK) == 0 else { return nil }
    let parent = ((folder as NSString).deletingLastPathComponent as NSString).lastPathComponent
    guard let version = Int(parent) ?? reportedVersion(folder + "/postgres") else { return nil }
    return ServerPrograms(folder: folder, version: version)
  }

  /// `postgres (PostgreSQL) 15.18 (Debian ...)` is 15.
  private static func reportedVersion(_ program: String) -> Int? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["--version"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: " ").dropFirst(2).first.flatMap { Int($0.prefix { $0.isNumber }) }
  }
}

extension Int {
  fileprivate func isEqual(_ other: Int) -> Bool { self == other }
}

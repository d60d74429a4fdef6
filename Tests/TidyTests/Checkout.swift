import Foundation

/// The files of this checkout that git tracks or would track.
struct Checkout {
  let root: URL
  /// Relative paths in git's order.
  let paths: [String]

  /// The checkout that these tests were compiled from.
  static let current = Result { try Checkout(containing: #filePath) }

  init(containing file: String) throws {
    let tests = URL(fileURLWithPath: file).deletingLastPathComponent()
    root = tests.deletingLastPathComponent().deletingLastPathComponent()
    // Another user's checkout is read all the same: CI may clone as one user and test as another.
    let listing = try Self.git(
      ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], in: root)
    paths = listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The file's text, or nil when it is deleted, a link's dangling target, or no text.
  func text(_ path: String) -> String? {
    guard let data = try? Data(contentsOf: root.appending(path: path)) else { return nil }
    return String(data: data, encoding: .utf8)
  }

  /// Swift files under one of the folders, with their scanned text.
  func swiftFiles(under folders: String...) -> [SwiftFile] {
    paths.filter { path in path.hasSuffix(".swift") && folders.contains { path.hasPrefix($0 + "/") } }
      .compactMap { path in text(path).map { SwiftFile(path: path, text: $0) } }
  }

  private struct GitFailed: Error, CustomStringConvertible {
    let status: Int32
    var description: String { "the tidy tests list files with git, which ended with status \(status)" }
  }

  private static func git(_ arguments: [String], in folder: URL) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw GitFailed(status: process.terminationStatus) }
    return data
  }
}

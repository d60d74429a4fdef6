import Foundation

/// SHA-256 of files, by coreutils' `sha256sum`.
public enum Checksum {
  /// 64 lower-case hexadecimal digits for each path, in order. Paths are absolute. `told` hears how many are done.
  ///
  /// - Throws: `MediaToolError`; its log names the file that cannot be read.
  public static func sha256(
    of paths: [String], told: (Int) -> Void = { _ in }
  ) async throws(MediaToolError) -> [String] {
    var sums: [String] = []
    var rest = paths[...]
    while !rest.isEmpty {
      // Few enough for the longest argument list the system takes.
      let part = rest.prefix(100)
      rest = rest.dropFirst(100)
      sums += try await batch(Array(part))
      told(sums.count)
    }
    return sums
  }

  /// The same for one file.
  public static func sha256(of path: String) async throws(MediaToolError) -> String {
    let sums = try await sha256(of: [path])
    return sums[0]
  }

  private static func batch(_ paths: [String]) async throws(MediaToolError) -> [String] {
    // Twenty megabytes a second is a slow disk; a minute is for a busy machine.
    let seconds = 60 + paths.reduce(0) { $0 + fileSize($1) } / 20_000_000
    let tool = MediaTool(
      program: "sha256sum", arguments: ["--zero", "--"] + paths, timeLimit: .seconds(seconds))
    let entries = try await tool.output().split(separator: 0)
    let sums = entries.map { String(decoding: $0.prefix(64), as: UTF8.self) }
    guard sums.count == paths.count, sums.allSatisfy({ $0.utf8.count == 64 }) else {
      throw .failed(program: "sha256sum", log: "an answer for \(sums.count) of \(paths.count) files")
    }
    return sums
  }
}

/// In bytes; 0 when there is no such file.
func fileSize(_ path: String) -> Int64 {
  var status = stat()
  return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}

import Diagnostics
import Foundation

/// What there is at a path, said so that a message can end in it.
enum FileProbe {
  struct Problem: Error, Equatable {
    let code: String
    /// Follows the path in a sentence: `does not exist`.
    let message: String
    var hints: [String] = []
  }

  /// nil when a file lies there that this process can read.
  static func problemReading(_ path: String) -> Problem? {
    guard let kind = kind(of: path) else { return missing(path) }
    switch kind {
    case .typeDirectory: return Problem(code: "not_a_file", message: "is a folder, not a file")
    case .typeRegular:
      if access(path, R_OK) == 0 { return nil }
      return Problem(code: "unreadable_file", message: "cannot be read: \(lastError())")
    default: return Problem(code: "not_a_file", message: "is not a regular file")
    }
  }

  /// nil when a file lies there that this process can start.
  static func problemStarting(_ path: String) -> Problem? {
    guard let kind = kind(of: path) else { return missing(path) }
    if kind != .typeRegular { return Problem(code: "not_a_file", message: "is not a file that can be started") }
    if access(path, X_OK) == 0 { return nil }
    return Problem(code: "not_executable", message: "is not executable", hints: ["chmod +x \(path)"])
  }

  /// The first file of that name in the folders of `PATH` that can be started.
  static func program(named name: String, searchPath: String) -> String? {
    searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { problemStarting($0) == nil }
  }

  /// The bytes of a file, unless it has more than `limit`.
  static func read(_ path: String, limit: Int) -> Result<[UInt8], Problem> {
    if let problem = problemReading(path) { return .failure(problem) }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      let data = try handle.read(upToCount: limit + 1) ?? Data()
      if data.count > limit {
        let size = limit >> 20
        return .failure(Problem(code: "too_large", message: "is larger than \(size) MiB, which no production file is"))
      }
      return .success(Array(data))
    } catch {
      return .failure(Problem(code: "unreadable_file", message: "cannot be read: \(error.localizedDescription)"))
    }
  }

  /// The absolute folder in which the file lies.
  static func folder(of path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
  }

  /// `path` as an absolute path, from `folder` unless it is one already.
  static func absolute(_ path: String, from folder: String) -> String {
    URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).standardizedFileURL.path
  }

  private static func kind(of path: String) -> FileAttributeType? {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    return attributes?[.type] as? FileAttributeType
  }

  /// Also what is left of a link whose target is gone, and what lies behind a folder that may not be entered.
  private static func missing(_ path: String) -> Problem {
    if access(path, F_OK) != 0 && errno == EACCES {
      return Problem(code: "unreadable_file", message: "cannot be reached: \(lastError())")
    }
    let near = nearby(path)
    return Problem(code: "missing_file", message: "does not exist", hints: near.map { ["did you mean \($0)?"] } ?? [])
  }

  /// A file of nearly that name in the same folder.
  private static func nearby(_ path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Spelling.nearest(to: url.lastPathComponent, among: names.prefix(10_000), limit: 1).first
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}

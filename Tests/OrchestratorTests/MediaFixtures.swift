import Foundation
import Testing

@testable import Orchestrator

/// A folder of one test, removed when the test lets go of it.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    // The path holds what paths may hold, so that every test also tests its quoting.
    path = NSTemporaryDirectory() + "callsheet media's-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: self(name), encoding: .utf8) }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// An executable script; the template names it as its path.
  @discardableResult
  func script(_ name: String, _ lines: String, interpreter: String = "/bin/bash") throws -> String {
    try write(name, "#!\(interpreter)\n\(lines)\n".utf8)
    chmod(self(name), 0o755)
    return self(name)
  }

  /// Everything below, sorted, without folders.
  func files() -> [String] {
    let entries = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return entries.filter { entry in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: self(entry), isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  func ffmpeg(_ arguments: String..., to name: String) async throws -> String {
    let tool = MediaTool.ffmpeg(arguments + ["-y", MediaTool.input(self(name))], timeLimit: .seconds(60))
    _ = try await tool.output()
    return self(name)
  }

  /// A segment as the example's generator would make it, of the picture that a lavfi source draws.
  func clip(
    _ name: String, _ picture: String = "testsrc2", size: String = "320x180", fps: Int = 12, seconds: Double = 1,
    preset: String = "ultrafast"
  ) async throws -> String {
    let separator = picture.contains("=") ? ":" : "="
    return try await ffmpeg(
      "-f", "lavfi", "-i", "\(picture)\(separator)s=\(size):r=\(fps):d=\(seconds)", "-c:v", "libx264", "-preset",
      preset, "-pix_fmt", "yuv420p", "-bitexact", to: name)
  }

  func picture(_ name: String, _ source: String = "testsrc2", size: String = "640x640") async throws -> String {
    let separator = source.contains("=") ? ":" : "="
    return try await ffmpeg("-f", "lavfi", "-i", "\(source)\(separator)s=\(size)", "-frames:v", "1", to: name)
  }
}

/// Whether no such process runs; one that ended but was not reaped by its new parent counts as gone.
func isGone(_ process: pid_t) -> Bool {
  guard kill(process, 0) == 0 else { return true }
  let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
  return state?.split(separator: ")").last?.hasPrefix(" Z") ?? true
}

/// Waits until it holds, for at most ten seconds.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
  for _ in 0..<1000 {
    if try condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return try condition()
}

/// The process ids a script wrote, one a line.
func processes(_ folder: TestFolder, _ name: String) throws -> [pid_t] {
  try folder.text(name).split(whereSeparator: \.isNewline).compactMap { pid_t($0) }
}

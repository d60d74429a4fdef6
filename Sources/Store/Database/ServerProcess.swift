import Foundation
import Glibc

/// A running server as its `postmaster.pid` tells of it.
struct ServerProcess: Equatable, Sendable {
  let pid: pid_t
  let socketFolder: String
  /// False while it starts, recovers or stops.
  let isReady: Bool

  /// Line by line: pid, data folder, start time, port, socket folder, address, shared memory, status.
  init?(pidFile: String) {
    let lines = pidFile.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let pid = pid_t(first), pid > 1 else { return nil }
    self.pid = pid
    socketFolder = lines.count > 4 ? String(lines[4]) : ""
    isReady = lines.count > 7 && lines[7].hasPrefix("ready")
  }

  /// The server of a data folder, if one runs. A pid file alone proves nothing: its number may by now belong to another
  /// program, so the process has to live in that very folder, as a server does.
  static func running(data: String) -> ServerProcess? {
    guard let text = pidFile(in: data), let process = ServerProcess(pidFile: text),
      workingFolder(process.pid) == resolved(data)
    else { return nil }
    return process
  }

  /// A few short lines.
  private static func pidFile(in data: String) -> String? {
    let descriptor = open(data + "/postmaster.pid", O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  /// Everything that still lives in the data folder: after a server was killed, its children for a moment.
  static func all(in data: String) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let folder = resolved(data)
    return names.compactMap { pid_t($0) }.filter { $0 != getpid() && workingFolder($0) == folder }
  }

  private static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// Nil for a process that is gone, is a zombie, or is another user's.
  private static func workingFolder(_ pid: pid_t) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/\(pid)/cwd", &buffer, buffer.count)
    guard length > 0 else { return nil }
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

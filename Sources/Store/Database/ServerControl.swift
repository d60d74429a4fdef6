import Foundation
import Glibc

/// Starts and stops a cluster's server. Called with the lock held.
struct ServerControl {
  let folder: ClusterFolder
  let programs: ServerPrograms

  /// Returns when the server takes connections. Recovery after a crash may take its time, so a server that lives is
  /// waited for much longer than one that does not show itself.
  func start() async throws {
    if let server = ServerProcess.running(data: folder.data) {
      if try await waitUntilReady(logFrom: 0), isReachable(server) { return }
      // It runs, but its socket is gone from under it.
      try await Self.stop(folder: folder)
    }
    try await clearRemains()
    try writeSocketSetting()
    let log = ServerLog(path: folder.log)
    log.rotate()
    let offset = log.size
    // setsid's fork makes the server nobody's child: it neither ends with this process nor stays as its zombie.
    let arguments = ["/usr/bin/setsid", "--fork", programs.postgres, "-D", folder.data]
    do {
      try await ServerCommand(arguments: folder.user.command(arguments), folder: folder.base, log: folder.log)
        .run(timeLimit: .seconds(20))
    } catch is ServerCommand.Failure {
      throw failure(log, offset)
    }
    guard try await waitUntilReady(logFrom: offset) else { throw failure(log, offset) }
  }

  /// Stops fast, then hard, then by force.
  static func stop(folder: ClusterFolder) async throws {
    for (signal, limit) in [(SIGINT, 30), (SIGQUIT, 10), (SIGKILL, 10)] {
      guard let server = ServerProcess.running(data: folder.data) else { return }
      if kill(server.pid, signal) != 0, errno == EPERM {
        throw ClusterError("the embedded database belongs to another user (process \(server.pid))")
      }
      try await wait(.seconds(limit)) { ServerProcess.running(data: folder.data) == nil }
    }
    if ServerProcess.running(data: folder.data) != nil {
      throw ClusterError("the embedded database does not stop", hint: "see \(folder.log)")
    }
  }

  private func isReachable(_ server: ServerProcess) -> Bool {
    server.socketFolder == folder.socketFolder && access(server.socketFolder + "/.s.PGSQL.5432", F_OK) == 0
  }

  /// False when the server ended, or did not begin.
  private func waitUntilReady(logFrom offset: UInt64) async throws -> Bool {
    let begun = ContinuousClock.now
    var seen = false
    while ContinuousClock.now - begun < .seconds(300) {
      if let server = ServerProcess.running(data: folder.data) {
        seen = true
        if server.isReady { return true }
      } else if seen || ServerLog(path: folder.log).mentionsFatal(from: offset) {
        return false
      } else if ContinuousClock.now - begun > .seconds(20) {
        return false
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }

  /// After a server was killed: its children end by themselves within moments, or are ended, since a new server must not
  /// share files with them; and its pid file must not name a process that by now is somebody else's.
  private func clearRemains() async throws {
    for signal in [0, SIGQUIT, SIGKILL] {
      for pid in ServerProcess.all(in: folder.data) where signal != 0 { kill(pid, signal) }
      if try await Self.wait(.seconds(4), until: { ServerProcess.all(in: folder.data).isEmpty }) { break }
    }
    unlink(folder.data + "/postmaster.pid")
    unlink(folder.socketFolder + "/.s.PGSQL.5432")
    unlink(folder.socketFolder + "/.s.PGSQL.5432.lock")
  }

  @discardableResult
  private static func wait(_ limit: Duration, until condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
      if ContinuousClock.now > deadline { return false }
      try await Task.sleep(for: .milliseconds(10))
    }
    return true
  }

  /// Written at every start, because the folder may have moved. Two languages quote here: the setting's and the list's.
  private func writeSocketSetting() throws {
    let listed = "\"" + folder.socketFolder.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    let quoted = listed.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "''")
    let path = folder.data + "/callsheet.conf"
    do {
      try Data("unix_socket_directories = '\(quoted)'\n".utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch {
      throw ClusterError("cannot write \(path)", hint: "is the disk full, or the folder not writable?")
    }
    if folder.user.isHandedOver { chown(path, folder.user.uid, folder.user.gid) }
  }

  private func failure(_ log: ServerLog, _ offset: UInt64) -> ClusterError {
    let reason = log.reason(from: offset)
    if reason.contains("No space left on device") || freeBytes < Self.logSegment {
      return ClusterError(
        "the embedded database does not start, since the disk is full: \(reason)",
        hint: "free some space on the disk of \(folder.data), then  callsheet db start")
    }
    return ClusterError("the embedded database does not start: \(reason)", hint: "see \(log.path)")
  }

  /// What the server's log needs to go on, in bytes.
  private static let logSegment: UInt64 = 16 << 20

  private var freeBytes: UInt64 {
    var info = statvfs()
    return statvfs(folder.data, &info) == 0 ? UInt64(info.f_bavail) * UInt64(info.f_frsize) : .max
  }
}

/// The server's log file, which says why it did not start.
struct ServerLog {
  let path: String
  private static let limit: UInt64 = 4 << 20

  var size: UInt64 {
    var info = stat()
    return stat(path, &info) == 0 ? UInt64(info.st_size) : 0
  }

  /// Keeps one older log, so that the two together stay small.
  func rotate() {
    if size > Self.limit { rename(path, path + ".1") }
  }

  func mentionsFatal(from offset: UInt64) -> Bool {
    let text = read(from: offset)
    return text.contains("FATAL:") || text.contains("PANIC:")
  }

  /// The line that says why, else the last ones.
  func reason(from offset: UInt64) -> String {
    let lines = read(from: offset).split(separator: "\n")
    if let line = lines.last(where: { $0.contains("FATAL:") || $0.contains("PANIC:") }),
      let at = line.range(of: "FATAL:") ?? line.range(of: "PANIC:")
    {
      return line[at.upperBound...].trimmingCharacters(in: .whitespaces)
    }
    return lines.isEmpty ? "it says nothing" : lines.suffix(3).joined(separator: "; ")
  }

  func lastLines(_ count: Int) -> String {
    let lines = read(from: 0).split(separator: "\n")
    return lines.isEmpty ? "it says nothing" : lines.suffix(count).joined(separator: "; ")
  }

  private func read(from offset: UInt64) -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? handle.close() }
    let start = size > offset + 65_536 ? size - 65_536 : offset
    try? handle.seek(toOffset: start)
    return String(decoding: (try? handle.read(upToCount: 65_536)) ?? Data(), as: UTF8.self)
  }
}

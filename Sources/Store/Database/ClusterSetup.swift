import Foundation
import Glibc
import PostgresClient
import SQLText

/// Makes a cluster. Called with the lock held.
struct ClusterSetup {
  let folder: ClusterFolder
  let programs: ServerPrograms

  /// What a cluster takes before there is anything in it, with some air.
  private static let bytesNeeded: UInt64 = 150 << 20

  /// The server keeps its promises about commits (fsync and synchronous_commit stay on); compiling plans and logging
  /// every failed statement does not pay here.
  private static let settings = """

    # Callsheet's own. Only the unix socket, in a folder that its owner alone can enter.
    listen_addresses = ''
    unix_socket_permissions = 0700
    include_if_exists = 'callsheet.conf'
    max_connections = 100
    shared_buffers = 128MB
    timezone = 'UTC'
    log_timezone = 'UTC'
    datestyle = 'iso, ymd'
    jit = off
    random_page_cost = 1.1
    log_min_messages = log
    log_checkpoints = off

    """

  /// initdb in a folder beside, which becomes the cluster only when it is whole.
  func makeCluster() async throws {
    try checkSpace()
    try? FileManager.default.removeItem(atPath: folder.unfinished)
    let log = folder.base + "/initdb.log"
    unlink(log)
    let locale =
      newlocale(1 << 6, "C.UTF-8", nil).map {
        freelocale($0); return "C.UTF-8"
      } ?? "C"
    let arguments = [
      programs.initdb, "--pgdata=\(folder.unfinished)", "--username=\(EmbeddedCluster.role)", "--auth=trust",
      "--encoding=UTF8", "--locale=\(locale)", "--no-sync", "--no-instructions",
    ]
    do {
      try await ServerCommand(arguments: folder.user.command(arguments), folder: folder.base, log: log)
        .run(timeLimit: .seconds(120))
      try append(Self.settings, to: folder.unfinished + "/postgresql.conf")
    } catch is ServerCommand.Failure {
      let lines = ServerLog(path: log).lastLines(3)
      try? FileManager.default.removeItem(atPath: folder.unfinished)
      throw ClusterError("initdb could not make the embedded database in \(folder.base): \(lines)", hint: "see \(log)")
    }
    if rename(folder.unfinished, folder.data) != 0 { throw ClusterFolder.failure("name the folder", folder.data) }
  }

  /// The database, and the mark that it is there.
  func makeDatabase(from template: ConnectionTarget, named name: String) async throws {
    let connection = try await PostgresConnection.connect(to: template, applicationName: "callsheet setup")
    do {
      try await connection.execute("create database \(identifier: name)")
    } catch let error as PostgresError where error.sqlState == "42P04" {
      // It was there, and the mark was lost with the process that made it.
    }
    await connection.close()
    let mark = open(folder.marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    if mark < 0 { throw ClusterFolder.failure("write", folder.marker) }
    close(mark)
  }

  private func checkSpace() throws(ClusterError) {
    var info = statvfs()
    guard statvfs(folder.base, &info) == 0 else { return }
    let free = UInt64(info.f_bavail) * UInt64(info.f_frsize)
    if free < Self.bytesNeeded {
      throw ClusterError(
        "too little room for the embedded database in \(folder.base): \(free >> 20) MB free, \(Self.bytesNeeded >> 20) needed",
        hint: "make room, or set XDG_DATA_HOME to a larger disk")
    }
  }

  private func append(_ text: String, to path: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
  }
}

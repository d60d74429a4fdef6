import Foundation
import Glibc
import PostgresClient
import SQLText
import TestDatabase
import Testing

@testable import Store

@Suite struct ClusterTests {
  private let environment = ProcessInfo.processInfo.environment

  private func value(_ target: ConnectionTarget, _ sql: SQL) async throws -> String? {
    let connection = try await PostgresConnection.connect(to: target, applicationName: "test")
    let value = try await connection.query(sql).rows.first?[0]
    await connection.close()
    return value
  }

  private func pid(_ cluster: EmbeddedCluster) throws -> Int32 {
    guard case .running(let pid, _) = cluster.status() else { throw ClusterError("the cluster does not run") }
    return pid
  }

  @Test func `first use makes it, later ones find it, a stop keeps the data`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      #expect(cluster.status() == .absent)
      try await cluster.stop()
      let target = try await cluster.start()
      let settings = try await value(
        target,
        """
        select concat_ws(' ', current_user, current_database(), current_setting('server_encoding'),
          current_setting('timezone'), current_setting('fsync'), current_setting('synchronous_commit'),
          current_setting('listen_addresses'))
        """)
      #expect(settings == "callsheet callsheet UTF8 UTC on on ")
      _ = try await value(target, "create table kept as select 7 as n")
      let first = try pid(cluster)
      #expect(try await cluster.start() == target)
      let second = try pid(cluster)
      #expect(first == second)
      try await cluster.stop()
      #expect(cluster.status() == .stopped)
      let again = try await cluster.start()
      let kept = try await value(again, "select n from kept")
      #expect(kept == "7")
      let byURL = try await value(ConnectionTarget(cluster.url), "select n from kept")
      #expect(byURL == "7")
      var info = stat()
      #expect(stat(cluster.dataFolder, &info) == 0 && info.st_mode & 0o777 == 0o700)
      #expect(stat(path + "/socket", &info) == 0 && info.st_mode & 0o777 == 0o700)
    }
  }

  @Test func `many that start at once share one`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      let starts = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<6 {
          group.addTask {
            try await value(try await cluster.start(), "select pg_postmaster_start_time()")
          }
        }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(starts.count == 1)
    }
  }

  @Test func `a killed server is started again with its data`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      let target = try await cluster.start()
      let held = try await PostgresConnection.connect(to: target, applicationName: "held")
      try await held.execute("create table kept as select 7 as n")
      kill(try pid(cluster), SIGKILL)
      let again = try await cluster.connect(applicationName: "again")
      let kept = try await again.query("select n from kept").rows.first?[0]
      #expect(kept == "7")
      let lost = await #expect(throws: PostgresError.self) { try await held.execute("select 1") }
      #expect(lost?.kind == .connectionLost)
    }
  }

  @Test func `a pid file that names somebody else is not believed`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      _ = try await cluster.start()
      let file = path + "/data/postmaster.pid"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try await cluster.stop()
      let stranger = text.replacingOccurrences(of: try #require(text.split(separator: "\n").first), with: "\(getpid())")
      try stranger.write(toFile: file, atomically: false, encoding: .utf8)
      #expect(cluster.status() == .stopped)
      let value = try await value(try await cluster.start(), "select 1")
      #expect(value == "1")
    }
  }

  @Test func `a socket that was swept away comes back`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      _ = try await cluster.start()
      unlink(path + "/socket/.s.PGSQL.5432")
      let value = try await value(try await cluster.start(), "select 1")
      #expect(value == "1")
    }
  }

  @Test func `a path too long for a socket gets a shorter one`() async throws {
    let depth = "/" + String(repeating: "long", count: 20) + "/it's \"odd\", $HOME"
    try await TestClusterFolder.with(depth: depth) { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      #expect(cluster.folder.socketFolder.hasPrefix("/tmp/callsheet-"))
      let value = try await value(try await cluster.start(), "select 1")
      #expect(value == "1")
      try FileManager.default.removeItem(atPath: cluster.folder.socketFolder)
    }
  }

  @Test func `a socket folder that somebody else made is refused`() async throws {
    let depth = "/" + String(repeating: "long", count: 25)
    try await TestClusterFolder.with(depth: depth) { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      mkdir(cluster.folder.socketFolder, 0o777)
      chmod(cluster.folder.socketFolder, 0o777)
      defer { rmdir(cluster.folder.socketFolder) }
      let error = await #expect(throws: ClusterError.self) { try await cluster.start() }
      #expect(error?.message.contains(cluster.folder.socketFolder) == true)
      rmdir(cluster.folder.socketFolder)
      symlink("/tmp", cluster.folder.socketFolder)
      defer { unlink(cluster.folder.socketFolder) }
      await #expect(throws: ClusterError.self) { try await cluster.start() }
    }
  }

  @Test func `what a broken first start left is swept away`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      try FileManager.default.createDirectory(atPath: path + "/data.unfinished/base", withIntermediateDirectories: true)
      chmod(path, 0o700)
      chown(path, cluster.folder.user.uid, cluster.folder.user.gid)
      let value = try await value(try await cluster.start(), "select 1")
      #expect(value == "1")
    }
  }

  @Test func `a server that cannot start says why`() async throws {
    try await TestClusterFolder.with { path in
      let cluster = try EmbeddedCluster(path: path, environment: environment)
      _ = try await cluster.start()
      try await cluster.stop()
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/data/postgresql.conf"))
      try file.seekToEnd()
      try file.write(contentsOf: Data("shared_buffers = nonsense\n".utf8))
      let error = try #require(await #expect(throws: ClusterError.self) { try await cluster.start() })
      #expect(error.message.contains("shared_buffers") || error.message.contains("contains errors"))
      #expect(error.hint?.contains("server.log") == true)
    }
  }

  @Test func `without server programs the package is named`() throws {
    let error = try #require(throws: ClusterError.self) {
      try ServerPrograms.find(environment: ["PATH": "/nowhere"], debian: "/nowhere")
    }
    #expect(error.hint?.contains("apt-get install postgresql;") == true)
    let gone = try #require(throws: ClusterError.self) {
      try ServerPrograms.find(version: 12, environment: [:], debian: "/nowhere")
    }
    #expect(gone.hint == "apt-get install postgresql-12")
  }

  @Test func `a folder that cannot be made is named`() async throws {
    let cluster = try EmbeddedCluster(path: "/proc/callsheet/postgres", environment: environment)
    let error = await #expect(throws: ClusterError.self) { try await cluster.start() }
    #expect(error?.message.hasPrefix("cannot make the folder /proc/callsheet: ") == true)
  }
}

/// What depends on who the caller is; a child process becomes an ordinary user where the tests run as root.
@Suite struct ClusterUserTests {
  @Test func `an ordinary user has one too, from two processes at once`() async throws {
    try await TestClusterFolder.with(mode: 0o777) { path in
      setenv("CALLSHEET_TEST_CLUSTER", path, 1)
      async let first: Void = startAsOrdinaryUser()
      async let second: Void = startAsOrdinaryUser()
      _ = await (first, second)
      let server = ServerProcess.running(data: path + "/data")
      var info = stat()
      #expect(stat(path, &info) == 0 && info.st_uid != 0 && info.st_mode & 0o777 == 0o700)
      #expect(server?.isReady == true)
    }
  }

  private func startAsOrdinaryUser() async {
    await #expect(processExitsWith: .success) {
      if getuid() == 0 {
        setgroups(0, nil)
        setgid(65_534)
        setuid(65_534)
      }
      let path = try #require(getenv("CALLSHEET_TEST_CLUSTER").map { String(cString: $0) })
      let cluster = try EmbeddedCluster(path: path, environment: [:])
      let connection = try await PostgresConnection.connect(to: try await cluster.start(), applicationName: "test")
      let one = try await connection.execute("select 1")
      exit(one == 1 ? 0 : 1)
    }
  }

  @Test func `root's closed home leads to a place that the server can reach`() async throws {
    let user = try ServerUser.forCaller()
    try await TestClusterFolder.with(mode: 0o700) { path in
      let cluster = try EmbeddedCluster(path: path, environment: ProcessInfo.processInfo.environment)
      let target = try await cluster.start()
      let connection = try await PostgresConnection.connect(to: target, applicationName: "test")
      #expect(try await connection.execute("select 1") == 1)
      #expect(cluster.dataFolder.hasPrefix("/var/lib/callsheet/") == user.isHandedOver)
      var info = stat()
      #expect(stat(cluster.dataFolder, &info) == 0 && info.st_uid == user.uid && info.st_mode & 0o777 == 0o700)
    }
  }
}

@Suite struct DatabaseLocationTests {
  @Test func `the flag comes before the variable, that before libpq's, and those before the embedded one`() {
    var environment = ["PGUSER": "me", "PGPASSWORD": "x", "PGHOST": ""]
    #expect(DatabaseLocation.resolve(flag: nil, environment: environment) == .embedded)
    environment["PGDATABASE"] = "db"
    #expect(
      DatabaseLocation.resolve(flag: "", environment: environment) == .named(ConnectionTarget(""), by: "PGDATABASE"))
    environment["CALLSHEET_DATABASE_URL"] = "host=a"
    #expect(
      DatabaseLocation.resolve(flag: nil, environment: environment)
        == .named(ConnectionTarget("host=a"), by: "CALLSHEET_DATABASE_URL"))
    #expect(
      DatabaseLocation.resolve(flag: "host=b", environment: environment)
        == .named(ConnectionTarget("host=b"), by: "--database"))
  }

  @Test func `the data home is XDG's`() {
    #expect(ClusterFolder.dataHome(["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d")
    #expect(ClusterFolder.dataHome(["XDG_DATA_HOME": "relative", "HOME": "/h"]) == "/h/.local/share")
  }

  @Test func `a pid file is read as far as it goes`() {
    let whole = "812\n/d\n1763800000\n5432\n/d/socket\n\n 123 4\nready   \n"
    #expect(ServerProcess(pidFile: whole)?.isReady == true)
    #expect(ServerProcess(pidFile: whole)?.socketFolder == "/d/socket")
    #expect(ServerProcess(pidFile: "812\n/d\n")?.isReady == false)
    #expect(ServerProcess(pidFile: "") == nil)
    #expect(ServerProcess(pidFile: "-1\n") == nil)
  }
}

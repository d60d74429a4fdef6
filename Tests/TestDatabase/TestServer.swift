import Foundation
import PostgresClient
import SQLText
import Store

/// The server of this test run, in a folder of its own below /tmp.
actor TestServer {
  private static let starting = Task { try await TestServer() }
  /// Tests run all at once; the server has room for a hundred connections.
  private static let databasesAtOnce = 12

  static func shared() async throws -> TestServer { try await starting.value }

  nonisolated let target: ConnectionTarget
  nonisolated let places = Places(databasesAtOnce)
  private let connection: PostgresConnection
  private var names = 0
  private var migrated: Task<String, any Error>?

  private init() async throws {
    let folder = "/tmp/callsheet-test-\(getpid())"
    // Before the server, so that not even a crash in between leaves one behind.
    try RunWatcher.start(folder: folder)
    let cluster = try EmbeddedCluster(path: folder + "/postgres", environment: ProcessInfo.processInfo.environment)
    target = try await cluster.start()
    connection = try await PostgresConnection.connect(to: target, applicationName: "test server")
    // Nobody misses these data after a power cut.
    try await connection.execute("alter system set fsync = off")
    try await connection.execute("select pg_reload_conf()")
  }

  func newName() -> String {
    names += 1
    return "test_\(names)"
  }

  func run(_ sql: SQL) async throws { try await connection.execute(sql, timeLimit: .seconds(60)) }

  /// A database that has been through all migrations, made once.
  func migratedTemplate() async throws -> String {
    if let migrated { return try await migrated.value }
    let task = Task {
      let name = "migrated"
      try await run("create database \(identifier: name)")
      let connection = try await PostgresConnection.connect(
        to: try target.database(name), applicationName: "test template")
      defer { Task { await connection.close() } }
      try await Migrator().migrate(connection)
      await connection.close()
      return name
    }
    migrated = task
    return try await task.value
  }
}

/// Lets so many in at once; the others wait in order.
actor Places {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func giveBack() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

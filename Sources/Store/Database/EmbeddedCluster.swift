import Foundation
import Glibc
import PostgresClient
import SQLText

/// The private PostgreSQL cluster of one user: made at first use with the machine's own server programs, reached through
/// a unix socket in a folder that only its owner can enter, and left running for workers. Any number of processes may
/// call any of this at once.
public struct EmbeddedCluster: Sendable {
  /// What the cluster is doing.
  public enum Status: Sendable, Equatable {
    /// Never used.
    case absent
    case stopped
    case running(pid: Int32, version: Int)
  }

  static let role = "callsheet"
  static let database = "callsheet"

  let folder: ClusterFolder
  let environment: [String: String]

  /// The cluster of this user: `$XDG_DATA_HOME/callsheet/postgres`, or below `~/.local/share`.
  /// - Throws: `ClusterError` when root finds no user to run the server.
  public init(environment: [String: String]) throws {
    try self.init(path: ClusterFolder.dataHome(environment) + "/callsheet/postgres", environment: environment)
  }

  /// A cluster in a folder of its own, whose parent is made if it is missing.
  /// - Throws: `ClusterError` when root finds no user to run the server.
  public init(path: String, environment: [String: String]) throws {
    folder = ClusterFolder(path: path, user: try ServerUser.forCaller())
    self.environment = environment
  }

  /// Where its files are; all of them, but for the socket where the path is too long for one.
  public var dataFolder: String { folder.base }

  /// The server's log.
  public var logFile: String { folder.log }

  /// Where the cluster's database is when it runs.
  public var target: ConnectionTarget { target(database: Self.database) }

  /// The same for psql and other tools; it holds no secret.
  public var url: String {
    let host = folder.socketFolder.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? folder.socketFolder
    return "postgresql://\(Self.role)@/\(Self.database)?host=\(host)"
  }

  func target(database: String) -> ConnectionTarget {
    ConnectionTarget(
      ConnectionTarget.conninfo(of: [
        ("dbname", database), ("gssencmode", "disable"), ("host", folder.socketFolder), ("port", "5432"),
        ("sslmode", "disable"), ("user", Self.role),
      ]))
  }

  /// What the cluster is doing now; looks at files only.
  public func status() -> Status {
    guard let version = madeByVersion else { return .absent }
    return ServerProcess.running(data: folder.data).map { .running(pid: $0.pid, version: version) } ?? .stopped
  }

  /// Makes the cluster if there is none, starts it if it does not run, and says where it is. When it runs already this
  /// takes microseconds.
  /// - Throws: `ClusterError`.
  public func start() async throws -> ConnectionTarget {
    if isUsable { return target }
    try folder.prepareParent()
    let lock = try await FileLock.acquire(folder.lockFile, timeLimit: .seconds(120))
    defer { withExtendedLifetime(lock) {} }
    // Another process may have done all of it while this one waited for the lock.
    if isUsable { return target }
    try folder.prepare()
    try folder.prepareSocketFolder()
    let programs = try ServerPrograms.find(version: madeByVersion, environment: environment)
    let setup = ClusterSetup(folder: folder, programs: programs)
    if madeByVersion == nil { try await setup.makeCluster() }
    try await ServerControl(folder: folder, programs: programs).start()
    if access(folder.marker, F_OK) != 0 {
      try await setup.makeDatabase(from: target(database: "template1"), named: Self.database)
    }
    return target
  }

  /// Starts it if need be and connects. A server that was killed, or is being stopped, at this very moment still looks
  /// alive to `start`; then this starts it again.
  /// - Throws: `ClusterError`, `PostgresError`.
  public func connect(
    applicationName: String, options: ConnectionOptions = ConnectionOptions()
  ) async throws -> PostgresConnection {
    try await connect(applicationName: applicationName, options: options, asking: []).connection
  }

  /// The same, with the first statements asked on the way.
  public func connect(
    applicationName: String, options: ConnectionOptions = ConnectionOptions(), asking statements: [SQL]
  ) async throws -> PostgresConnection.Asked {
    for _ in 0..<5 {
      let target = try await start()
      do {
        return try await PostgresConnection.connect(
          to: target, applicationName: applicationName, options: options, asking: statements)
      } catch let error as PostgresError where error.kind == .connectionFailed {
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    return try await PostgresConnection.connect(
      to: try await start(), applicationName: applicationName, options: options, asking: statements)
  }

  /// Stops the server; open statements of others are rolled back. Does nothing when it does not run.
  /// - Throws: `ClusterError`.
  public func stop() async throws {
    if case .absent = status() { return }
    let lock = try await FileLock.acquire(folder.lockFile, timeLimit: .seconds(120))
    defer { withExtendedLifetime(lock) {} }
    try await ServerControl.stop(folder: folder)
  }

  private var isUsable: Bool {
    guard let server = ServerProcess.running(data: folder.data), server.isReady else { return false }
    return access(folder.socketFolder + "/.s.PGSQL.5432", F_OK) == 0 && access(folder.marker, F_OK) == 0
  }

  private var madeByVersion: Int? {
    let text = try? String(contentsOfFile: folder.data + "/PG_VERSION", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
}

import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

/// The home of one imaginary user: its folders, its processes, and the database that its commands are told to use. When
/// the test is over all of it is gone.
package final class TestHome: @unchecked Sendable {
  // Unchecked: one test uses it, from one task at a time.
  package let path: String
  /// On the database of this home; nil where it has the embedded one.
  private let database: (connection: PostgresConnection, target: ConnectionTarget)?
  package var environment: [String: String]
  private var started: [Invocation] = []
  private var startedCount = 0

  /// `.build/debug/callsheet`, beside the bundle of the tests.
  package static let binary: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return (own as NSString).deletingLastPathComponent + "/callsheet"
  }()

  private init(database: (PostgresConnection, ConnectionTarget)?) throws {
    path = try EndOfRun.newFolder()
    self.database = database
    environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": path, "LANG": "C.UTF-8",
      "XDG_DATA_HOME": path + "/data", "XDG_STATE_HOME": path + "/state", "XDG_CONFIG_HOME": path + "/config",
      "CALLSHEET_MEDIA": path + "/media", "CALLSHEET_USER": "mira",
    ]
    if let library = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] { environment["LD_LIBRARY_PATH"] = library }
    environment["CALLSHEET_DATABASE_URL"] = database?.1.secretConninfo
  }

  /// A home whose commands use a fresh database of the suite's server.
  package static func with<T: Sendable>(_ body: @Sendable (TestHome) async throws -> T) async throws -> T {
    try await Turns.shared.taken {
      try await TestDatabase.withDatabase { connection, target in
        try await use(try TestHome(database: (connection, target)), body)
      }
    }
  }

  /// A home where nothing was ever done: its commands make the embedded database.
  package static func withoutDatabase<T: Sendable>(_ body: @Sendable (TestHome) async throws -> T) async throws -> T {
    try await Turns.shared.taken {
      try await use(try TestHome(database: nil)) { home in
        do {
          let value = try await body(home)
          try await home.stopCluster()
          return value
        } catch {
          try await home.stopCluster()
          throw error
        }
      }
    }
  }

  private static func use<T: Sendable>(
    _ home: TestHome, _ body: @Sendable (TestHome) async throws -> T
  ) async throws -> T {
    defer { home.close() }
    return try await body(home)
  }

  private func stopCluster() async throws {
    started.forEach { $0.stop() }
    let ending = try await run("db", "stop")
    #expect(ending.status == 0, "\(ending.errors)")
  }

  private func close() {
    started.forEach { $0.stop() }
    EndOfRun.remove(path)
  }

  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  // MARK: Files

  @discardableResult
  package func write(_ name: String, _ text: String, executable: Bool = false) throws -> String {
    try write(name, bytes: Array(text.utf8), executable: executable)
  }

  @discardableResult
  package func write(_ name: String, bytes: [UInt8], executable: Bool = false) throws -> String {
    let url = URL(fileURLWithPath: self(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    if executable { chmod(self(name), 0o755) }
    return self(name)
  }

  /// Everything below a folder, sorted, without the folders themselves.
  package func files(_ name: String) -> [String] {
    let entries = FileManager.default.enumerator(atPath: self(name))?.compactMap { $0 as? String } ?? []
    return entries.filter { entry in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(self(name))/\(entry)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  /// The process ids that a script wrote, one a line.
  package func processes(_ name: String) -> [pid_t] {
    let text = (try? String(contentsOfFile: self(name), encoding: .utf8)) ?? ""
    return text.split(whereSeparator: \.isNewline).compactMap { pid_t($0) }
  }

  // MARK: Processes

  /// Starts callsheet; its standard input stays open.
  package func start(_ arguments: String...) throws -> Invocation { try start(program: Self.binary, arguments) }

  package func start(program: String, _ arguments: [String]) throws -> Invocation {
    let invocation = try Invocation(
      program, arguments, environment: environment, folder: path, files: self("process-\(startedCount)"))
    startedCount += 1
    started.append(invocation)
    EndOfRun.note(invocation.id, of: path)
    return invocation
  }

  /// Runs callsheet to its end.
  @discardableResult
  package func run(
    _ arguments: String..., input: String = "", within seconds: Double = 90,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Ending {
    let invocation = try start(program: Self.binary, arguments)
    invocation.type(input)
    invocation.endInput()
    return await invocation.ended(within: seconds, sourceLocation: sourceLocation)
  }

  /// Runs a line of bash, where `$callsheet` is the binary.
  @discardableResult
  package func bash(
    _ line: String, within seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Ending {
    environment["callsheet"] = Self.binary
    let invocation = try start(program: "/bin/bash", ["-c", line])
    invocation.endInput()
    let ending = await invocation.ended(within: seconds, sourceLocation: sourceLocation)
    // A screen that is waited for is looked at a hundred times: their files must not stay open until the test is over.
    started.removeAll { $0 === invocation && !$0.isRunning }
    return ending
  }

  /// Runs statements that must all succeed; returns standard output.
  @discardableResult
  package func say(_ statements: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let ending = try await run(input: statements.joined(separator: "\n"))
    #expect(ending.status == 0, "\(statements): \(ending.errors)", sourceLocation: sourceLocation)
    return ending.output
  }

  /// The number that a pipeline which ends in rows has.
  package func count(_ pipeline: String) async throws -> Int {
    let rows = try await run("--format", "json", "-c", "\(pipeline) | count").rows()
    return try #require(rows.first?["count"] as? Int)
  }

  /// Does everything there is to do.
  @discardableResult
  package func drain(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> Ending {
    let invocation = try start(program: Self.binary, ["worker", "--drain"] + arguments)
    invocation.endInput()
    let ending = await invocation.ended(sourceLocation: sourceLocation)
    #expect(ending.status == 0, "\(ending.errors)", sourceLocation: sourceLocation)
    return ending
  }

  // MARK: Behind the commands' back

  package func execute(_ sql: SQL) async throws { try await #require(database).connection.execute(sql) }

  package func number(_ sql: SQL) async throws -> Int {
    try await #require(database).connection.query(sql).rows[0].decode(column: 0)
  }

  /// That what is kept equals what the facts say.
  package func expectTruth(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let ending = try await run("-c", "check matrix")
    #expect(ending.status == 0, "\(ending.errors)", sourceLocation: sourceLocation)
  }
}

/// Lets only a few of these tests run at a time: each of them runs processes that want a processor of their own.
actor Turns {
  static let shared = Turns(free: 3)
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  private init(free: Int) { self.free = free }

  func taken<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
    if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
    return try await body()
  }
}

import CLibPQ
import SQLText
import Synchronization

/// How a connection behaves; the defaults suit a shell and a worker alike.
public struct ConnectionOptions: Sendable {
  /// How many statements are kept prepared; 0 switches preparing off, as a transaction-pooling proxy needs it.
  public var preparedStatements: Int
  /// The time limit of every call that gives none of its own.
  public var statementTimeLimit: Duration?
  /// How long a call waits for another task's transaction on the same connection before it fails as `timedOut`.
  public var queueTimeLimit: Duration

  /// Prepares up to 128 statements, no statement time limit, a minute in the queue.
  public init(
    preparedStatements: Int = 128, statementTimeLimit: Duration? = nil, queueTimeLimit: Duration = .seconds(60)
  ) {
    self.preparedStatements = preparedStatements
    self.statementTimeLimit = statementTimeLimit
    self.queueTimeLimit = queueTimeLimit
  }
}

/// A connection to PostgreSQL on a thread of its own; no call blocks Swift's cooperative pool.
///
/// Calls are carried out one at a time. Cancelling a task cancels its statement on the server. Once the connection is
/// lost every call throws `connectionLost`: nothing is ever sent again by itself, the caller makes a new connection.
public actor PostgresConnection {
  let thread: ConnectionThread
  let options: ConnectionOptions
  let interruptions: EventDescriptor
  nonisolated let activity = Activity()
  var link: Link?
  var statements: StatementCache
  var gate = TransactionGate()
  var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
  var listeners = NotificationListeners()

  /// The innermost transactions and streams that the current task is in, outermost first.
  @TaskLocal static var path: [TransactionGate.Scope] = []
  private static let nextID = Atomic<UInt64>(1)

  nonisolated public var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private init(_ options: ConnectionOptions) throws(PostgresError) {
    thread = try ConnectionThread()
    interruptions = try EventDescriptor()
    self.options = options
    statements = StatementCache(capacity: options.preparedStatements)
    try thread.start()
  }

  deinit { thread.stop() }

  /// Connects within the time limit. Dates come in ISO style, times in UTC, text in UTF-8, whatever the server's default.
  /// - Throws: `PostgresError` of kind `connectionFailed`, `timedOut` or `cancelled`, without any secret of the target.
  public static func connect(
    to target: ConnectionTarget, applicationName: String, timeout: Duration = .seconds(10),
    options: ConnectionOptions = ConnectionOptions()
  ) async throws -> PostgresConnection {
    try await connect(
      to: target, applicationName: applicationName, timeout: timeout, options: options, asking: []
    ).connection
  }

  /// Connects, and asks the first statements as `pipelineUntilFailure` does, before the calling task is on again.
  public static func connect(
    to target: ConnectionTarget, applicationName: String, timeout: Duration = .seconds(10),
    options: ConnectionOptions = ConnectionOptions(), asking statements: [SQL]
  ) async throws -> Asked {
    let connection = try PostgresConnection(options)
    let interrupt = Interrupt(connection.interruptions)
    let limits = Exchange.Limits(timeLimit: timeout, interrupt: interrupt)
    let (results, failure) = try await withTaskCancellationHandler {
      try await connection.open(target, applicationName, limits, statements)
    } onCancel: {
      interrupt.callOff()
    }
    return Asked(connection: connection, results: results, failure: failure)
  }

  private func open(
    _ target: ConnectionTarget, _ applicationName: String, _ limits: Exchange.Limits, _ statements: [SQL]
  ) async throws -> (results: [QueryResult], failure: PostgresError?) {
    let opening = Opening(target: target, applicationName: applicationName, interruptions: interruptions)
    let link = try opening.run(Exchange(limits))
    activity.set(key: link.cancelKey)
    self.link = link
    return try await pipelineUntilFailure(statements)
  }

  /// A new connection with its first answers: those before the statement that failed.
  public struct Asked: Sendable {
    public let connection: PostgresConnection
    public let results: [QueryResult]
    public let failure: PostgresError?
  }

  static func newID() -> UInt64 { nextID.add(1, ordering: .relaxed).oldValue }

  // MARK: Queries

  /// Runs one statement and holds its rows in memory. After the time limit it is cancelled on the server and `timedOut`
  /// is thrown.
  public func query(_ sql: SQL, timeLimit: Duration? = nil) async throws -> QueryResult {
    try await perform(timeLimit) { connection, link, exchange in
      try connection.run(sql, link, exchange)
    }
  }

  /// Runs one statement and says how many rows it selected, inserted, updated or deleted.
  @discardableResult
  public func execute(_ sql: SQL, timeLimit: Duration? = nil) async throws -> Int {
    try await query(sql, timeLimit: timeLimit).rowsAffected
  }

  /// Runs several statements in one go, without parameters: for migrations. Unless the text manages transactions itself
  /// it is one transaction. An error's position counts from the start of the text.
  public func executeScript(_ text: String, timeLimit: Duration? = nil) async throws {
    try await perform(timeLimit) { _, link, exchange in
      try StatementText.refuseNUL(text)
      try link.sent(PQsendQuery(link.connection, text))
      _ = try link.collect(exchange)
    }
  }

  // MARK: Life

  /// True once the connection is lost or closed: every call will throw.
  public var isBroken: Bool { link.map(\.isLost) ?? true }

  /// True inside a transaction block.
  public var isInTransaction: Bool { link.map(\.isInTransaction) ?? false }

  /// The server process that serves this connection.
  public var backendProcessID: Int32? { link.map { PQbackendPID($0.connection) } }

  /// The server's version as a number: 150018 is 15.18.
  public var serverVersion: Int { link.map { Int(PQserverVersion($0.connection)) } ?? 0 }

  /// Ends the connection; calls that come later throw, streams of notifications end. An open transaction rolls back.
  public func close() {
    link?.markLost()
    link = nil
    activity.set(key: nil)
    stopListening()
  }

  /// Asks the server to cancel what runs on this connection, from any task, without waiting behind it. Returns when the
  /// server has taken the request or after five seconds. Does nothing when nothing runs.
  public nonisolated func cancel() async {
    guard let key = activity.keyOfRunning else { return }
    await key.sendOffPool(atMost: Exchange.graceAfterCancel)
  }
}

/// Whether something runs on the connection, and how to cancel it: what other threads may know of a connection.
final class Activity: Sendable {
  private struct State: Sendable {
    var key: CancelKey?
    var isRunning = false
  }

  private let state = Mutex(State())

  func set(key: CancelKey?) { state.withLock { $0.key = key } }

  func set(running: Bool) { state.withLock { $0.isRunning = running } }

  var keyOfRunning: CancelKey? { state.withLock { $0.isRunning ? $0.key : nil } }
}

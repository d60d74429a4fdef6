import Logging
import Model
import PostgresClient
import Store

/// A connection that is made anew when it is lost. Work is only repeated where the caller says that it may be.
public actor DatabaseLink {
  private let open: @Sendable () async throws -> PostgresConnection
  private let logger: Logger
  private var current: PostgresConnection?
  private var opening: Task<PostgresConnection, any Error>?
  private var isClosed = false

  public init(logger: Logger, open: @escaping @Sendable () async throws -> PostgresConnection) {
    self.open = open
    self.logger = logger
  }

  func connection() async throws -> PostgresConnection {
    if isClosed { throw PostgresError(.usage, "the worker has ended and let go of the database") }
    if let current, await !current.isBroken { return current }
    if let opening { return try await opening.value }
    let task = Task {
      let made = try await open()
      try await Queue(made).limitIdleTransactions()
      return made
    }
    opening = task
    defer { opening = nil }
    let made = try await task.value
    if isClosed { await made.close() }
    current = made
    return made
  }

  /// Runs `body`, which must be safe to run twice, again and again with a growing pause as long as the database is away or
  /// this link is taken by other tasks.
  /// - Throws: every other error of `body`, and `CancellationError`.
  func retrying<T: Sendable>(_ body: @Sendable (PostgresConnection) async throws -> T) async throws -> T {
    var pause = Duration.milliseconds(100)
    while true {
      do {
        return try await body(try await connection())
      } catch let error as PostgresError where error.isAway {
        logger.warning("\(error.trouble), trying again", metadata: ["cause": "\(error)"])
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(5))
      }
    }
  }

  /// For good.
  public func close() async {
    isClosed = true
    await current?.close()
    current = nil
  }
}

extension PostgresError {
  /// What is the matter when it `isAway`, and what mends it where a person has to.
  var trouble: String {
    isDiskFull ? "the disk of the database is full: free some space there" : "the database does not answer"
  }

  /// The connection is gone or taken, the server is stopping or starting or finds no room: nothing is wrong with the
  /// statement.
  var isAway: Bool {
    switch kind {
    case .connectionFailed, .connectionLost, .outcomeUnknown, .timedOut: true
    case .server(let state):
      state.hasPrefix("57P") || state.hasPrefix("08") || state == "40P01" || state == "40001" || isDiskFull
    case .cancelled, .decoding, .usage: false
    }
  }
}

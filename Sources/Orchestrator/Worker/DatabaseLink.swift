import Logging
import Model
import PostgresClient

/// A connection that is made anew when it is lost. Work is only repeated where the caller says that it may be.
public actor DatabaseLink {
  private let open: @Sendable () async throws -> PostgresConnection
  private let logger: Logger
  private var current: PostgresConnection?
  private var opening: Task<PostgresConnection, any Error>?

  public init(logger: Logger, open: @escaping @Sendable () async throws -> PostgresConnection) {
    self.open = open
    self.logger = logger
  }

  func connection() async throws -> PostgresConnection {
    if let current, await !current.isBroken { return current }
    if let opening { return try await opening.value }
    let task = Task { try await open() }
    opening = task
    defer { opening = nil }
    let made = try await task.value
    current = made
    return made
  }

  /// Runs `body`, which must be safe to run twice, again and again with a growing pause as long as the database is away.
  /// - Throws: every other error of `body`, and `CancellationError`.
  func retrying<T: Sendable>(_ body: @Sendable (PostgresConnection) async throws -> T) async throws -> T {
    var pause = Duration.milliseconds(100)
    while true {
      do {
        return try await body(try await connection())
      } catch let error as PostgresError where error.isAway {
        logger.warning("the database is away, trying again", metadata: ["cause": "\(error)"])
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(5))
      }
    }
  }

  public func close() async {
    await current?.close()
    current = nil
  }
}

extension PostgresError {
  /// The connection is gone or the server is stopping or starting: nothing is wrong with the statement.
  var isAway: Bool {
    switch kind {
    case .connectionFailed, .connectionLost, .outcomeUnknown: true
    case .server(let state): state.hasPrefix("57P") || state.hasPrefix("08") || state == "40P01" || state == "40001"
    case .timedOut, .cancelled, .decoding, .usage: false
    }
  }
}

import CLibPQ
import SQLText

/// What a reader of a stream wants next.
public enum StreamStep: Sendable {
  case next, stop
}

extension PostgresConnection {
  /// Runs one statement and hands its rows to `body` in batches as they come, in memory no more than one batch and what
  /// the sockets hold: the server waits while `body` works. `.stop`, an error and a cancelled task end the statement on
  /// the server. Until the end no other call gets through, and one from within `body` throws `usage`.
  ///
  /// A batch has `batchSize` rows, the last may have fewer; the result is how many rows `body` was given. An error may
  /// come after rows were handed over, which then are incomplete.
  @discardableResult
  public func stream(
    _ sql: SQL, batchSize: Int = 500, timeLimit: Duration? = nil,
    _ body: @Sendable ([Row]) async throws -> StreamStep
  ) async throws -> Int {
    try await performStreaming(timeLimit) { connection, link, exchange in
      try connection.send(sql, link, exchange)
      guard PQsetSingleRowMode(link.connection) == 1 else { throw PostgresError(.usage, "the statement has no rows") }
      do {
        return try await connection.deliver(link, exchange, max(1, batchSize), body)
      } catch {
        link.drain(exchange)
        throw error
      }
    }
  }

  /// As `perform`, for work that suspends while somebody else's code looks at what came. Nothing else gets through to the
  /// connection meanwhile, and a call from that very code throws `usage`.
  func performStreaming<T: Sendable>(
    _ timeLimit: Duration?, _ work: (isolated PostgresConnection, Link, Exchange) async throws -> T
  ) async throws -> T {
    let path = Self.path
    let scope = Self.newID()
    let interrupt = Interrupt(interruptions)
    return try await withTaskCancellationHandler {
      try await enter(path, cancellable: true)
      defer { leave() }
      let link = try usableLink()
      let exchange = Exchange(
        Exchange.Limits(timeLimit: timeLimit ?? options.statementTimeLimit, interrupt: interrupt))
      if exchange.isCalledOff { throw Exchange.error(of: .cancelled) }
      gate.beginStreaming(scope)
      return try await Self.$path.withValue(path + [scope]) { try await work(self, link, exchange) }
    } onCancel: {
      interrupt.callOff()
    }
  }

  fileprivate func deliver(
    _ link: Link, _ exchange: Exchange, _ batchSize: Int, _ body: @Sendable ([Row]) async throws -> StreamStep
  ) async throws -> Int {
    var delivered = 0
    while true {
      let (rows, isLast) = try link.nextRows(batchSize, exchange)
      delivered += rows.count
      let step = rows.isEmpty ? .next : try await body(rows)
      // The body may have taken its time, and somebody may have closed the connection meanwhile.
      if link.isLost { throw PostgresError.lost }
      if isLast { return delivered }
      if step == .stop {
        link.drain(exchange)
        return delivered
      }
    }
  }
}

extension Link {
  /// Up to `count` rows in single-row mode, and whether they are the last.
  func nextRows(_ count: Int, _ exchange: Exchange) throws(PostgresError) -> (rows: [Row], isLast: Bool) {
    var rows: [Row] = []
    while rows.count < count {
      guard let result = try nextResult(exchange) else {
        finish(exchange)
        return (rows, true)
      }
      switch result.status {
      case PGRES_SINGLE_TUPLE: rows.append(Row(handle: result, index: 0))
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: throw error(of: result, exchange)
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        markLost()
        throw PostgresError(.usage, "COPY is not a query", hint: "use copyIn")
      default: break
      }
    }
    return (rows, false)
  }

  /// Cancels what still runs and reads to the end, so that the next statement finds a clean connection.
  func drain(_ exchange: Exchange) {
    if isLost { return }
    if PQtransactionStatus(connection) == PQTRANS_ACTIVE {
      exchange.callOff()
      requestCancel(exchange)
    }
    // The error of the cancelled statement is what was wanted; anything worse shows as a lost connection.
    do {
      while let result = try nextResult(exchange) {
        // libpq goes on saying that a copy is under way until its data are read.
        if result.status == PGRES_COPY_OUT { try leaveCopy(result.status, exchange) }
      }
    } catch {
      markLost()
    }
    finish(exchange)
  }
}

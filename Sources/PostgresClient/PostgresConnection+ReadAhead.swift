import CLibPQ
import SQLText

/// Rows of one of several statements that were sent at once.
public struct ReadAheadRows: Sendable {
  /// Of the statement, from 0.
  public let index: Int
  /// In the order of the server; a statement without rows has one batch, which is empty.
  public let rows: [Row]
  /// The statement has no more.
  public let isLast: Bool
}

extension PostgresConnection {
  /// Sends all statements at once and hands their rows to `body` in order and in batches, as they come: one round trip,
  /// and in memory no more than one batch. For reads, of which each stands for itself. Outside a transaction they see one
  /// another's time (`now()`), but each its own snapshot.
  ///
  /// A statement that fails ends it, with those behind it not run: the result is its error with its `statementIndex`, nil
  /// when all went well. An error of `body` and a cancelled task end what runs on the server.
  public func readAhead(
    _ statements: [SQL], batchSize: Int = 500, timeLimit: Duration? = nil,
    _ body: @Sendable (ReadAheadRows) async throws -> Void
  ) async throws -> PostgresError? {
    let ready = try statements.map(PipelineStatement.init)
    return try await performStreaming(timeLimit) { connection, link, exchange in
      var first = 0
      while first < ready.count {
        let failure = try await connection.readAhead(ready[first...], max(1, batchSize), link, exchange, body)
        guard let failure else { return nil }
        // A prepared statement that the schema or the session has outlived is refused before it runs.
        guard failure.isStale, !link.isInTransaction, let index = failure.error.statementIndex else {
          return failure.error
        }
        connection.statements.forgetAll()
        try link.simple("deallocate all", exchange)
        first = index
      }
      return nil
    }
  }

  private func readAhead(
    _ statements: ArraySlice<PipelineStatement>, _ batchSize: Int, _ link: Link, _ exchange: Exchange,
    _ body: @Sendable (ReadAheadRows) async throws -> Void
  ) async throws -> ReadAheadFailure? {
    let sent = try send(statements, link, exchange)
    do {
      let failure = try await deliver(sent, batchSize, link, exchange, body)
      PQexitPipelineMode(link.connection)
      return failure
    } catch {
      link.drainPipeline(exchange)
      throw error
    }
  }

  private func send(
    _ statements: ArraySlice<PipelineStatement>, _ link: Link, _ exchange: Exchange
  ) throws(PostgresError) -> [SentAhead] {
    guard PQenterPipelineMode(link.connection) == 1 else {
      throw PostgresError(.usage, "a pipeline cannot begin while something runs")
    }
    var sent: [SentAhead] = []
    do throws(PostgresError) {
      for index in statements.indices {
        sent += try queue(statements[index], index, link, exchange)
        // As in `pipeline`: reading while writing keeps both sides from waiting for each other.
        if index % 64 == 63 {
          try link.flush()
          try link.consumeInput()
        }
      }
      guard PQpipelineSync(link.connection) == 1 else { throw PostgresError.lost }
      try link.flush()
    } catch {
      // Half a pipeline cannot be taken back, and its results would be taken for those of the next statement.
      link.markLost()
      throw error
    }
    return sent
  }

  /// Prepares what is seen for the second time on the way, so that a thousand statements of one shape are planned once.
  private func queue(
    _ statement: PipelineStatement, _ index: Int, _ link: Link, _ exchange: Exchange
  ) throws(PostgresError) -> [SentAhead] {
    exchange.bindings += statement.texts
    let key = StatementCache.Key(text: statement.text, types: statement.parameters.types)
    switch statements.plan(key) {
    case .direct:
      try link.accepted(link.sendParameters(statement.text, statement.parameters))
      return [.read(index, isPrepared: false)]
    case .prepared(let name):
      try link.accepted(link.sendPrepared(name, statement.parameters))
      return [.read(index, isPrepared: true)]
    case .prepare(let name, let evicted):
      if let evicted {
        try link.accepted(PQsendQueryParams(link.connection, "deallocate \(evicted)", 0, nil, nil, nil, nil, 0))
      }
      let types = statement.parameters.types
      try link.accepted(PQsendPrepare(link.connection, name, statement.text, Int32(types.count), types))
      try link.accepted(link.sendPrepared(name, statement.parameters))
      return (evicted == nil ? [] : [.deallocation]) + [.preparation(index, key), .read(index, isPrepared: false)]
    }
  }

  private func deliver(
    _ sent: [SentAhead], _ batchSize: Int, _ link: Link, _ exchange: Exchange,
    _ body: @Sendable (ReadAheadRows) async throws -> Void
  ) async throws -> ReadAheadFailure? {
    var failure: ReadAheadFailure?
    for item in sent {
      // Only ever for the statement whose results come next; one that has no rows refuses it, to no harm.
      PQsetSingleRowMode(link.connection)
      var isEnd = false
      while !isEnd {
        let (rows, end) = try link.nextRowsAhead(batchSize, exchange, item, &failure)
        isEnd = end
        if failure == nil, case .read(let index, _) = item {
          try await body(ReadAheadRows(index: index, rows: rows, isLast: end))
          if link.isLost { throw PostgresError.lost }
        }
      }
      if failure != nil, case .preparation(_, let key) = item { statements.forget(key) }
    }
    while let result = try link.nextResult(exchange) {
      if result.status == PGRES_PIPELINE_SYNC { break }
    }
    link.finish(exchange)
    return failure
  }
}

/// One thing that was sent; the results come in the same order.
private enum SentAhead {
  case read(Int, isPrepared: Bool)
  case preparation(Int, StatementCache.Key)
  case deallocation

  /// Of the statement it belongs to.
  var index: Int? {
    switch self {
    case .read(let index, _), .preparation(let index, _): index
    case .deallocation: nil
    }
  }
}

private struct ReadAheadFailure {
  let error: PostgresError
  /// The server no longer has what was prepared, or its result has changed.
  let isStale: Bool
}

extension Link {
  /// Up to `count` rows of the statement whose results come now, and whether that was its end.
  fileprivate func nextRowsAhead(
    _ count: Int, _ exchange: Exchange, _ item: SentAhead, _ failure: inout ReadAheadFailure?
  ) throws(PostgresError) -> (rows: [Row], isEnd: Bool) {
    var rows: [Row] = []
    while rows.count < count {
      guard let result = try nextResult(exchange) else { return (rows, true) }
      switch result.status {
      case PGRES_SINGLE_TUPLE: rows.append(Row(handle: result, index: 0))
      case PGRES_TUPLES_OK: rows += QueryResult(handle: result).rows
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
        let error = error(of: result, exchange, index: item.index)
        if isLost { throw error }
        guard failure == nil else { continue }
        var isStale = false
        if case .read(_, true) = item { isStale = ["0A000", "26000"].contains(error.sqlState) }
        failure = ReadAheadFailure(error: error, isStale: isStale)
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        markLost()
        throw PostgresError(.usage, "COPY cannot be part of a pipeline", hint: "use copyOut")
      default: break
      }
    }
    return (rows, false)
  }

  /// Cancels what still runs and reads up to the synchronisation point.
  fileprivate func drainPipeline(_ exchange: Exchange) {
    if isLost { return }
    exchange.callOff()
    requestCancel(exchange)
    var isSynchronised = false
    do {
      while !isSynchronised {
        guard PQstatus(connection) == CONNECTION_OK else { return markLost() }
        // Nil ends one statement's results; the pipeline ends with its synchronisation point.
        isSynchronised = try nextResult(exchange)?.status == PGRES_PIPELINE_SYNC
      }
    } catch {
      markLost()
    }
    finish(exchange)
    if PQexitPipelineMode(connection) != 1 { markLost() }
  }
}

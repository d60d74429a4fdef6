import CLibPQ
import SQLText

extension PostgresConnection {
  /// Sends all statements at once and reads all results: one round trip. Outside a transaction they are one: either all
  /// take effect or none.
  /// - Throws: the first statement's error, with its `statementIndex`.
  public func pipeline(_ statements: [SQL], timeLimit: Duration? = nil) async throws -> [QueryResult] {
    let (results, failure) = try await pipelineUntilFailure(statements, timeLimit: timeLimit)
    if let failure { throw failure }
    return results
  }

  /// As `pipeline`, but hands back the results of the statements before the one that failed: for reads, of which each
  /// stands for itself.
  public func pipelineUntilFailure(
    _ statements: [SQL], timeLimit: Duration? = nil
  ) async throws -> (results: [QueryResult], failure: PostgresError?) {
    if statements.isEmpty { return ([], nil) }
    let ready = try statements.map(PipelineStatement.init)
    return try await perform(timeLimit) { connection, link, exchange in
      guard PQenterPipelineMode(link.connection) == 1 else {
        throw PostgresError(.usage, "a pipeline cannot begin while something runs")
      }
      do {
        for (index, statement) in ready.enumerated() {
          try connection.queue(statement, link, exchange)
          // Reading while writing keeps both sides from waiting for each other with full buffers. Not every time,
          // because that is two system calls.
          if index % 64 == 63 {
            try link.flush()
            try link.consumeInput()
          }
        }
        guard PQpipelineSync(link.connection) == 1 else { throw PostgresError.lost }
        try link.flush()
        let outcome = try link.collectPipeline(statements.count, exchange)
        PQexitPipelineMode(link.connection)
        return outcome
      } catch {
        // Half a pipeline cannot be taken back, and its results would be taken for those of the next statement.
        link.markLost()
        throw error
      }
    }
  }

  private func queue(_ statement: PipelineStatement, _ link: Link, _ exchange: Exchange) throws(PostgresError) {
    exchange.bindings += statement.texts
    let (text, parameters) = (statement.text, statement.parameters)
    let key = StatementCache.Key(text: text, types: parameters.types)
    if let name = statements.preparedName(key) {
      try link.accepted(link.sendPrepared(name, parameters))
    } else {
      try link.accepted(link.sendParameters(text, parameters))
    }
  }
}

/// A statement that has been checked, since one that libpq refuses halfway would cost the connection.
struct PipelineStatement: Sendable {
  let text: String
  let parameters: EncodedParameters
  let texts: [String]

  init(_ sql: SQL) throws(PostgresError) {
    let (text, values) = sql.rendered()
    try StatementText.refuseNUL(text)
    self.text = text
    parameters = EncodedParameters(values)
    texts = values.texts
    try StatementText.refuseTooMany(parameters)
  }
}

extension Link {
  /// The results of a pipeline up to its synchronisation point, and the first error.
  func collectPipeline(_ count: Int, _ exchange: Exchange) throws(PostgresError) -> (
    results: [QueryResult], failure: PostgresError?
  ) {
    var results: [QueryResult] = []
    var failure: PostgresError?
    var isSynchronised = false
    while !isSynchronised {
      // Nil ends one statement's results; the pipeline ends with its synchronisation point.
      guard let result = try nextResult(exchange) else { continue }
      switch result.status {
      case PGRES_PIPELINE_SYNC: isSynchronised = true
      case PGRES_PIPELINE_ABORTED: break
      case PGRES_FATAL_ERROR:
        failure = failure ?? error(of: result, exchange, index: results.count)
        if isLost { throw failure ?? .lost }
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        throw PostgresError(.usage, "COPY cannot be part of a pipeline", hint: "use copyIn")
      default: results.append(QueryResult(handle: result))
      }
    }
    finish(exchange)
    return (results, failure)
  }
}

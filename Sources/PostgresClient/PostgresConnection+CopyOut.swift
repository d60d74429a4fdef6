import CLibPQ
import Glibc
import SQLText

extension PostgresConnection {
  /// COPY ... TO STDOUT: hands the server's own text to `body` in pieces of about 64 KB that end with a row, as they come.
  /// In memory is one piece and what the sockets hold: the server waits while `body` works. `.stop`, an error and a
  /// cancelled task end the statement on the server.
  ///
  /// The result is how many rows were copied, without a header line; as many as came when `body` stopped it, counted from
  /// the header on. An error may come after pieces were handed over, which then are incomplete.
  @discardableResult
  public func copyOut(
    _ statement: SQL, timeLimit: Duration? = nil, _ body: @Sendable ([UInt8]) async throws -> StreamStep
  ) async throws -> Int {
    try await performStreaming(timeLimit) { connection, link, exchange in
      try link.beginCopyOut(statement, exchange)
      do {
        return try await connection.deliver(link, exchange, body)
      } catch {
        link.drain(exchange)
        throw error
      }
    }
  }

  private func deliver(
    _ link: Link, _ exchange: Exchange, _ body: @Sendable ([UInt8]) async throws -> StreamStep
  ) async throws -> Int {
    var rows = 0
    while true {
      var piece: [UInt8] = []
      piece.reserveCapacity(CopyText.chunkSize + 4096)
      let isLast = try link.receiveCopy(&piece, &rows, exchange)
      let step = piece.isEmpty ? .next : try await body(piece)
      // The body may have taken its time, and somebody may have closed the connection meanwhile.
      if link.isLost { throw PostgresError.lost }
      if isLast { return try link.collect(exchange).last?.rowsAffected ?? rows }
      if step == .stop {
        link.drain(exchange)
        return rows
      }
    }
  }
}

extension Link {
  fileprivate func beginCopyOut(_ statement: SQL, _ exchange: Exchange) throws(PostgresError) {
    let (text, bindings) = statement.rendered()
    if !bindings.isEmpty { throw PostgresError(.usage, "COPY takes no parameters") }
    try StatementText.refuseNUL(text)
    try sent(PQsendQuery(connection, text))
    guard let result = try nextResult(exchange) else { throw PostgresError(.usage, "the statement is empty") }
    if result.status == PGRES_COPY_OUT { return }
    let failure =
      result.status == PGRES_FATAL_ERROR
      ? error(of: result, exchange) : PostgresError(.usage, "the statement is no COPY ... TO STDOUT")
    drain(exchange)
    throw failure
  }

  /// Fills the piece; true when there is no more. What the end was, success or an error, is then still to be collected.
  fileprivate func receiveCopy(
    _ piece: inout [UInt8], _ rows: inout Int, _ exchange: Exchange
  ) throws(PostgresError) -> Bool {
    var row: UnsafeMutablePointer<CChar>?
    while piece.count < CopyText.chunkSize {
      let length = PQgetCopyData(connection, &row, 1)
      if length < 0 { return true }
      if length == 0 {
        // What a slow query has come to so far is handed over, rather than kept until a piece is full.
        if !piece.isEmpty, !hasInput(within: 20) { return false }
        try wait(exchange)
        continue
      }
      piece.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(length)))
      PQfreemem(row)
      rows += 1
    }
    // A copy that waits for nothing would otherwise never look at its time limit.
    if exchange.step(now: .now) == .requestCancel { requestCancel(exchange) }
    return false
  }

  private func hasInput(within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0
  }
}

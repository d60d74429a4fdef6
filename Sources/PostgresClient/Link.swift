import CLibPQ
import Glibc
import SQLText

/// A libpq connection in non-blocking mode, driven by poll with time limits. Not thread-safe: it lives on its
/// `ConnectionThread`. What blocks here blocks that thread alone.
final class Link {
  let connection: OpaquePointer
  let interruptions: EventDescriptor
  let cancelKey: CancelKey
  private(set) var isLost = false
  private var flushPending = false

  init(connected connection: OpaquePointer, interruptions: EventDescriptor) throws(PostgresError) {
    self.connection = connection
    self.interruptions = interruptions
    guard let key = CancelKey(connection), PQsetnonblocking(connection, 1) == 0 else {
      PQfinish(connection)
      throw PostgresError(.connectionFailed, "out of memory for the connection")
    }
    cancelKey = key
  }

  deinit { PQfinish(connection) }

  var socket: Int32 { PQsocket(connection) }

  /// Nothing more is sent over it.
  func markLost() { isLost = true }

  /// True inside a transaction block that has failed.
  var isTransactionFailed: Bool { PQtransactionStatus(connection) == PQTRANS_INERROR }
  var isInTransaction: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }

  // MARK: Sending

  /// Checks what one of libpq's PQsend calls has answered and begins to write.
  func sent(_ status: Int32) throws(PostgresError) {
    try accepted(status)
    try flush()
  }

  /// The same, but leaves it in libpq's buffer for now.
  func accepted(_ status: Int32) throws(PostgresError) {
    guard status == 1 else { throw failureOfLink() }
  }

  /// Writes what can be written now.
  func flush() throws(PostgresError) {
    switch PQflush(connection) {
    case 0: flushPending = false
    case 1: flushPending = true
    // What the server said before it hung up is still to be read; reading finds out.
    default: flushPending = false
    }
  }

  /// Waits until everything is written, as between chunks of a COPY, so that libpq's buffer stays small.
  func flushAll(_ exchange: Exchange) throws(PostgresError) {
    try flush()
    while flushPending {
      try wait(exchange)
      try flush()
    }
  }

  // MARK: Receiving

  /// The next result, or nil at the end of a statement's results.
  func nextResult(_ exchange: Exchange) throws(PostgresError) -> ResultHandle? {
    while PQisBusy(connection) != 0 { try wait(exchange) }
    guard let result = PQgetResult(connection) else { return nil }
    return ResultHandle(result)
  }

  /// All results of what was sent, to the end; the first error is thrown once everything has been read.
  func collect(_ exchange: Exchange) throws(PostgresError) -> [ResultHandle] {
    var results: [ResultHandle] = []
    var failure: PostgresError?
    do throws(PostgresError) {
      while let result = try nextResult(exchange) {
        switch result.status {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
          failure = failure ?? error(of: result, exchange, index: results.count)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
          failure = failure ?? PostgresError(.usage, "COPY is not a query", hint: "use copyIn")
          try leaveCopy(result.status, exchange)
        default: results.append(result)
        }
      }
    } catch {
      throw failure?.kind == .connectionLost ? (failure ?? error) : error
    }
    finish(exchange)
    if let failure { throw failure }
    return results
  }

  /// Takes back what a COPY was to be given, or reads past what it still sends.
  func leaveCopy(_ status: ExecStatusType, _ exchange: Exchange) throws(PostgresError) {
    if status == PGRES_COPY_IN {
      try sent(PQputCopyEnd(connection, "not wanted") == 1 ? 1 : 0)
      return
    }
    var buffer: UnsafeMutablePointer<CChar>?
    while true {
      let length = PQgetCopyData(connection, &buffer, 1)
      PQfreemem(buffer)
      buffer = nil
      if length < 0 { return }
      if length == 0 { try wait(exchange) }
    }
  }

  /// Ends an exchange that was stopped: the request to cancel must have arrived before the next statement goes out.
  func finish(_ exchange: Exchange) {
    guard let request = exchange.cancelRequest else { return }
    exchange.cancelRequest = nil
    if !request.wait(atMost: Exchange.graceAfterCancel) { markLost() }
  }

  /// Asks the server to stop; the results still have to be read to their end.
  func requestCancel(_ exchange: Exchange) {
    if exchange.cancelRequest == nil { exchange.cancelRequest = CancelRequest(cancelKey) }
  }

  /// Waits for the socket, within the time limit, and takes in what has come.
  func wait(_ exchange: Exchange) throws(PostgresError) {
    let now = ContinuousClock.now
    switch exchange.step(now: now) {
    case .wait(let until):
      try waitForSocket(milliseconds: until.map { Self.milliseconds($0 - now) } ?? -1)
    case .requestCancel: requestCancel(exchange)
    case .giveUp:
      markLost()
      throw Exchange.error(of: exchange.stop ?? .timedOut)
    }
  }

  /// Rounded up, so that a wait never ends just before its deadline and spins.
  static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
  }

  private func waitForSocket(milliseconds: Int32) throws(PostgresError) {
    let events = Int16(POLLIN) | (flushPending ? Int16(POLLOUT) : 0)
    var descriptors = [
      pollfd(fd: socket, events: events, revents: 0),
      pollfd(fd: interruptions.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&descriptors, 2, milliseconds) > 0 else { return }
    if descriptors[1].revents != 0 { interruptions.drain() }
    if descriptors[0].revents == 0 { return }
    if flushPending { try flush() }
    try consumeInput()
  }

  /// Takes in what the socket holds, without waiting.
  func consumeInput() throws(PostgresError) {
    guard PQconsumeInput(connection) == 1 else { throw failureOfLink() }
  }

  private func failureOfLink() -> PostgresError {
    if PQstatus(connection) == CONNECTION_BAD {
      markLost()
      return .lost
    }
    // libpq refuses a call that does not fit the connection's state; its text names no value.
    return PostgresError(.usage, String(cString: PQerrorMessage(connection)).trimmed)
  }
}

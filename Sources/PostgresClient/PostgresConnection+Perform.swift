import CLibPQ
import SQLText

extension PostgresConnection {
  /// Every call goes through here: it waits its turn, runs on the connection's thread, and can be called off.
  func perform<T>(
    _ timeLimit: Duration?, cancellable: Bool = true, path: [TransactionGate.Scope] = PostgresConnection.path,
    _ work: (isolated PostgresConnection, Link, Exchange) throws -> T
  ) async throws -> T {
    let interrupt = Interrupt(interruptions)
    return try await withTaskCancellationHandler {
      try await enter(path, cancellable: cancellable)
      defer { leave() }
      let limits = Exchange.Limits(
        timeLimit: timeLimit ?? options.statementTimeLimit, interrupt: cancellable ? interrupt : nil)
      let exchange = Exchange(limits)
      if exchange.isCalledOff { throw Exchange.error(of: .cancelled) }
      return try work(self, try usableLink(), exchange)
    } onCancel: {
      interrupt.callOff()
    }
  }

  func usableLink() throws(PostgresError) -> Link {
    guard let link, !link.isLost else { throw PostgresError.lost }
    return link
  }

  // MARK: Turns

  func enter(_ path: [TransactionGate.Scope], cancellable: Bool) async throws(PostgresError) {
    if gate.wouldWaitForItself(path) {
      throw PostgresError(
        .usage, "the connection is reading a stream, and this call comes from the code that reads it",
        hint: "use another connection, or gather the rows first")
    }
    let id = Self.newID()
    if gate.enter(path, id: id) {
      activity.set(running: true)
      return
    }
    try await waitForTurn(id, cancellable: cancellable)
    activity.set(running: true)
  }

  private func waitForTurn(_ id: UInt64, cancellable: Bool) async throws(PostgresError) {
    let limit = options.queueTimeLimit
    let expiry = Task { [weak self] in
      try? await Task.sleep(for: limit)
      await self?.giveUpWaiting(id)
    }
    defer { expiry.cancel() }
    let admitted = await withTaskCancellationHandler {
      await withCheckedContinuation { waiters[id] = $0 }
    } onCancel: {
      if cancellable { Task { await self.giveUpWaiting(id) } }
    }
    if admitted { return }
    if cancellable, Task.isCancelled { throw Exchange.error(of: .cancelled) }
    throw PostgresError(
      .timedOut, "the connection is taken by a transaction of another task",
      hint: "a task that a transaction waits for must not use the connection from outside the transaction")
  }

  private func giveUpWaiting(_ id: UInt64) {
    if gate.abandon(id) { waiters.removeValue(forKey: id)?.resume(returning: false) }
  }

  func leave() {
    activity.set(running: false)
    deliverNotifications()
    if let next = gate.leave() { waiters.removeValue(forKey: next)?.resume(returning: true) }
  }

  // MARK: Statements

  /// Sends one statement and reads its result, on the connection's thread.
  func run(_ sql: SQL, _ link: Link, _ exchange: Exchange) throws(PostgresError) -> QueryResult {
    let wasPrepared = try send(sql, link, exchange)
    do throws(PostgresError) {
      return try onlyResult(try link.collect(exchange))
    } catch {
      // A prepared statement that the schema or the session has outlived is refused before it runs, so outside a
      // transaction it may be sent once more. Inside, the transaction has failed and the caller decides.
      guard wasPrepared, ["0A000", "26000"].contains(error.sqlState), !link.isInTransaction else { throw error }
      statements.forgetAll()
      try link.simple("deallocate all", exchange)
      try send(sql, link, exchange)
      return try onlyResult(try link.collect(exchange))
    }
  }

  private func onlyResult(_ results: [ResultHandle]) throws(PostgresError) -> QueryResult {
    guard let last = results.last, last.status != PGRES_EMPTY_QUERY else {
      throw PostgresError(.usage, "the statement is empty")
    }
    return QueryResult(handle: last)
  }

  /// Sends one statement, prepared if that pays, and says whether it was. Its results are still to be read.
  @discardableResult
  func send(_ sql: SQL, _ link: Link, _ exchange: Exchange) throws(PostgresError) -> Bool {
    let (text, values) = sql.rendered()
    try StatementText.refuseNUL(text)
    exchange.bindings = values.texts
    let parameters = EncodedParameters(values)
    try StatementText.refuseTooMany(parameters)
    let key = StatementCache.Key(text: text, types: parameters.types)
    switch statements.plan(key) {
    case .direct:
      try link.sent(link.sendParameters(text, parameters))
      return false
    case .prepared(let name):
      try link.sent(link.sendPrepared(name, parameters))
      return true
    case .prepare(let name, let evicted):
      do throws(PostgresError) {
        if let evicted { try link.deallocate(evicted, exchange) }
        try link.prepare(name, text, parameters, exchange)
      } catch {
        statements.forget(key)
        throw error
      }
      try link.sent(link.sendPrepared(name, parameters))
      return true
    }
  }
}

enum StatementText {
  /// libpq takes statements as C strings: what follows a NUL would be lost without a word.
  static func refuseNUL(_ text: String) throws(PostgresError) {
    if text.utf8.contains(0) { throw PostgresError(.usage, "the statement's text holds a NUL character") }
  }

  static func refuseTooMany(_ parameters: EncodedParameters) throws(PostgresError) {
    if parameters.types.count > 65_535 {
      throw PostgresError(
        .usage, "the statement has \(parameters.types.count) parameters, and PostgreSQL takes at most 65535",
        hint: "bind an array and use any(...) or unnest(...)")
    }
  }
}

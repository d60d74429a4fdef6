import CLibPQ
import SQLText

extension PostgresConnection {
  /// Runs `body` between BEGIN and COMMIT; an error or a cancelled task rolls back. Calls of other tasks on this
  /// connection wait until the end; calls that `body` and its child tasks make go through. Within a transaction it is a
  /// savepoint.
  /// - Throws: what `body` throws; `PostgresError`, of kind `outcomeUnknown` when the connection was lost before
  ///   COMMIT was answered, and with SQLSTATE 25P02 when `body` swallowed the error of a statement.
  @discardableResult
  public func transaction<T: Sendable>(
    _ body: @Sendable () async throws -> T
  ) async throws -> T {
    let outer = Self.path
    let scope = Self.newID()
    let isSavepoint = gate.scope(of: outer) != nil
    try await perform(nil, path: outer) { connection, link, exchange in
      try link.simple(isSavepoint ? "savepoint s\(scope)" : "begin", exchange)
      connection.gate.open(scope)
    }
    let path = outer + [scope]
    do {
      let value = try await Self.$path.withValue(path) { try await body() }
      try await commit(scope, path, isSavepoint)
      return value
    } catch {
      await rollBack(scope, path, isSavepoint)
      throw error
    }
  }

  /// How long COMMIT may take; it cannot be called off, because its outcome would be unknown.
  private static let commitTimeLimit: Duration = .seconds(120)
  private static let rollbackTimeLimit: Duration = .seconds(20)

  private func commit(_ scope: UInt64, _ path: [UInt64], _ isSavepoint: Bool) async throws {
    if Task.isCancelled { throw Exchange.error(of: .cancelled) }
    try await perform(Self.commitTimeLimit, cancellable: false, path: path) { connection, link, exchange in
      if link.isTransactionFailed {
        // COMMIT would roll back and call that a success.
        throw PostgresError(
          .server(sqlState: "25P02"), "a statement of the transaction failed, so it is rolled back",
          hint: "let the statement's error leave the transaction, or put the statement into a transaction of its own")
      }
      do throws(PostgresError) {
        try link.simple(isSavepoint ? "release savepoint s\(scope)" : "commit", exchange)
      } catch {
        if !isSavepoint && link.isLost {
          throw PostgresError(
            .outcomeUnknown, "the connection was lost before COMMIT was answered: \(error.safeMessage)",
            hint: "look whether the change is there before doing it again")
        }
        throw error
      }
      connection.gate.close(scope)
    }
  }

  private func rollBack(_ scope: UInt64, _ path: [UInt64], _ isSavepoint: Bool) async {
    guard gate.scopes.contains(scope) else { return }
    do {
      try await perform(Self.rollbackTimeLimit, cancellable: false, path: path) { connection, link, exchange in
        defer { connection.gate.close(scope) }
        if link.isInTransaction {
          try link.simple(
            isSavepoint ? "rollback to savepoint s\(scope); release savepoint s\(scope)" : "rollback", exchange)
        }
      }
    } catch {
      // Whatever it was, the server must not go on holding a transaction that nobody ends: it rolls back when the
      // connection goes.
      link?.markLost()
      await abandon(scope)
    }
  }

  /// Closes the scope of a transaction that could not even be rolled back, so that others do not wait for it.
  private func abandon(_ scope: UInt64) async {
    gate.close(scope)
    if !gate.isBusy { leave() }
  }
}

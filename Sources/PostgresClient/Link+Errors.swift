import CLibPQ

extension Link {
  /// The error of a failed result. A FATAL one, or one that libpq made up itself, is the end of the connection.
  /// The index says which statement of several it is.
  func error(of result: ResultHandle, _ exchange: Exchange, index: Int? = nil) -> PostgresError {
    var error = classified(result, exchange)
    error.statementIndex = index
    return error
  }

  private func classified(_ result: ResultHandle, _ exchange: Exchange) -> PostgresError {
    let state = result.errorField("C") ?? ""
    let severity = result.errorField("V") ?? "FATAL"
    let message = (result.errorField("M") ?? result.errorMessage).trimmed
    let safe = Self.withoutValues(message, exchange.bindings)
    if state.isEmpty || severity == "FATAL" || severity == "PANIC" {
      markLost()
      return PostgresError(
        .connectionLost, "the connection to the database is lost: \(message)",
        safeMessage: "the connection to the database is lost: \(safe)", hint: PostgresError.lost.hint)
    }
    if state == "57014" {
      if let stop = exchange.stop { return Exchange.error(of: stop) }
      return PostgresError(message.contains("timeout") ? .timedOut : .cancelled, message)
    }
    return PostgresError(
      .server(sqlState: state), message, safeMessage: safe, detail: result.errorField("D"),
      hint: result.errorField("H").map { Self.withoutValues($0, exchange.bindings) },
      position: result.errorField("P").flatMap { Int($0) },
      constraint: result.errorField("n"), table: result.errorField("t"))
  }

  /// The server quotes a value that it could not read; what was bound does not belong in a log.
  static func withoutValues(_ message: String, _ bindings: [String]) -> String {
    var safe = message
    for value in bindings.prefix(64) where !value.isEmpty {
      safe = safe.replacing("\"\(value)\"", with: "\"…\"")
      if value.utf8.count >= 6 { safe = safe.replacing(value, with: "…") }
    }
    return safe
  }
}

extension String {
  /// Without the line end that libpq closes its messages with.
  var trimmed: String {
    var text = Substring(self)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

import Diagnostics
import PostgresClient
import QueryLanguage
import Store

extension ProducerSession {
  /// - Parameter span: what it is about; nil: the whole statement.
  func failure(
    _ code: String, _ message: String, _ statement: Statement, at span: Span? = nil, hints: [String] = []
  ) -> DiagnosticError {
    DiagnosticError(
      Diagnostic(
        code: code, message: message, source: statement.source, span: span ?? statement.span, hints: hints))
  }

  func projectInUse(_ statement: Statement) throws -> SessionContext.Place {
    if let project = context.project { return project }
    throw failure(
      "no_project", "no project is in use", statement,
      hints: ["apply \"production.yaml\" makes one; use project NAME chooses one"])
  }
}

extension PostgresError {
  var isConnectionTrouble: Bool {
    switch kind {
    case .connectionFailed, .connectionLost, .outcomeUnknown: true
    case .server(let state): state.hasPrefix("57P")
    case .timedOut, .cancelled, .decoding, .usage: false
    }
  }

  func away(_ statement: Statement, isLookedUp: Bool = false) -> Diagnostic {
    let hint =
      switch kind {
      case _ where isLookedUp: "whether it happened is looked up as soon as the server answers"
      case .connectionFailed: "callsheet doctor  says more; the next statement tries again"
      case .outcomeUnknown: "actions | sort -id | take 1   says whether it happened; the next statement connects anew"
      default: "nothing was changed; the next statement connects anew"
      }
    return Diagnostic(
      code: "database_away", message: message, source: statement.source, span: statement.span, hints: [hint])
  }

  /// For a person: the server's own words are about our SQL, so they come as a hint for whoever reports it.
  func diagnostic(_ statement: Statement) -> Diagnostic {
    if kind == .server(sqlState: "25006") {
      return Diagnostic(
        code: "read_only", message: "nothing can be changed here: the database is read-only",
        source: statement.source, span: statement.span,
        hints: ["the server is a standby, or this user may only read; --database names another"])
    }
    if isDiskFull {
      return Diagnostic(
        code: "database_full", message: "the disk of the database is full, nothing was changed: \(message)",
        source: statement.source, span: statement.span,
        hints: ["free some space there and say it again; callsheet db status  names the embedded database's folder"])
    }
    let code: String
    switch kind {
    case .cancelled: code = "cancelled"
    case .timedOut: code = "timed_out"
    case .server(let state): code = "database_\(state)"
    case .connectionFailed, .connectionLost, .outcomeUnknown, .decoding, .usage: code = "database"
    }
    return Diagnostic(
      code: code, message: kind == .cancelled ? "cancelled" : "the database refused this: \(message)",
      source: statement.source, span: statement.span, hints: hint.map { [$0] } ?? [])
  }
}

extension ClusterError {
  func away(_ statement: Statement) -> Diagnostic {
    Diagnostic(
      code: "database_away", message: message, source: statement.source, span: statement.span,
      hints: [hint ?? "callsheet doctor  says more; the next statement tries again"])
  }
}

extension Diagnostic {
  /// The same with the places that lead to it, innermost first: `included from morning.callsheet:12`.
  func reached(by trail: [String]) -> Diagnostic {
    if trail.isEmpty { return self }
    var reached = self
    // Hints stand in the place of what was expected.
    if hints.isEmpty, let advice { reached.hints = [advice] }
    reached.hints += trail
    return reached
  }
}

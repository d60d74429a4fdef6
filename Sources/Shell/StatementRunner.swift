import Diagnostics
import Foundation
import Model
import QueryLanguage
import Rendering
import Session
import Terminal

/// Runs statements one after the other and shows what they say; the same for the prompt and for batches.
public final class StatementRunner {
  public let session: ProducerSession
  public var presenter: Presenter
  /// The worst that happened so far.
  public private(set) var status = ExitStatus.fine
  /// The last action that was carried out.
  public private(set) var lastAction: ActionID?
  /// What `set` changed of the shell's own.
  public private(set) var settings: [String: String] = [:]
  /// The person said no to the last statement.
  public private(set) var wasDeclined = false

  public init(session: ProducerSession, presenter: Presenter) {
    self.session = session
    self.presenter = presenter
  }

  /// Runs a piece of text. Returns false when a statement failed; the rest of the piece was then not run, unless
  /// `goesOn`.
  /// - Throws: `OutputError`, and `DatabaseAway`.
  public func run(_ piece: SourceText, goesOn: Bool, promptWidth: Int? = nil) async throws -> Bool {
    let parsed = Parser.parse(piece)
    var isFine = true
    if !parsed.other.isEmpty {
      try presenter.show(parsed.other, promptWidth: promptWidth)
      if parsed.other.contains(where: { $0.severity == .error }) {
        record(.statementFailed)
        if !goesOn { return false }
        isFine = false
      }
    }
    for statement in parsed.statements {
      if try await run(statement, goesOn: goesOn, promptWidth: promptWidth) { continue }
      isFine = false
      if !goesOn { return false }
    }
    return isFine
  }

  private func run(_ statement: Statement, goesOn: Bool, promptWidth: Int?) async throws -> Bool {
    do {
      let execution = try await session.execute(statement)
      try presenter.show(execution.warnings, promptWidth: promptWidth)
      if case .script(let call) = execution.outcome { return try await run(call, goesOn: goesOn) }
      if case .watch(let watching) = execution.outcome {
        try await WatchLoop(session: session, presenter: presenter, statement: statement, watching: watching).run()
      } else if case .setting(let key, let value) = execution.outcome {
        try change(key, value, statement)
      } else {
        try await presenter.show(execution.outcome)
      }
      if case .action(let report) = execution.outcome, !execution.isTakenBack { lastAction = report.id }
      if execution.isTakenBack { try presenter.note("dry run: nothing was changed") }
      if execution.isPartial { record(.partlyDone) }
      return true
    } catch let error as DiagnosticError {
      try presenter.show(error.diagnostics, promptWidth: promptWidth)
      record(.statementFailed)
    } catch let error as ExpectationUnmet {
      try presenter.show([error.diagnostic], promptWidth: promptWidth)
      record(.expectationUnmet)
    } catch is NotConfirmed {
      try presenter.note("nothing was done")
      wasDeclined = true
      record(.statementFailed)
    } catch let error as any Error & CustomStringConvertible where error is FormatError || error is ExportError {
      try presenter.show([
        Diagnostic(code: "output", message: error.description, source: statement.source, span: statement.span)
      ])
      record(.statementFailed)
    } catch is CancellationError {
      try presenter.note("cancelled")
      record(.interrupted)
    }
    return false
  }

  private func change(_ key: String, _ value: String, _ statement: Statement) throws {
    switch key {
    case "format":
      guard let format = OutputFormat(rawValue: value) else {
        throw DiagnosticError(
          Diagnostic(
            code: "bad_setting", message: "there is no format \"\(value)\"", source: statement.source,
            span: statement.span, hints: ["formats: \(OutputFormat.allCases.map(\.rawValue).joined(separator: ", "))"]))
      }
      presenter.format = format
    case "color":
      presenter.viewport.color = value == "on" || value == "true" ? .ansi : .none
    case "pager":
      presenter.pager = Pager(command: value == "off" ? nil : value, environment: ProcessInfo.processInfo.environment)
    default:
      break
    }
    settings[key] = value
    try presenter.note("\(key) is \(value)")
  }

  public func record(_ new: ExitStatus) {
    // A failure outranks what was only partly done, and is not outranked by a later one.
    if status == .fine || (status == .partlyDone && new != .fine) { status = new }
  }
}

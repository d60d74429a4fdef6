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
  /// Reads that are ready to be sent, in order.
  var ahead: [RowPrinter.Item] = []
  /// The columns before what was typed; nil where nothing is typed.
  var promptWidth: Int?
  /// Something stands between what was typed and what comes next.
  var hasShown = false
  /// The columns before what was typed, as long as that stands right above: carets can point at it.
  var caretWidth: Int? { hasShown ? nil : promptWidth }
  /// The last action that was carried out.
  public private(set) var lastAction: ActionID?
  /// What `set` changed of the shell's own.
  public private(set) var settings: [String: String] = [:]
  /// What is only there to be known, such as that a setting has changed, is not told.
  public var isQuiet = false
  /// The person said no to the last statement.
  public private(set) var wasDeclined = false

  /// Shows that a statement goes on; nil: somebody else does.
  private let ticker: WorkTicker?

  public init(session: ProducerSession, presenter: Presenter, ticker: WorkTicker? = nil) {
    self.session = session
    self.ticker = ticker
    let gate = ticker.map { ticker in Gate { ticker.stop() } }
    self.presenter = ticker == nil ? presenter : presenter.behind(results: gate, notes: gate)
  }

  /// Runs the text that is there, whole statements all of it. Reads that follow one another are sent together; what they
  /// say comes in order. Returns false when a statement failed; those behind it were then not run, unless `goesOn`.
  /// - Throws: `OutputError`, and `DatabaseAway`.
  public func run(_ pieces: [SourceText], goesOn: Bool, promptWidth: Int? = nil) async throws -> Bool {
    let outerPromptWidth = self.promptWidth
    self.promptWidth = promptWidth
    if promptWidth != nil { hasShown = false }
    defer { self.promptWidth = outerPromptWidth }
    var isFine = true
    for piece in pieces {
      let parsed = Parser.parse(piece)
      if !parsed.other.isEmpty {
        if try await !showAhead(goesOn: goesOn) {
          isFine = false
          if !goesOn { return false }
        }
        if try !show(parsed.other) {
          isFine = false
          if !goesOn { return false }
        }
      }
      for statement in parsed.statements {
        if try await run(statement, goesOn: goesOn) { continue }
        isFine = false
        if !goesOn { return false }
      }
    }
    return try await showAhead(goesOn: goesOn) && isFine
  }

  /// Shows what concerns no statement. False when there is an error among it.
  private func show(_ diagnostics: [Diagnostic]) throws -> Bool {
    try presenter.show(diagnostics, promptWidth: caretWidth)
    guard diagnostics.contains(where: { $0.severity == .error }) else { return true }
    record(.statementFailed)
    return false
  }

  /// A read is only taken up, to be sent with its neighbours; everything else waits until those have been shown.
  private func run(_ statement: Statement, goesOn: Bool) async throws -> Bool {
    var reading: Reading?
    var writer: (any RowWriter)?
    let isChecked = try await attempt(statement, after: { try await showAhead(goesOn: goesOn) ? true : goesOn }) {
      reading = try await session.reading(of: statement)
      if let reading, reading.export == nil { writer = try presenter.writer(for: reading) }
    }
    guard isChecked else { return false }
    if let reading, let writer {
      ahead.append(RowPrinter.Item(reading: reading, writer: writer))
      if ahead.count < StatementRunner.furthestAhead { return true }
      return try await showAhead(goesOn: goesOn)
    }
    var isFine = try await showAhead(goesOn: goesOn)
    if !isFine && !goesOn { return false }
    defer { hasShown = true }
    return try await attempt(statement) {
      if let reading {
        try await export(reading)
      } else {
        isFine = try await execute(statement, goesOn: goesOn) && isFine
      }
    } && isFine
  }

  /// False when it was a script of which a statement failed.
  private func execute(_ statement: Statement, goesOn: Bool) async throws -> Bool {
    let execution = try await session.execute(statement)
    try presenter.show(execution.warnings, promptWidth: caretWidth)
    if case .script(let call) = execution.outcome { return try await run(call, goesOn: goesOn) }
    if case .watch(let watching) = execution.outcome {
      try await WatchLoop(session: session, presenter: presenter, statement: statement, watching: watching).run()
    } else if case .setting(let key, let value) = execution.outcome {
      try change(key, value, statement)
    } else if !isQuiet || !execution.outcome.isMessage {
      try await presenter.show(execution.outcome, isTakenBack: execution.isTakenBack)
    }
    if case .action(let report) = execution.outcome, !execution.isTakenBack { lastAction = report.id }
    if execution.isTakenBack, promptWidth != nil { try presenter.note("dry run: nothing was changed") }
    if execution.isPartial { record(.partlyDone) }
    return true
  }

  /// Does a statement's work and tells what stopped it; `after` comes before that is told. False when something did.
  func attempt(
    _ statement: Statement, after: () async throws -> Bool = { true }, _ work: () async throws -> Void
  ) async throws -> Bool {
    ticker?.start()
    defer { ticker?.stop() }
    do {
      try await work()
      return true
    } catch let error as DiagnosticError {
      guard try await after() else { return false }
      try presenter.show(error.diagnostics, promptWidth: caretWidth)
      record(.statementFailed)
    } catch let error as ExpectationUnmet {
      try presenter.show([error.diagnostic], promptWidth: caretWidth)
      record(.expectationUnmet)
    } catch is NotConfirmed {
      try presenter.note("nothing was done")
      wasDeclined = true
      record(.statementFailed)
    } catch let error as any Error & CustomStringConvertible where error is FormatError || error is ExportError {
      guard try await after() else { return false }
      try presenter.show(
        [Diagnostic(code: "output", message: error.description, source: statement.source, span: statement.span)],
        promptWidth: caretWidth)
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
      presenter.color(value == "on")
    case "theme":
      if let theme = Theme(rawValue: value) { presenter.theme = theme }
    case "pager":
      presenter.pager = Pager(command: value == "off" ? nil : value, environment: processEnvironment())
    default:
      break
    }
    settings[key] = value
    if !isQuiet { try presenter.note("\(key) is \(value)") }
  }

  public func record(_ new: ExitStatus) {
    // A failure outranks what was only partly done, and is not outranked by a later one.
    if status == .fine || (status == .partlyDone && new != .fine) { status = new }
  }
}

extension Outcome {
  fileprivate var isMessage: Bool { if case .message = self { true } else { false } }
}

import ArgumentParser
import Diagnostics
import Foundation
import Orchestrator
import PostgresClient
import QueryLanguage
import Rendering
import Session
import Shell
import Store
import Terminal

/// What the command line asks of the shell, and its doing.
struct ShellInvocation: Equatable, Sendable {
  enum OnError: String, CaseIterable { case stop, `continue` }
  enum Coloring: String, CaseIterable {
    case auto, always, never

    func mode(_ usual: ColorMode) -> ColorMode {
      switch self {
      case .auto: usual
      case .always: .ansi
      case .never: .none
      }
    }
  }

  enum ErrorFormat: String, CaseIterable { case text, json }

  var database: String?
  var statements: [String] = []
  var files: [String] = []
  var user: String?
  var project: String?
  var run: String?
  /// `name=value` each.
  var variables: [String] = []
  var yes = false
  var dryRun = false
  var singleTransaction = false
  var onError = OnError.stop
  var format = OutputFormat.table
  var noRc = false
  var color = Coloring.auto
  var errors = ErrorFormat.text

  /// - Throws: `ExitCode`, unless it ends well at the prompt.
  func carryOut() async throws {
    let isInteractive = statements.isEmpty && files.isEmpty && isTerminal(0) && isTerminal(1)
    if isInteractive && singleTransaction {
      throw ValidationError(
        "--single-transaction is for statements from -c, -f or a pipe: at the prompt each takes effect by itself")
    }
    let location = DatabaseLocation.resolve(flag: database, environment: Surroundings.environment)
    // The server takes milliseconds to let somebody in.
    let first = statements.first ?? ""
    async let headStart: Void = isInteractive ? HeadStart.readMigrations() : HeadStart.take(with: first)
    let (access, connection, places) = try await DatabaseAccess.open(
      location, applicationName: "callsheet", asksPlaces: project == nil)
    await headStart
    let history = History(folder: UserFolders(environment: Surroundings.environment).state)
    let presenter = presenter(isInteractive)
    let ticker = WorkTicker(glyphs: presenter.viewport.glyphs)
    let session = ProducerSession(
      connection: connection, settings: settings(isInteractive, history, ticker),
      connect: { try await access.startAndConnect() })
    let runner = StatementRunner(session: session, presenter: presenter, ticker: ticker)
    do {
      try await define(session)
      try await chooseContext(session, places)
      if isInteractive {
        try await prompt(runner, history, ticker, access)
        // Whoever leaves the prompt has seen what went wrong; the shell it was started from need not hear of a typo.
        await connection.close()
        return
      } else {
        try await batch(runner, connection)
      }
    } catch let error as DiagnosticError {
      try presenter.show(error.diagnostics)
      runner.record(.statementFailed)
    } catch let error as DatabaseAway {
      try presenter.show([error.diagnostic])
      runner.record(.databaseUnreachable)
    } catch OutputError.closed {
      // Whoever read has seen enough.
    }
    // The process ends here, and the connection with it: to wait for its thread would take as long as a query.
    throw ExitCode(runner.status.rawValue)
  }

  private func define(_ session: ProducerSession) async throws {
    for variable in variables {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try await session.define(String(parts[0]), String(parts[1]))
    }
  }

  private func chooseContext(_ session: ProducerSession, _ places: Names.Places?) async throws {
    try await session.use(project: project, run: nil)
    if project == nil { try await session.useWhatIsThere(places) }
    try await session.use(project: nil, run: run)
  }

  private func presenter(_ isInteractive: Bool) -> Presenter {
    let environment = Surroundings.environment
    let size = TerminalSize.of(1).map { (columns: $0.columns, rows: $0.rows) }
    var viewport = Viewport.decide(environment: environment, size: size)
    viewport.color = color.mode(viewport.color)
    return Presenter(
      format: format, viewport: viewport, errorsAsJSON: errors == .json,
      pager: isInteractive ? Pager(environment: environment) : nil,
      errorColor: color.mode(ColorMode.decide(environment: environment, isTerminal: isTerminal(2))))
  }

  private func settings(
    _ isInteractive: Bool, _ history: History, _ ticker: WorkTicker
  ) -> SessionSettings {
    let environment = Surroundings.environment
    var settings = SessionSettings(
      user: user ?? environment["CALLSHEET_USER"] ?? NSUserName(), media: MediaFolder.resolve(environment: environment))
    settings.assumesYes = yes
    settings.isDryRun = dryRun
    settings.ofShell[.format] = format.rawValue
    settings.onProgress = { done, total, what in ticker.note(done, of: total, what) }
    settings.history = { [history] in (history.records(), history.session) }
    if isInteractive { settings.rowLimit = 1000 }
    return settings
  }

  // MARK: Batch

  private func batch(_ runner: StatementRunner, _ connection: PostgresConnection) async throws {
    var sources = statements.map(BatchSource.statement) + files.map(BatchSource.file)
    if sources.isEmpty { sources = [.standardInput] }
    let batch = Batch(sources: sources, goesOn: onError == .continue && !singleTransaction)
    let work = BatchWork(
      batch: batch, runner: runner, connection: connection,
      ending: dryRun ? .takenBack : singleTransaction ? .allOrNothing : .each)
    let task = Task(executorPreference: FirstThread.executor) { try await work.run() }
    let claim = SignalRelay.shared.claim([.interrupt, .terminate]) { _ in task.cancel() }
    defer { claim.release() }
    do {
      try await task.value
    } catch let error where task.isCancelled && !(error is OutputError) {
      runner.record(.interrupted)
    }
    if task.isCancelled { throw ExitCode(ExitStatus.interrupted.rawValue) }
  }
}

/// What becomes of what the statements of a batch have done.
private enum BatchEnding {
  /// Each is kept when it has succeeded.
  case each
  case allOrNothing
  /// A dry run: everything is seen by what follows, and nothing is kept.
  case takenBack
}

/// The batch waits for the task, so runner and connection are only ever used by one of them at a time.
private struct BatchWork: @unchecked Sendable {
  let batch: Batch
  let runner: StatementRunner
  let connection: PostgresConnection
  let ending: BatchEnding

  private struct Failed: Error {}
  private struct TakenBack: Error {}

  func run() async throws {
    if ending == .each {
      _ = try await batch.run(runner)
      return
    }
    do {
      try await connection.transaction {
        let isFine = try await batch.run(runner)
        if ending == .takenBack { throw TakenBack() }
        if !isFine { throw Failed() }
      }
    } catch is TakenBack {
      try runner.presenter.note("dry run: nothing was changed")
    } catch is Failed {
      try runner.presenter.note("nothing was changed: a statement failed")
    } catch OutputError.closed where ending == .allOrNothing {
      // To read a part and leave is no failure of reads; but whoever counts on the changes has to hear of it.
      try runner.presenter.note("nothing was changed: the reader of the output has gone")
      runner.record(.statementFailed)
      throw OutputError.closed
    }
  }
}

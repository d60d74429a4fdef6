import ArgumentParser
import Diagnostics
import Foundation
import Logging
import Orchestrator
import PostgresClient
import QueryLanguage
import Rendering
import Session
import Shell
import Terminal

struct ShellCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shell", abstract: "The prompt, or statements from -c, -f or standard input (the default).")

  enum OnError: String, ExpressibleByArgument, CaseIterable { case stop, `continue` }
  enum Coloring: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    func mode(_ usual: ColorMode) -> ColorMode {
      switch self {
      case .auto: usual
      case .always: .ansi
      case .never: .none
      }
    }
  }

  enum ErrorFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

  @OptionGroup var database: DatabaseOptions
  @Option(
    name: .customShort("c"), parsing: .singleValue,
    help: ArgumentHelp("Run a statement; may be repeated.", valueName: "statement"))
  var statements: [String] = []
  @Option(
    name: .customShort("f"), parsing: .singleValue,
    help: ArgumentHelp("Run a file; may be repeated.", valueName: "file"))
  var files: [String] = []
  @Option(help: "The name under which actions are recorded; else CALLSHEET_USER or the login.") var user: String?
  @Option(help: "The project to use.") var project: String?
  @Option(help: "The run to use.") var run: String?
  @Option(
    name: .customLong("var"), parsing: .singleValue,
    help: ArgumentHelp("Give a variable a value; may be repeated.", valueName: "name=value"))
  var variables: [String] = []
  @Flag(name: [.customShort("y"), .long], help: "Do not ask before actions on everything.") var yes = false
  @Flag(help: "Show what everything would do, and change nothing.") var dryRun = false
  @Flag(name: [.customShort("1"), .long], help: "All statements take effect, or none.") var singleTransaction = false
  @Option(help: "What to do after a statement that failed.") var onError = OnError.stop
  @Option(name: [.customShort("o"), .customLong("format")], help: "How results are written.")
  var format = OutputFormat.table
  @Flag(help: "Do not read the rc file.") var noRc = false
  @Option(help: "Whether colours are used; NO_COLOR counts for auto.") var color = Coloring.auto
  @Option(help: "How errors are written.") var errors = ErrorFormat.text

  func validate() throws {
    for variable in variables where !variable.contains("=") {
      throw ValidationError("--var is given as name=value, not \"\(variable)\"")
    }
  }

  func run() async throws {
    let isInteractive = statements.isEmpty && files.isEmpty && isTerminal(0) && isTerminal(1)
    let (access, connection) = try await DatabaseAccess.open(database.location, applicationName: "callsheet")
    let history = History(folder: UserFolders(environment: ProcessInfo.processInfo.environment).state)
    let presenter = presenter(isInteractive)
    let session = ProducerSession(
      connection: connection, settings: settings(isInteractive, history),
      connect: { try await access.startAndConnect() })
    let runner = StatementRunner(session: session, presenter: presenter)
    do {
      try await define(session)
      try await chooseContext(session)
      if isInteractive {
        try await prompt(runner, history, access)
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
    await session.close()
    throw ExitCode(runner.status.rawValue)
  }

  private func define(_ session: ProducerSession) async throws {
    for variable in variables {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try await session.define(String(parts[0]), String(parts[1]))
    }
  }

  private func chooseContext(_ session: ProducerSession) async throws {
    try await session.use(project: project, run: nil)
    if project == nil { try await session.useWhatIsThere() }
    try await session.use(project: nil, run: run)
  }

  private func presenter(_ isInteractive: Bool) -> Presenter {
    let environment = ProcessInfo.processInfo.environment
    let size = TerminalSize.of(1).map { (columns: $0.columns, rows: $0.rows) }
    var viewport = Viewport.decide(environment: environment, size: size)
    viewport.color = color.mode(viewport.color)
    return Presenter(
      format: format, viewport: viewport, errorsAsJSON: errors == .json,
      pager: isInteractive ? Pager(environment: environment) : nil,
      colouredErrors: color.mode(ColorMode.decide(environment: environment, isTerminal: isTerminal(2))) == .ansi)
  }

  private func settings(_ isInteractive: Bool, _ history: History) -> SessionSettings {
    let environment = ProcessInfo.processInfo.environment
    let meter = ProgressMeter(isShown: isTerminal(2))
    var settings = SessionSettings(
      user: user ?? environment["CALLSHEET_USER"] ?? NSUserName(), media: MediaFolder.resolve(environment: environment))
    settings.assumesYes = yes
    settings.isDryRun = dryRun
    settings.ofShell[.format] = format.rawValue
    settings.onProgress = { done, total, what in meter.show(done, of: total, what) }
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
    let task = Task { try await work.run() }
    let claim = SignalRelay.shared.claim([.interrupt, .terminate]) { _ in task.cancel() }
    defer { claim.release() }
    do {
      try await task.value
    } catch let error where task.isCancelled && !(error is OutputError) {
      runner.record(.interrupted)
    }
    if task.isCancelled { throw ExitCode(ExitStatus.interrupted.rawValue) }
  }

  // MARK: Prompt

  private func prompt(_ runner: StatementRunner, _ history: History, _ access: DatabaseAccess) async throws {
    let folders = UserFolders(environment: ProcessInfo.processInfo.environment)
    if !noRc, FileManager.default.fileExists(atPath: folders.rc) {
      _ = try await Batch(sources: [.file(folders.rc)], goesOn: true).run(runner)
    }
    let values = LiveBox(PromptCompletion.initialValues)
    let completion = PromptCompletion(values: values, catalogue: runner.session.catalogue)
    let editor = try LineEditor(
      LineEditor.Settings(
        recall: { history.recalled() }, keeps: { History.keeps($0) },
        isComplete: { text in
          var reader = StatementReader(name: "<prompt>", mode: .prompt)
          _ = reader.feed(text + "\n")
          return reader.isComplete
        },
        complete: { text, cursor in completion(text, cursor: cursor) }))
    defer { editor.close() }
    let publisher = EventPublisher(
      logger: Logger(label: "callsheet.shell") { _ in SwiftLogNoOpLogHandler() },
      connect: { try await access.connect() })
    let companion = Companion(
      feed: ProductionFeed(user: await runner.session.settings.user, connect: { try await access.connect() }),
      editor: editor, color: runner.presenter.viewport.color, values: values,
      publish: { [publisher] in await publisher.run() })
    await companion.start()
    if history.records().isEmpty {
      try runner.presenter.note(
        """
        Tab completes with what is in the production, Ctrl-R searches what was typed,
        Ctrl-C cancels, and  help matrix  or  help  alone explains.
        """)
    }
    if await runner.session.context.project == nil {
      try runner.presenter.note(
        "No project is in use. apply \"production.yaml\" makes one; help lists everything; Ctrl-D leaves.")
    }
    let loop = PromptLoop(
      session: runner.session, presenter: runner.presenter, editor: editor, history: history, companion: companion)
    do { try await loop.run() } catch {
      await companion.stop()
      throw error
    }
    await companion.stop()
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
    }
  }
}

extension OutputFormat: ExpressibleByArgument {}

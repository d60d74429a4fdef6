import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store

/// Carries out statements: one engine for the prompt, scripts and whatever comes later. It holds the context (project and
/// run in use), the variables and what it was told, and nothing else that lasts.
public actor ProducerSession {
  private(set) var connection: PostgresConnection
  public var settings: SessionSettings
  public internal(set) var context = SessionContext() {
    didSet { if context.project != oldValue.project { knowledge.forget() } }
  }
  var knowledge = Knowledge()
  /// The files and scripts that are being run, outermost first.
  var frames: [ScriptFrame] = []
  var framesMade = 0
  /// What `--var` named.
  var commandLine: [String: Literal] = [:]
  /// What `let` named: of the session, then of each script that has its own. The innermost counts.
  var scopes: [[String: Literal]] = [[:]]
  /// What succeeded, for `save script ... from last`.
  var record = StatementRecord()
  public nonisolated let catalogue = Catalogue.standard
  /// Somebody no longer waits for what runs on the connection.
  private var isAbandoned = false
  var marks = ConnectionMarks()
  /// Opens connections for work that must not wait behind this session's own.
  let connect: @Sendable () async throws -> PostgresConnection

  public init(
    connection: PostgresConnection, settings: SessionSettings,
    connect: @escaping @Sendable () async throws -> PostgresConnection
  ) {
    self.connection = connection
    self.settings = settings
    self.connect = connect
  }

  /// Carries out one statement.
  /// - Throws: `DiagnosticError` for everything a person can mend, `ExpectationUnmet`, `NotConfirmed`, `DatabaseAway`.
  public func execute(_ statement: Statement) async throws -> Execution {
    try await connected(for: statement) {
      let trail = trail
      var execution = try await perform(statement)
      execution.warnings = execution.warnings.map { $0.reached(by: trail) }
      return execution
    }
  }

  /// Does what a statement needs on a connection that is there: on a new one when the old one is lost. What it has to
  /// tell names how the statement was reached. `repeats`: nobody has seen anything of the work before it ends.
  /// - Throws: `DatabaseAway`, and what `work` throws.
  func connected<T: Sendable>(
    for statement: Statement, repeats: Bool = true, _ work: () async throws -> T
  ) async throws -> T {
    let trail = trail
    do {
      if isAbandoned {
        try await replaceConnection()
      } else if await connection.isBroken {
        try await replaceConnection()
      }
      return try await marked(statement, repeats: repeats && settings.looksUp && statement.onlyReads, work)
    } catch let error as PostgresError where error.isConnectionTrouble {
      // What was given up is looked up already, and something else may be under way.
      if !Task.isCancelled { marks.lost() }
      let isOpen = marks.unsettled != nil
      throw DatabaseAway(diagnostic: error.away(statement, isLookedUp: isOpen).reached(by: trail))
    } catch let error as ClusterError {
      if !Task.isCancelled { marks.lost() }
      throw DatabaseAway(diagnostic: error.away(statement).reached(by: trail))
    } catch let error as PostgresError {
      throw DiagnosticError([error.diagnostic(statement).reached(by: trail)])
    } catch let error as DiagnosticError {
      throw DiagnosticError(error.diagnostics.map { $0.reached(by: trail) })
    } catch let error as ExpectationUnmet {
      throw ExpectationUnmet(diagnostic: error.diagnostic.reached(by: trail))
    }
  }

  /// Marks what records an action; sends a read once more when it was the first to notice that the connection is lost.
  private func marked<T: Sendable>(
    _ statement: Statement, repeats: Bool, _ work: () async throws -> T
  ) async throws -> T {
    marks.done()
    do { try await mark(statement) } catch let error as PostgresError where error.isConnectionTrouble {
      // Nothing was sent yet.
      try await replaceConnection()
      try await mark(statement)
    }
    do {
      let value = try await apart(work)
      marks.done()
      return value
    } catch let error as PostgresError where error.isConnectionTrouble && repeats && !Task.isCancelled {
      try await replaceConnection()
      return try await work()
    }
  }

  /// What fails in a dry run must not spoil what comes behind it in the same transaction.
  private func apart<T: Sendable>(_ work: () async throws -> T) async throws -> T {
    guard settings.isDryRun, await connection.isInTransaction else { return try await work() }
    return try await withoutActuallyEscaping(work) { work in
      let statement = Unshared(work: work)
      return try await connection.transaction { try await statement.work() }
    }
  }

  public func close() async { await connection.close() }

  /// Leaves what is under way to itself: the next statement has a connection of its own.
  public func abandon() {
    isAbandoned = true
    leaveAll()
    marks.lost()
    let old = connection
    Task { await old.close() }
  }

  private func replaceConnection() async throws {
    let old = connection
    connection = try await connect()
    isAbandoned = false
    Task { await old.close() }
  }

  private func perform(_ statement: Statement) async throws -> Execution {
    var (checked, diagnostics) = try await check(statement)
    if checked == nil, let script = try await scriptAsked(statement) { (checked, diagnostics) = (script, []) }
    diagnostics += try await refusedPatterns(of: statement)
    guard let checked, !diagnostics.contains(where: { $0.severity == .error }) else {
      throw DiagnosticError(diagnostics)
    }
    do {
      let outcome = try await carryOut(checked, statement)
      record.note(statement, isOwn: frames.allSatisfy { !$0.isCalled })
      return Execution(outcome: outcome, warnings: diagnostics, isTakenBack: settings.isDryRun && checked.changes)
    } catch let error as PostgresError where !error.isConnectionTrouble {
      throw DiagnosticError(diagnostics + [error.diagnostic(statement)])
    }
  }

  private func carryOut(_ checked: CheckedStatement, _ statement: Statement) async throws -> Outcome {
    switch checked {
    case .pipeline(let pipeline): try await carryOut(pipeline, statement)
    case .plan(let pipeline, let name): try await plan(pipeline, as: name, statement)
    case .applyPlan(let name): try await apply(plan: name, statement)
    case .explain(let pipeline, let analyze): try await explain(pipeline, analyze: analyze, statement)
    case .useProject(let reference): try await use(project: reference, statement)
    case .useRun(let reference): try await use(run: reference, statement)
    case .createRun(let wanted): try await create(wanted, statement)
    case .applyFile(let path): try await apply(path, statement)
    case .deliver(let run, let path): try await deliver(run, to: path, statement)
    case .pause(let run): try await pause(run, statement)
    case .resume(let run): try await resume(run, statement)
    case .budget(let run, let budget): try await self.budget(run, budget, statement)
    case .projectBudget(let budget): try await self.budget(ofProject: budget, statement)
    case .limit(let kind, let most): try await limit(kind, most, statement)
    case .keep(let subject, let seconds): try await keep(subject, seconds, statement)
    case .saveMacro(let macro): try await save(macro, statement)
    case .restoreMacro(let name, let version): try await restore(macro: name, version: version, statement)
    case .dropMacro(let name): try await drop(macro: name, statement)
    case .saveScript(let name, let parameters, let source):
      try await save(script: name, parameters, from: source, statement)
    case .dropScript(let name): try await drop(script: name, statement)
    case .runScript(let name, let arguments): try await run(script: name, arguments, statement)
    case .include(let path): try include(path, statement)
    case .bind(let name, let value): bind(name, value)
    case .checkMatrix: try await checkMatrix()
    case .describe(let entity): .finding(Help.describe(entity), entity.described)
    case .help(let words): try await help(words, statement)
    case .show(let topic): try await show(topic, statement)
    case .set(let key, let value): set(key, value)
    case .undo(let action, let partial): try await undo(action, partial: partial, statement)
    }
  }

  public func change(_ change: @Sendable (inout SessionSettings) -> Void) { change(&settings) }
}

extension ProducerSession {
  /// The run of a reference, else the one in use.
  func runHeading(_ reference: Reference?, _ statement: Statement) async throws -> RunHeading {
    let project = try projectInUse(statement)
    let found: RunHeading? =
      switch reference {
      case .id(let id, _): try await Runs(connection).find(RunID(id))
      case .name(let name): try await Runs(connection).find(name: name, in: ProjectID(project.id))
      case nil:
        if let run = context.run { try await Runs(connection).find(RunID(run.id)) } else { nil }
      }
    if let found, found.projectID.rawValue == project.id { return found }
    if reference == nil {
      throw failure(
        "no_run", "no run is in use", statement, hints: ["create run NAME makes one; use run NAME chooses one"])
    }
    throw failure(
      "unknown_run", "there is no such run in \(project.name)", statement, at: statement.referenceSpan,
      hints: ["runs lists them"])
  }
}

extension NameKind {
  init(_ kind: ReferenceKind) {
    self =
      switch kind {
      case .project: .project
      case .run: .run
      case .character: .character
      case .sceneType: .sceneType
      case .variantType: .variantType
      case .worker: .worker
      }
  }
}

extension CheckedStatement {
  /// It changes what others see, and says so as if it had been done; what actions and plans say is what they would do.
  fileprivate var changes: Bool {
    switch self {
    case .createRun, .applyFile, .pause, .resume, .budget, .projectBudget, .limit, .keep, .saveMacro, .dropMacro,
      .restoreMacro,
      .saveScript,
      .dropScript, .undo:
      true
    case .pipeline, .plan, .applyPlan, .explain, .useProject, .useRun, .deliver, .runScript, .include, .bind, .set,
      .show, .help, .checkMatrix, .describe:
      false
    }
  }
}

/// Work that its transaction calls once, and ends before whoever gave it goes on.
private struct Unshared<Value>: @unchecked Sendable {
  let work: () async throws -> Value
}

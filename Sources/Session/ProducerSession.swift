import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store

/// Carries out statements: one engine for the prompt, scripts and whatever comes later. It holds the context (project and
/// run in use) and nothing else that lasts.
public actor ProducerSession {
  private(set) var connection: PostgresConnection
  public var settings: SessionSettings
  public internal(set) var context = SessionContext()
  let catalogue = Catalogue.standard
  /// Somebody no longer waits for what runs on the connection.
  private var isAbandoned = false
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
    do {
      if isAbandoned {
        try await replaceConnection()
      } else if await connection.isBroken {
        try await replaceConnection()
      }
      return try await perform(statement)
    } catch let error as PostgresError where error.isConnectionTrouble {
      throw DatabaseAway(diagnostic: error.away(statement))
    }
  }

  public func close() async { await connection.close() }

  /// Leaves what is under way to itself: the next statement has a connection of its own.
  public func abandon() { isAbandoned = true }

  private func replaceConnection() async throws {
    let old = connection
    connection = try await connect()
    isAbandoned = false
    Task { await old.close() }
  }

  private func perform(_ statement: Statement) async throws -> Execution {
    let (checked, diagnostics) = try await check(statement)
    guard let checked else { throw DiagnosticError(diagnostics) }
    do {
      return Execution(outcome: try await carryOut(checked, statement), warnings: diagnostics)
    } catch let error as PostgresError where !error.isConnectionTrouble {
      throw DiagnosticError(diagnostics + [error.diagnostic(statement)])
    }
  }

  private func check(_ statement: Statement) async throws -> (CheckedStatement?, [Diagnostic]) {
    let needed = Checker.namesNeeded(by: statement, in: catalogue)
    let kinds = needed.filter { $0 == .project || $0 == .worker || context.project != nil }
    var names = LiveNames()
    if !kinds.isEmpty {
      let project = context.project.map { ProjectID($0.id) }
      let read = try await Names(connection).read(kinds.map(NameKind.init), project: project)
      for kind in kinds {
        names.entries[kind] = (read[NameKind(kind)] ?? []).map { LiveNames.Entry(id: $0.id, name: $0.name) }
      }
    }
    let checker = Checker(
      catalogue: catalogue, names: names, now: settings.now(), timeZone: settings.timeZone)
    return checker.check(statement)
  }

  private func carryOut(_ checked: CheckedStatement, _ statement: Statement) async throws -> Outcome {
    switch checked {
    case .pipeline(let pipeline): try await carryOut(pipeline, statement)
    case .explain(let pipeline): try await explain(pipeline, statement)
    case .useProject(let reference): try await use(project: reference, statement)
    case .useRun(let reference): try await use(run: reference, statement)
    case .createRun(let wanted): try await create(wanted, statement)
    case .applyFile(let path): try await apply(path, statement)
    case .deliver(let run, let path): try await deliver(run, to: path, statement)
    case .pause(let run): try await pause(run, statement)
    case .resume(let run): try await resume(run, statement)
    case .checkMatrix: try await checkMatrix()
    case .describe(let entity): .table(entity.described, noun: "fields")
    case .help(let words): try help(words, statement)
    case .show: .table(shown, noun: "settings")
    case .set(let key, let value): try set(key, value, statement)
    case .plan, .applyPlan, .undo, .saveMacro, .saveScript, .runScript, .include, .bind:
      throw failure("not_available", "this statement is not available yet", statement)
    }
  }

  public func change(_ change: @Sendable (inout SessionSettings) -> Void) { change(&settings) }
}

// MARK: - Errors

extension ProducerSession {
  func failure(_ code: String, _ message: String, _ statement: Statement, hints: [String] = []) -> DiagnosticError {
    DiagnosticError(
      Diagnostic(code: code, message: message, source: statement.source, span: statement.span, hints: hints))
  }

  func projectInUse(_ statement: Statement) throws -> SessionContext.Place {
    if let project = context.project { return project }
    throw failure(
      "no_project", "no project is in use", statement,
      hints: ["apply \"production.yaml\" makes one; use project NAME chooses one"])
  }

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
    throw failure("unknown_run", "there is no such run in \(project.name)", statement, hints: ["runs lists them"])
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

extension PostgresError {
  var isConnectionTrouble: Bool {
    switch kind {
    case .connectionFailed, .connectionLost, .outcomeUnknown: true
    case .server(let state): state.hasPrefix("57P")
    case .timedOut, .cancelled, .decoding, .usage: false
    }
  }

  func away(_ statement: Statement) -> Diagnostic {
    let hint =
      switch kind {
      case .connectionFailed: "callsheet doctor  says more; the next statement tries again"
      case .outcomeUnknown: "actions | sort -id | take 1   says whether it happened; the next statement connects anew"
      default: "nothing was changed; the next statement connects anew"
      }
    return Diagnostic(
      code: "database_away", message: message, source: statement.source, span: statement.span, hints: [hint])
  }

  /// For a person: the server's own words are about our SQL, so they come as a hint for whoever reports it.
  func diagnostic(_ statement: Statement) -> Diagnostic {
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

import Diagnostics
import Model
import Orchestrator
import PostgresClient
import QueryCompiler
import QueryLanguage
import Store

/// Actions: on frozen rows, asked about where that is due, or only rehearsed.
extension ProducerSession {
  func act(
    _ action: CheckedAction, on pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let subject = try subject(pipeline, try await ids(pipeline, compiler), statement)
    let deed = try Deed(
      action: producerAction(action, statement), text: action.text, subject: subject,
      context: actionContext(project, statement.text, action.options.wording))
    if settings.isDryRun {
      return .plan(try await onlyTried(statement) { try await self.rehearse(deed) })
    }
    try await confirm(deed, isUnfiltered: pipeline.isUnfiltered, statement)
    return .action(try await carryOut(deed, statement))
  }

  func producerAction(_ action: CheckedAction, _ statement: Statement) throws -> ProducerAction {
    if let action = ProducerAction(action) { return action }
    throw failure(
      "not_available", "\(action.name.rawValue) is not available yet", statement, at: statement.actionSpan)
  }

  func subject(_ pipeline: CheckedPipeline, _ ids: [Int64], _ statement: Statement) throws -> ActionSubject {
    if let subject = ActionSubject(entity: pipeline.entity.name, ids: ids) { return subject }
    throw failure(
      "wrong_entity", "no action works on \(pipeline.entity.name)", statement, at: statement.actionSpan)
  }

  func actionContext(_ project: ProjectID, _ text: String, _ reason: String? = nil) -> ActionContext {
    ActionContext(
      project: project, run: context.run.map { RunID($0.id) }, user: settings.user, statement: text, reason: reason)
  }

  func carryOut(_ deed: Deed, _ statement: Statement) async throws -> ActionReport {
    do {
      return try await ActionRunner(connection).run(deed.action, on: deed.subject, in: deed.context)
    } catch let error as UnsupportedAction {
      throw failure(
        "wrong_entity", "\(error.action) does not work on \(error.entity)", statement, at: statement.actionSpan)
    }
  }

  // MARK: Trying

  /// Does it and measures what it queued. Call within a transaction that is taken back.
  func rehearse(_ deed: Deed) async throws -> ActionPlan {
    try await ProjectLock(connection).take([deed.context.project])
    let figures = PlanFigures(connection, project: deed.context.project, run: deed.context.run)
    let mark = try await figures.mark()
    let report = try await ActionRunner(connection).run(deed.action, on: deed.subject, in: deed.context)
    return try await figures.plan(
      since: mark, action: deed.text, statement: deed.context.statement, report: report)
  }

  /// A dry run: the work is done and taken back. Within a transaction it is left for its end, so that what comes later in
  /// a script sees what came before.
  func dryRun<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
    if await connection.isInTransaction { return try await body() }
    return try await takenBack(body)
  }

  private func onlyTried(
    _ statement: Statement, _ body: @Sendable () async throws -> ActionPlan
  ) async throws -> ActionPlan {
    do {
      return try await dryRun { [connection] in try await connection.transaction { try await body() } }
    } catch let error as UnsupportedAction {
      throw failure(
        "wrong_entity", "\(error.action) does not work on \(error.entity)", statement, at: statement.actionSpan)
    }
  }

  /// Does the work and takes it back: what would happen is what happens.
  func takenBack<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
    do {
      return try await connection.transaction { () async throws -> T in
        throw TakenBack(value: try await body())
      }
    } catch let error as TakenBack<T> {
      return error.value
    }
  }

  // MARK: Asking

  private func confirm(_ deed: Deed, isUnfiltered: Bool, _ statement: Statement) async throws {
    let count = deed.subject.ids.count
    let asksAgain = settings.asksBeforeActions && settings.confirm != nil
    if count == 0 || (settings.assumesYes && !asksAgain) { return }
    guard isUnfiltered || asksAgain || (settings.confirm != nil && settings.confirmation.asks(about: count)) else {
      return
    }
    let rows = "\(isUnfiltered ? "all " : "")\(count) \(deed.subject.entity)"
    let question = "\(deed.action.verb) \(rows)"
    let refusal = failure(
      "unfiltered_action", "this would \(question)", statement, at: statement.actionSpan,
      hints: ["write \"where true\" to mean all of them, or start with --yes"])
    guard settings.confirm != nil else { throw refusal }
    var plan: ActionPlan?
    do {
      plan = try await takenBack { try await self.rehearse(deed) }
    } catch let error as UnsupportedAction {
      throw failure(
        "wrong_entity", "\(error.action) does not work on \(error.entity)", statement, at: statement.actionSpan)
    }
    try await confirm(Confirmation(question: question, preview: plan.map(Outcome.plan)), else: refusal)
  }

  /// Asks about a statement that came out of the history and whose kind is otherwise not asked about, below what it would do.
  func confirmRecalled(_ question: String, _ preview: () async throws -> Outcome? = { nil }) async throws {
    guard settings.asksBeforeActions, !settings.isDryRun, let ask = settings.confirm else { return }
    if await !ask(Confirmation(question: question, preview: try await preview())) { throw NotConfirmed() }
  }

  /// Asks the person, unless yes is assumed; where nobody can be asked it is an error.
  func confirm(_ confirmation: Confirmation, else error: DiagnosticError) async throws {
    if settings.assumesYes && !settings.asksBeforeActions { return }
    guard let ask = settings.confirm else { throw error }
    if await !ask(confirmation) { throw NotConfirmed() }
  }
}

/// An action with everything it needs.
struct Deed: Sendable {
  var action: ProducerAction
  /// As the language spells it.
  var text: String
  var subject: ActionSubject
  var context: ActionContext
}

/// Ends a transaction by rolling it back and carries out what it had come to.
private struct TakenBack<Value: Sendable>: Error {
  let value: Value
}

extension CheckedAction {
  /// The action with its options as the language spells them, all values in place.
  var text: String {
    var words = [name.rawValue]
    if name == .prioritize, let priority = options.priority { words.append(String(priority)) }
    if let tag = options.tag { words.append(Literal.quoted(tag)) }
    if let reason = options.reason { words.append("reason=\(Literal.quoted(reason))") }
    if let note = options.note { words.append("note=\(Literal.quoted(note))") }
    switch options.take {
    case .new: words.append("take=new")
    case .number(let number): words.append("take=\(number)")
    case nil: break
    }
    if name != .prioritize, let priority = options.priority { words.append("priority=\(priority)") }
    if let fit = options.fit { words.append("fit=\(fit)") }
    return words.joined(separator: " ")
  }
}

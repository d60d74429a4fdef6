import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryLanguage
import Store

/// `plan ... as p1` and `apply p1`.
extension ProducerSession {
  func plan(_ pipeline: CheckedPipeline, as name: String?, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let compiler = try compiler(for: pipeline, statement)
    guard let checked = pipeline.action else {
      throw failure(
        "misplaced_action", "a plan is for an action, and this pipeline has none", statement,
        hints: ["write  plan PIPELINE | submit"])
    }
    let action = try producerAction(checked, statement)
    let text = statement.pipeline?.description ?? statement.text
    let work = { @Sendable [connection, settings] () async throws -> ActionPlan in
      try await connection.transaction {
        try await ProjectLock(connection).take([project])
        let subject = try await self.subject(pipeline, self.ids(pipeline, compiler), statement)
        let deed = await Deed(
          action: action, text: checked.text, subject: subject, context: self.actionContext(project, text))
        let user = try await Actions(connection).user(named: settings.user)
        let plans = Plans(connection)
        let kept = try await plans.keep(
          NewPlan(
            project: project, run: deed.context.run, user: user, name: name?.lowercased(), statement: text,
            entity: subject.entity, verb: action.verb, action: deed.text, subjects: subject.ids))
        var plan = try await self.takenBack { try await self.rehearse(deed) }
        if let kept {
          try await plans.promise(
            plan.report, gpuHours: plan.queued.gpuHours, diskGB: plan.queued.diskGB, by: kept.id)
          plan.name = kept.name
          plan.expiresAt = kept.expiresAt
        }
        return plan
      }
    }
    do {
      guard settings.isDryRun else { return .plan(try await work()) }
      var plan = try await dryRun(work)
      plan.name = nil
      return .plan(plan)
    } catch let error as UnsupportedAction {
      throw failure(
        "wrong_entity", "\(error.action) does not work on \(error.entity)", statement, at: statement.actionSpan)
    }
  }

  func apply(plan name: String, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let work = { @Sendable [connection] () async throws -> ActionPlan in
      try await connection.transaction {
        try await ProjectLock(connection).take([project])
        let plans = Plans(connection)
        let plan = try await self.applicable(name, plans, project, statement)
        let deed = try await self.deed(of: plan, project, statement)
        let drift = try await plans.drift(of: plan, verb: deed.action.verb)
        if drift.count > 0 { throw await self.drifted(plan, drift.count, drift.first, statement) }
        let done = try await self.rehearse(deed)
        let changes = Self.differences(of: done.report, from: plan)
        if !changes.isEmpty { throw await self.otherwise(plan, changes, statement) }
        try await plans.markApplied(plan.id, as: done.report.id)
        return done
      }
    }
    if settings.isDryRun { return .plan(try await dryRun(work)) }
    try await confirmRecalled("apply \(name)") { .plan(try await takenBack(work)) }
    return .action(try await work().report)
  }

  /// The plan, when it can be applied still.
  private func applicable(
    _ name: String, _ plans: Plans, _ project: ProjectID, _ statement: Statement
  ) async throws -> SavedPlan {
    let span = statement.planSpan
    guard let plan = try await plans.find(name, in: project) else {
      let open = try await plans.all(of: project).filter { $0.appliedAt == nil && !$0.isExpired }.map(\.name)
      let known = open.isEmpty ? "plan PIPELINE | submit   makes one" : "show plans   lists them"
      throw failure(
        "unknown_plan", "there is no plan \(name)", statement, at: span,
        hints: [Spelling.suggestion(for: name, among: open) ?? known])
    }
    if plan.appliedAt != nil {
      let action = plan.actionID.map { ": it is action \($0)" } ?? ""
      throw failure(
        "plan_applied", "\(plan.name) was applied already\(action)", statement, at: span,
        hints: ["plan again:  plan \(plan.statement)"])
    }
    if plan.isExpired {
      throw failure(
        "plan_expired", "\(plan.name) is older than a day", statement, at: span,
        hints: ["plan again:  plan \(plan.statement)"])
    }
    return plan
  }

  /// What the plan kept, with its action read as it would be typed.
  private func deed(of plan: SavedPlan, _ project: ProjectID, _ statement: Statement) throws -> Deed {
    let text = SourceText(name: plan.name, text: "\(plan.entity) where true | \(plan.action)")
    let settings = settings
    let checker = Checker(
      catalogue: catalogue, names: LiveNames(), now: settings.now(), timeZone: settings.timeZone)
    guard let typed = Parser.parse(text).statements.first,
      case .pipeline(let pipeline)? = checker.check(typed).0, let action = pipeline.action,
      let subject = ActionSubject(entity: plan.entity, ids: plan.subjects)
    else {
      throw failure(
        "plan_expired", "\(plan.name) was made by another version of callsheet", statement, at: statement.planSpan,
        hints: ["plan again:  plan \(plan.statement)"])
    }
    return Deed(
      action: try producerAction(action, statement), text: plan.action, subject: subject,
      context: ActionContext(
        project: project, run: plan.runID, user: settings.user,
        statement: "apply \(plan.name)  # \(plan.statement)", reason: action.options.wording))
  }

  private func drifted(
    _ plan: SavedPlan, _ count: Int, _ first: [Drift], _ statement: Statement
  ) -> DiagnosticError {
    var hints = Self.grouped(first)
    let named = hints.count
    if count > first.count { hints.append("and \(count - first.count) more") }
    if named > Self.mostNamed { hints.replaceSubrange(Self.mostNamed..<hints.count, with: ["and others"]) }
    hints.append("plan again:  plan \(plan.statement) as \(plan.name)")
    let rows = count == 1 ? "one of its rows has changed" : "\(count) of its rows have changed"
    return failure(
      "plan_drifted", "nothing was done: \(plan.name) cannot be applied, since \(rows)", statement,
      at: statement.planSpan, hints: hints)
  }

  private static let mostNamed = 10

  /// Rows to which the same has happened share a line: `Aria Vale / alley_chase / coat and 7 more: ...`.
  private static func grouped(_ drifts: [Drift]) -> [String] {
    var order: [String] = []
    var rows: [String: [String]] = [:]
    for drift in drifts {
      let changes = drift.changes.map { "\($0.fact) was \($0.before), is \($0.now)" }
      let text = changes.isEmpty ? "is gone" : changes.joined(separator: "; ")
      if rows[text] == nil { order.append(text) }
      rows[text, default: []].append(drift.row)
    }
    return order.flatMap { text -> [String] in
      let names = rows[text] ?? []
      if names.count <= 3 { return names.map { "\($0): \(text)" } }
      return ["\(names[0]) and \(names.count - 1) more: \(text)"]
    }
  }

  /// The rows are as they were, but something else is not, such as a budget.
  private func otherwise(_ plan: SavedPlan, _ changes: [String], _ statement: Statement) -> DiagnosticError {
    failure(
      "plan_drifted", "nothing was done: \(plan.name) would not do any more what it promised", statement,
      at: statement.planSpan, hints: changes + ["plan again:  plan \(plan.statement) as \(plan.name)"])
  }

  private static func differences(of report: ActionReport, from plan: SavedPlan) -> [String] {
    func text(_ counts: [ActionReport.LeftAlone]) -> String {
      counts.isEmpty ? "none" : counts.map { "\($0.count) \($0.reason)" }.joined(separator: ", ")
    }
    func sentences(_ remarks: [String]) -> String { remarks.isEmpty ? "none" : remarks.joined(separator: ", ") }
    let facts = [
      ("changed \(report.entity)", String(plan.changed), String(report.changed)),
      ("queued jobs", String(plan.jobsQueued), String(report.jobsQueued)),
      ("left alone", text(plan.leftAlone), text(report.leftAlone)),
      ("not done", text(plan.notDone), text(report.notDone)),
      ("beside that", sentences(plan.remarks), sentences(report.remarks.map(\.sentence))),
    ]
    return facts.filter { $0.1 != $0.2 }.map { "\($0.0): planned \($0.1), now \($0.2)" }
  }
}

extension Statement {
  fileprivate var planSpan: Span {
    if case .applyPlan(let name) = kind { name.span } else { span }
  }
}

import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store

/// `explain`: how a statement is understood, what would be sent, and where the time goes.
extension ProducerSession {
  func explain(_ pipeline: CheckedPipeline, analyze: Bool, _ statement: Statement) async throws -> Outcome {
    if analyze, pipeline.action != nil {
      throw failure(
        "explain_action", "explain analyze runs what it explains, and this is an action", statement,
        hints: ["explain  without analyze says what it would touch", "plan  says what it would cost"])
    }
    let compiler = try compiler(for: pipeline, statement)
    let query = sent(for: pipeline, compiler)
    var explanation = Explanation(
      place: place(of: pipeline), steps: try await steps(pipeline), sql: query.displayed() + ";",
      bindings: query.rendered().bindings.map(\.literal),
      estimatedRows: try await PlanReads(connection).estimate(query).rows)
    if let action = pipeline.action {
      explanation.touch = try await touch(action, pipeline, compiler, statement)
    }
    guard analyze else { return .explanation(explanation, of: nil) }
    let outcome = try await measure(pipeline, query, compiler, statement, &explanation)
    return .explanation(explanation, of: outcome)
  }

  /// Rows to show, or the ids that an action or a view works on.
  private func sent(for pipeline: CheckedPipeline, _ compiler: PipelineCompiler) -> SQL {
    if pipeline.action != nil || pipeline.view != nil { return compiler.ids(pipeline) }
    if let expectation = pipeline.expectation { return compiler.tally(expectation, of: pipeline) }
    let isCapped = pipeline.export == nil
    return compiler.rows(pipeline, limit: isCapped ? settings.rowLimit : nil).sql
  }

  private func place(of pipeline: CheckedPipeline) -> String {
    let project = context.project.map { "project \($0.name) (\($0.id))" } ?? "no project"
    guard pipeline.entity.scope == .run, let run = context.run else { return project }
    return "\(project), run \(run.name) (\(run.id))"
  }

  private func steps(_ pipeline: CheckedPipeline) async throws -> [String] {
    let kinds = Array(ResolvedText.references(in: pipeline))
    var names: [ReferenceKind: [Int64: String]] = [:]
    if !kinds.isEmpty {
      let project = context.project.map { ProjectID($0.id) }
      let read = try await Names(connection).read(kinds.map(NameKind.init), project: project)
      for kind in kinds {
        let entries = (read[NameKind(kind)] ?? []).map { ($0.id, $0.name) }
        names[kind] = Dictionary(entries, uniquingKeysWith: { first, _ in first })
      }
    }
    let rows = ResolvedText(names: names, timeZone: settings.timeZone).lines(pipeline)
    return rows + (pipeline.action.map { [$0.text] } ?? [])
  }

  // MARK: Actions

  /// The chosen rows by status, and what a rehearsal comes to that is taken back.
  private func touch(
    _ action: CheckedAction, _ pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> Explanation.Touch {
    let project = ProjectID(try projectInUse(statement).id)
    let statuses = try await PlanReads(connection).counts(byStatus: compiler.statuses(pipeline))
    let deed = try Deed(
      action: producerAction(action, statement), text: action.text,
      subject: subject(pipeline, try await ids(pipeline, compiler), statement),
      context: actionContext(project, statement.text))
    do {
      let plan = try await takenBack { try await self.rehearse(deed) }
      return Explanation.Touch(
        statuses: statuses.map { Explanation.Touch.Count(status: $0.status, count: $0.count) }, plan: plan)
    } catch let error as UnsupportedAction {
      throw failure(
        "wrong_entity", "\(error.action) does not work on \(error.entity)", statement, at: statement.actionSpan)
    }
  }

  // MARK: Measuring

  private func measure(
    _ pipeline: CheckedPipeline, _ query: SQL, _ compiler: PipelineCompiler, _ statement: Statement,
    _ explanation: inout Explanation
  ) async throws -> Outcome {
    let clock = ContinuousClock()
    let parse = clock.measure { _ = Parser.parse(SourceText(name: "explain", text: statement.text)) }
    let check = try await clock.measure { _ = try await self.check(statement) }
    let compile = clock.measure { _ = sent(for: pipeline, compiler).rendered() }
    let server = try await PlanReads(connection).measure(query)
    let (outcome, whole) = try await timed(clock) { try await run(pipeline, compiler, statement) }
    explanation.rows = server.rows
    explanation.timings = [
      .init(stage: "parse", milliseconds: parse.milliseconds), .init(stage: "check", milliseconds: check.milliseconds),
      .init(stage: "compile", milliseconds: compile.milliseconds),
      .init(stage: "plan", milliseconds: server.planning), .init(stage: "server", milliseconds: server.execution),
      .init(stage: "fetch", milliseconds: max(0, whole.milliseconds - server.execution)),
    ]
    return outcome
  }

  private func run(
    _ pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> Outcome {
    if let view = pipeline.view { return try await look(view, at: pipeline, compiler, statement) }
    return try await read(pipeline, compiler, statement)
  }

  private func timed<T>(_ clock: ContinuousClock, _ body: () async throws -> T) async throws -> (T, Duration) {
    let start = clock.now
    let value = try await body()
    return (value, clock.now - start)
  }
}

extension Duration {
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1e3 + Double(attoseconds) / 1e15
  }
}

import Diagnostics
import Model
import Orchestrator
import QueryLanguage
import Store

extension ProducerSession {
  /// Takes an action back: the one named, else the user's last one that is in force.
  func undo(_ action: Int64?, partial: Bool, _ statement: Statement) async throws -> Outcome {
    let project = try projectInUse(statement)
    let context = ActionContext(
      project: ProjectID(project.id), run: context.run.map { RunID($0.id) }, user: settings.user,
      statement: statement.text)
    let runner = UndoRunner(connection)
    let id = action.map(ActionID.init)
    do {
      if settings.isDryRun {
        return .action(try await dryRun { try await runner.run(id, partial: partial, in: context) })
      }
      try await confirmRecalled(question(id, in: context)) {
        .action(try await takenBack { try await runner.run(id, partial: partial, in: context) })
      }
      let report = try await runner.run(id, partial: partial, in: context)
      if report.entity == "runs" {
        knowledge.doubt()
        try await leaveRunThatIsGone()
      }
      return .action(report)
    } catch let refusal as UndoRefusal {
      throw failure(refusal.code, refusal.message, statement, hints: refusal.hints)
    }
  }

  /// Says which action is meant: the last one may be another than at the time when the statement was said.
  private func question(_ id: ActionID?, in context: ActionContext) async throws -> String {
    guard settings.asksBeforeActions else { return "" }
    let user = try await Actions(connection).user(named: context.user)
    let action = try await UndoReads(connection).action(id, project: context.project, by: user)
    return action.map { "undo action \($0.id) (\($0.verb))" } ?? "undo"
  }

  /// An undo can take the run in use away.
  private func leaveRunThatIsGone() async throws {
    guard let run = context.run else { return }
    if try await Runs(connection).find(RunID(run.id)) == nil { context.run = nil }
  }
}

extension UndoRefusal {
  var code: String {
    switch self {
    case .notFound: "unknown_action"
    case .undoneAlready: "undone_already"
    case .cannotBeUndone: "not_undoable"
    case .changedNothing: "nothing_to_undo"
    case .forgotten: "not_undoable"
    case .movedOn: "moved_on"
    }
  }

  var message: String {
    switch self {
    case .notFound(let id?): "there is no action \(id) in this project"
    case .notFound(nil): "there is no action of yours to undo"
    case .undoneAlready(let id, _): "action \(id) is undone already"
    case .cannotBeUndone(let id, let verb, _): "action \(id) (\(verb)) cannot be undone"
    case .changedNothing(let id, let verb): "action \(id) (\(verb)) changed nothing"
    case .forgotten(let id, let verb): "action \(id) (\(verb)) is too old: what it found is not kept any more"
    case .movedOn(let id, let verb, _, let moved, _):
      "action \(id) (\(verb)) cannot be undone whole: \(moved.map(\.text).joined(separator: ", "))"
    }
  }

  var hints: [String] {
    switch self {
    case .notFound: return ["actions | sort -id | take 10   lists the last ones"]
    case .undoneAlready(_, let other): return ["undo \(other)   puts it in force again"]
    case .cannotBeUndone(_, _, let before?): return ["undo \(before.action)   takes back the \(before.verb) before it"]
    case .cannotBeUndone(_, _, nil), .changedNothing: return []
    case .forgotten: return ["show retention   tells for how long that is kept"]
    case .movedOn(let id, _, let entity, let moved, let restorable):
      let seconds = moved.reduce(0) { $0 + $1.gpuSeconds }
      let spent = seconds > 0 ? ["\(Self.amount(seconds)) of GPU time went into them and cannot come back"] : []
      if restorable == 0 { return spent }
      return spent + ["undo \(id) partial=true   restores the other \(restorable) \(entity)"]
    }
  }

  private static func amount(_ seconds: Double) -> String {
    seconds < 3600 ? "\(Int(seconds.rounded(.up))) s" : "\((seconds / 360).rounded() / 10) h"
  }
}

extension MovedOn {
  /// `2 cells generating and 5 others`
  fileprivate var text: String {
    func noun(_ count: Int) -> String { count == 1 ? String(entity.dropLast()) : entity }
    if count == 0 { return "\(others) other \(noun(others)) \(reason)" }
    return "\(count) \(noun(count)) \(reason)" + (others == 0 ? "" : " and \(others) other\(others == 1 ? "" : "s")")
  }
}

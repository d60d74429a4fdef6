import Foundation
import Model
import PostgresClient
import Store

/// Carries out an action: one transaction, a fixed number of statements however many rows.
public struct ActionRunner: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// What came of an action before it is recorded.
  private struct Change {
    var selection: Selection
    var advanced = Advance.Outcome()
    var notDone: [ActionReport.LeftAlone] = []
    /// Jobs that the action itself queued again.
    var requeued = 0
    var remarks: [ActionReport.Remark] = []
  }

  /// - Throws: `UnsupportedAction`, `PostgresError`; then nothing has changed.
  public func run(_ action: ProducerAction, on subject: ActionSubject, in context: ActionContext) async throws
    -> ActionReport
  {
    try await connection.transaction {
      try await ProjectLock(connection).take([context.project])
      let user = try await Actions(connection).user(named: context.user)
      let journal = try await Journal.open(connection)
      try await note(action, subject, in: journal)
      var change = try await change(action, subject, by: user, in: context.project, journal)
      try await journal.close(keepingCells: action.maySetWorkGoing(on: subject))
      if action.maySetTakesAside { change.remarks += try await journal.takesLost(besides: subject.ids) }
      try await Actions(connection).record(
        journal.action, verb: action.verb, entity: subject.entity, statement: context.statement,
        project: context.project, run: context.run, by: user, selected: subject.ids.count,
        changed: change.selection.changed, leftAlone: change.selection.leftAlone, reason: context.reason)
      return ActionReport(
        action: action.verb, id: journal.action, entity: subject.entity, selected: subject.ids.count,
        changed: change.selection.changed.count, leftAlone: change.selection.leftAlone, notDone: change.notDone,
        jobsQueued: change.advanced.jobsQueued + change.requeued, remarks: change.remarks)
    }
  }

  private func note(_ action: ProducerAction, _ subject: ActionSubject, in journal: Journal) async throws {
    switch subject {
    case .cells(let ids):
      try await journal.note(cells: ids, withLooks: action.mayOrderLooks)
      if action.maySetTakesAside { try await journal.noteSettled(beside: ids) }
      switch action {
      case .approve(_, let take): try await journal.noteTakes(of: ids, number: take)
      case .reject: try await journal.noteTakes(of: ids, number: nil)
      case .release:
        try await journal.note(cells: try await Breakers(connection).waiting(besides: ids), withLooks: true)
      case .submit, .resubmit, .cancel, .skip, .unskip, .retry, .hold, .prioritize, .tag, .untag: break
      }
    case .variants(let ids): try await journal.note(variants: ids)
    case .sources(let ids): try await journal.note(sources: ids)
    case .jobs(let ids):
      let cells = try await Retries(connection).cells(of: ids)
      try await journal.note(cells: cells, withLooks: true)
      if action == .retry {
        try await journal.note(cells: try await Breakers(connection).waiting(besides: cells), withLooks: true)
      }
      try await journal.note(sources: try await Retries(connection).choose(ids).sources.keys.sorted(), withLooks: false)
    }
  }

  private func change(
    _ action: ProducerAction, _ subject: ActionSubject, by user: UserID, in project: ProjectID, _ journal: Journal
  ) async throws -> Change {
    switch subject {
    case .cells(let ids): try await changeCells(action, ids, by: user, in: project, journal)
    case .variants(let ids):
      try await review(action, subject, in: project) { decision, note in
        try await Reviews(connection).variants(ids, decision, by: user, note: note)
      } withdraw: {
        try await Cancellation(connection).madeFrom(variants: $0)
      } advance: {
        try await Advance(connection).variants($0)
      }
    case .sources(let ids):
      try await review(action, subject, in: project) { decision, note in
        try await Reviews(connection).sources(ids, decision, by: user, note: note)
      } withdraw: {
        try await Cancellation(connection).madeFrom(sources: $0)
      } advance: {
        try await Advance(connection).sources($0)
      }
    case .jobs(let ids): try await changeJobs(action, subject, ids, in: project, journal)
    }
  }

  private func review(
    _ action: ProducerAction, _ subject: ActionSubject,
    in project: ProjectID, decide: (Reviews.Decision, String?) async throws -> Selection,
    withdraw: ([Int64]) async throws -> Void, advance: ([Int64]) async throws -> Advance.Outcome
  ) async throws -> Change {
    switch action {
    case .approve(let note, nil):
      let selection = try await decide(.approve, note)
      return Change(selection: selection, advanced: try await advance(selection.changed))
    case .reject(let reason):
      let selection = try await decide(.reject, reason)
      // What is being made from it is of no use to anybody.
      try await withdraw(selection.changed)
      var change = Change(selection: selection, advanced: try await Advance(connection).budgetFreed(in: project))
      // Cells that begin only as a whole set their next takes aside.
      change.advanced.add(try await advance(selection.changed))
      return change
    case .approve, .submit, .resubmit, .cancel, .skip, .unskip, .retry, .hold, .release, .prioritize, .tag, .untag:
      throw UnsupportedAction(action: action.verb, entity: subject.entity)
    }
  }

  private func changeCells(
    _ action: ProducerAction, _ ids: [Int64], by user: UserID, in project: ProjectID, _ journal: Journal
  ) async throws -> Change {
    let submissions = Submissions(connection)
    let reviews = Reviews(connection)
    switch action {
    case .submit(let takeNew, let priority, let fit):
      return try await arm(
        ids, SubmissionRule.taken(takeNew: takeNew), takesStale: true, priority, fit: fit, in: project)
    case .resubmit(let priority, let fit):
      return try await arm(ids, SubmissionRule.resubmitted, takesStale: false, priority, fit: fit, in: project)
    case .cancel: return try await withdraw(try await submissions.disarm(ids), in: project)
    case .skip(let reason):
      return try await withdraw(try await submissions.skip(ids, reason: reason, by: user), in: project)
    case .unskip:
      let change = try await advancing(try await submissions.unskip(ids))
      try await Standstill(connection).settle(change.selection.changed)
      return change
    case .hold:
      let selection = try await submissions.hold(ids, true)
      try await Standstill(connection).settle(selection.changed)
      return Change(selection: selection, remarks: try await Standstill(connection).goingOn(selection.changed))
    case .release: return try await release(ids, journal)
    case .prioritize(let priority): return Change(selection: try await submissions.prioritize(ids, priority))
    case .tag(let tag): return Change(selection: try await submissions.tag(ids, tag, on: true))
    case .untag(let tag): return Change(selection: try await submissions.tag(ids, tag, on: false))
    case .approve(let note, nil): return Change(selection: try await reviews.cells(ids, .approve, by: user, note: note))
    case .approve(let note, let take?):
      return Change(selection: try await reviews.approve(ids, take: take, by: user, note: note))
    case .reject(let reason): return Change(selection: try await reviews.cells(ids, .reject, by: user, note: reason))
    case .retry: throw UnsupportedAction(action: action.verb, entity: "cells")
    }
  }

  private func changeJobs(
    _ action: ProducerAction, _ subject: ActionSubject, _ ids: [Int64], in project: ProjectID, _ journal: Journal
  ) async throws -> Change {
    switch action {
    case .retry:
      let choice = try await Retries(connection).choose(ids)
      let (changed, unfunded) = try await Retries(connection).queue(choice)
      let released = try await Breakers(connection).release(ofJobs: changed, in: journal)
      try await Standstill(connection).settle(try await Retries(connection).cells(of: changed))
      return Change(
        selection: Selection(changed: changed, leftAlone: choice.leftAlone),
        advanced: try await Advance(connection).sceneTypes(released),
        notDone: unfunded == 0 ? [] : [.init(reason: "the budget does not hold them", count: unfunded)],
        requeued: changed.count)
    case .cancel: return try await cancel(jobs: ids, in: project)
    case .submit, .resubmit, .skip, .unskip, .approve, .reject, .hold, .release, .prioritize, .tag, .untag:
      throw UnsupportedAction(action: action.verb, entity: subject.entity)
    }
  }

  /// Jobs end with the cells that wanted them: a cell that stayed armed would have them queued again.
  private func cancel(jobs: [Int64], in project: ProjectID) async throws -> Change {
    let retries = Retries(connection)
    let before = try await retries.ended(jobs)
    let selection = try await Submissions(connection).disarm(try await retries.cells(of: jobs))
    var change = try await withdraw(selection, in: project)
    let old = Set(before.map(\.id))
    let new = try await retries.ended(jobs).filter { !old.contains($0.id) }.map(\.id)
    var others = Dictionary(grouping: before, by: \.status).mapValues(\.count)
    let live = jobs.count - before.count - new.count
    if live > 0 { others["no cell's own work"] = live }
    change.selection = Selection(changed: new, leftAlone: LeftAlone.sorted(others))
    return change
  }

  private func arm(
    _ ids: [Int64], _ statuses: [CellStatus], takesStale: Bool, _ priority: Int?, fit: Bool, in project: ProjectID
  ) async throws -> Change {
    let submissions = Submissions(connection)
    let terms = SubmissionTerms(priority: priority, fit: fit)
    let armed = try await submissions.arm(ids, taking: statuses, takesStale: takesStale, terms)
    let isFreed = try await submissions.ask(armed.reserved, fit: fit)
    var change = Change(selection: armed.selection)
    var (waiting, ready) = (armed.waiting, armed.ready)
    // What is set aside for one take is not there for another: then each waits for its turn, the most urgent first.
    if fit || !armed.reserved.isEmpty, !waiting.isEmpty {
      try await submissions.block(ready, terms)
      (waiting, ready) = (armed.selection.changed, [])
    }
    let reopened = try await submissions.reopenVariants(of: waiting)
    change.advanced.add(try await Advance(connection).cells(waiting))
    let (advanced, started) = try await Advance(connection).start(ready, terms)
    change.advanced.add(advanced)
    if isFreed { change.advanced.add(try await Advance(connection).budgetFreed(in: project)) }
    if !reopened.isEmpty { change.advanced.add(try await Advance(connection).variants(reopened)) }
    // Accepted, now or before, and not started.
    let accepted = statuses.contains(.blocked) ? ids : armed.selection.changed
    change.notDone = try await submissions.withoutBudget(accepted.filter { !started.contains($0) })
    return change
  }

  /// Cells that were held by hand, and those that wait because their scene type is held.
  private func release(_ ids: [Int64], _ journal: Journal) async throws -> Change {
    let submissions = Submissions(connection)
    let (waiting, sceneTypes) = try await Breakers(connection).release(of: ids, in: journal)
    let known = Set(waiting)
    let byHand = try await submissions.hold(waiting, false)
    let others = try await submissions.hold(ids.filter { !known.contains($0) }, false)
    var change = try await advancing(
      Selection(changed: (waiting + others.changed).sorted(), leftAlone: others.leftAlone))
    change.advanced.add(try await Advance(connection).cells(byHand.changed))
    change.advanced.add(try await Advance(connection).sceneTypes(sceneTypes))
    try await Standstill(connection).settle(change.selection.changed)
    return change
  }

  private func advancing(_ selection: Selection) async throws -> Change {
    Change(selection: selection, advanced: try await Advance(connection).cells(selection.changed))
  }

  /// Takes back what only these cells wanted, and offers what that frees to others.
  private func withdraw(_ selection: Selection, in project: ProjectID) async throws -> Change {
    try await Cancellation(connection).unwanted(by: selection.changed)
    try await Standstill(connection).settle(selection.changed)
    return Change(selection: selection, advanced: try await Advance(connection).budgetFreed(in: project))
  }
}

import Foundation
import Model
import PostgresClient
import Store

/// Takes actions back: the whole of one in one transaction, or, when asked for, what has not moved on since.
public struct UndoRunner: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The undo is an action itself, with a journal of its own, so that it can be undone.
  /// - Parameters:
  ///   - id: nil is the user's last action that is in force.
  ///   - partial: leave what has moved on alone instead of refusing.
  /// - Throws: `UndoRefusal`, `PostgresError`; then nothing has changed.
  public func run(_ id: ActionID?, partial: Bool, in context: ActionContext) async throws -> ActionReport {
    try await connection.transaction {
      try await ProjectLock(connection).take([context.project])
      let user = try await Actions(connection).user(named: context.user)
      let action = try await action(id, by: user, in: context)
      let conflicts = try await UndoReads(connection).conflicts(action)
      let restoration = Restoration(connection, action, conflicts)
      if !conflicts.movedOn.isEmpty {
        let restorable = try await restoration.subjects().count
        if !partial || restorable == 0 {
          throw UndoRefusal.movedOn(
            action.id, verb: action.verb, entity: action.entity, conflicts.movedOn, restorable: restorable)
        }
      }
      return try await restore(action, restoration, conflicts, partial: partial, by: user, in: context)
    }
  }

  private func action(_ id: ActionID?, by user: UserID, in context: ActionContext) async throws -> UndoneAction {
    let reads = UndoReads(connection)
    guard let action = try await reads.action(id, project: context.project, by: user) else {
      throw UndoRefusal.notFound(id)
    }
    if let other = action.undoneBy { throw UndoRefusal.undoneAlready(action.id, by: other) }
    if action.changed == 0 { throw UndoRefusal.changedNothing(action.id, verb: action.verb) }
    guard try await reads.isJournalled(action.id) else {
      if try await reads.isForgotten(action.id) { throw UndoRefusal.forgotten(action.id, verb: action.verb) }
      if UndoReads.outside.contains(action.verb) {
        // Somebody who named none means the last one; another in its place would be a surprise.
        let before = id == nil ? try await reads.last(before: action.id, project: context.project, by: user) : nil
        throw UndoRefusal.cannotBeUndone(
          action.id, verb: action.verb, before: before.map { Self.note($0, in: context) })
      }
      // Such as cells that were submitted once more while they waited: all is as it was before.
      throw UndoRefusal.changedNothing(action.id, verb: action.verb)
    }
    return action
  }

  private static func note(_ action: UndoneAction, in context: ActionContext) -> UndoneNote {
    UndoneNote(action: action.id, verb: action.verb, run: action.run == context.run ? nil : action.runName)
  }

  private func restore(
    _ action: UndoneAction, _ restoration: Restoration, _ conflicts: UndoConflicts, partial: Bool, by user: UserID,
    in context: ActionContext
  ) async throws -> ActionReport {
    let cells = try await restoration.cells()
    let variants = try await restoration.variants()
    let sources = try await restoration.sources()
    let journal = try await Journal.open(connection)
    try await journal.note(cells: cells, withLooks: false)
    try await journal.noteTakes(of: action.id)
    try await journal.note(variants: variants, withCells: false)
    try await journal.note(sources: sources, withLooks: false)
    for run in try await restoration.runIDs() { try await journal.note(run: run) }

    try await restoration.settings(in: journal)
    let unfunded = try await putBack(restoration, cells, variants, sources)
    var movedOn = conflicts.movedOn
    if !unfunded.isEmpty {
      movedOn.append(MovedOn(reason: "the budget does not hold them any more", entity: "cells", count: unfunded.count))
      if !partial {
        throw UndoRefusal.movedOn(
          action.id, verb: action.verb, entity: action.entity, movedOn,
          restorable: try await restoration.subjects().count - unfunded.count)
      }
    }
    let advanced = try await goOn(cells, variants, restoration, journal, in: context.project)
    try await journal.close(keepingCells: true)
    return try await record(
      action, journal, try await restoration.subjects(), movedOn, advanced,
      isRemoval: try await restoration.unmakesRuns(), by: user, in: context)
  }

  /// Decisions first, from the root to the cells; then the work that follows from them.
  private func putBack(
    _ restoration: Restoration, _ cells: [Int64], _ variants: [Int64], _ sources: [Int64]
  ) async throws -> [Int64] {
    try await restoration.decide(sources: sources)
    try await restoration.decide(cells)
    let unfunded = try await restoration.retake(cells)
    try await restoration.decide(variants: variants)
    try await restoration.reorder(cells)
    return unfunded
  }

  private func goOn(
    _ cells: [Int64], _ variants: [Int64], _ restoration: Restoration, _ journal: Journal, in project: ProjectID
  ) async throws -> Advance.Outcome {
    let disarmed = try await restoration.disarmed(cells)
    try await Cancellation(connection).unwanted(by: disarmed)
    try await restoration.giveBack(cells)
    let advance = Advance(connection)
    var outcome = try await advance.cells(cells)
    outcome.add(try await advance.variants(variants))
    outcome.add(try await advance.sceneTypes(try await restoration.breakers()))
    for run in try await restoration.runs(in: journal) { outcome.add(try await advance.run(run)) }
    if try await restoration.isAboutBudget() { outcome.add(try await advance.project(project)) }
    outcome.add(try await advance.budgetFreed(in: project))
    try await Standstill(connection).settle(cells)
    return outcome
  }

  private func record(
    _ action: UndoneAction, _ journal: Journal, _ changed: [Int64], _ movedOn: [MovedOn], _ advanced: Advance.Outcome,
    isRemoval: Bool, by user: UserID, in context: ActionContext
  ) async throws -> ActionReport {
    let notDone = movedOn.map { ActionReport.LeftAlone(reason: $0.reason, count: $0.count) }
    let selected = changed.count + movedOn.filter { $0.entity == action.entity }.reduce(0) { $0 + $1.count }
    let id = try await Actions(connection).record(
      journal.action, undoing: action.id, verb: "undo", entity: action.entity, statement: context.statement,
      project: context.project, run: action.run ?? context.run, by: user, selected: selected, changed: changed,
      leftAlone: notDone)
    return ActionReport(
      action: "undo", id: id, entity: action.entity, selected: selected, changed: changed.count, notDone: notDone,
      jobsQueued: advanced.jobsQueued, isRemoval: isRemoval,
      undone: Self.note(action, in: context))
  }
}

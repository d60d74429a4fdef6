import Foundation
import Model
import PostgresClient
import Store

/// What a producer asks for, on rows that are already chosen.
public enum ProducerAction: Equatable, Sendable {
  case submit(takeNew: Bool, priority: Int?)
  case resubmit(priority: Int?)
  case cancel
  case skip(reason: String?)
  case unskip
  case approve(note: String?)
  case reject(reason: String?)
  case hold
  case release
  case prioritize(Int)
  case tag(String)
  case untag(String)

  public var verb: String {
    switch self {
    case .submit: "submit"
    case .resubmit: "resubmit"
    case .cancel: "cancel"
    case .skip: "skip"
    case .unskip: "unskip"
    case .approve: "approve"
    case .reject: "reject"
    case .hold: "hold"
    case .release: "release"
    case .prioritize: "prioritize"
    case .tag: "tag"
    case .untag: "untag"
    }
  }
}

/// The rows an action works on. Ids, not a condition: an action changes exactly what was counted.
public enum ActionSubject: Equatable, Sendable {
  case cells([Int64])
  case variants([Int64])
  case sources([Int64])
  case jobs([Int64])

  public var ids: [Int64] {
    switch self {
    case .cells(let ids), .variants(let ids), .sources(let ids), .jobs(let ids): ids
    }
  }

  public var entity: String {
    switch self {
    case .cells: "cells"
    case .variants: "variants"
    case .sources: "sources"
    case .jobs: "jobs"
    }
  }
}

/// Who does it, where, and in which words.
public struct ActionContext: Equatable, Sendable {
  public var project: ProjectID
  public var run: RunID?
  public var user: String
  public var statement: String

  public init(project: ProjectID, run: RunID?, user: String, statement: String) {
    self.project = project
    self.run = run
    self.user = user
    self.statement = statement
  }
}

public struct UnsupportedAction: Error, Equatable, Sendable {
  public let action: String
  public let entity: String
}

/// Carries out an action: one transaction, a fixed number of statements however many rows.
public struct ActionRunner: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// - Throws: `UnsupportedAction`, `PostgresError`; then nothing has changed.
  public func run(_ action: ProducerAction, on subject: ActionSubject, in context: ActionContext) async throws
    -> ActionReport
  {
    try await connection.transaction {
      try await ProjectLock(connection).take([context.project])
      let user = try await Actions(connection).user(named: context.user)
      let (selection, advanced) = try await change(action, subject, by: user, in: context.project)
      let notDone = try await blockedByBudget(action, selection.changed)
      let id = try await Actions(connection).record(
        verb: action.verb, entity: subject.entity, statement: context.statement, project: context.project,
        run: context.run, by: user, selected: subject.ids.count, changed: selection.changed,
        leftAlone: selection.leftAlone)
      return ActionReport(
        action: action.verb, id: id, entity: subject.entity, selected: subject.ids.count,
        changed: selection.changed.count, leftAlone: selection.leftAlone, notDone: notDone,
        jobsQueued: advanced.jobsQueued)
    }
  }

  private func change(
    _ action: ProducerAction, _ subject: ActionSubject, by user: UserID, in project: ProjectID
  ) async throws -> (Selection, Advance.Outcome) {
    switch subject {
    case .cells(let ids): try await changeCells(action, ids, by: user, in: project)
    case .variants(let ids):
      try await review(action, subject, by: user) { connection, decision, note in
        try await Reviews(connection).variants(ids, decision, by: user, note: note)
      } advance: {
        try await Advance($0).variants($1)
      }
    case .sources(let ids):
      try await review(action, subject, by: user) { connection, decision, note in
        try await Reviews(connection).sources(ids, decision, by: user, note: note)
      } advance: {
        try await Advance($0).sources($1)
      }
    case .jobs: throw UnsupportedAction(action: action.verb, entity: subject.entity)
    }
  }

  private func review(
    _ action: ProducerAction, _ subject: ActionSubject, by user: UserID,
    decide: (PostgresConnection, Reviews.Decision, String?) async throws -> Selection,
    advance: (PostgresConnection, [Int64]) async throws -> Advance.Outcome
  ) async throws -> (Selection, Advance.Outcome) {
    switch action {
    case .approve(let note):
      let selection = try await decide(connection, .approve, note)
      return (selection, try await advance(connection, selection.changed))
    case .reject(let reason):
      return (try await decide(connection, .reject, reason), Advance.Outcome())
    case .submit, .resubmit, .cancel, .skip, .unskip, .hold, .release, .prioritize, .tag, .untag:
      throw UnsupportedAction(action: action.verb, entity: subject.entity)
    }
  }

  private func changeCells(
    _ action: ProducerAction, _ ids: [Int64], by user: UserID, in project: ProjectID
  ) async throws -> (Selection, Advance.Outcome) {
    let submissions = Submissions(connection)
    switch action {
    case .submit(let takeNew, let priority):
      let statuses = SubmissionRule.taken(takeNew: takeNew)
      return try await arm(ids, statuses, takesStale: true, priority)
    case .resubmit(let priority):
      return try await arm(ids, SubmissionRule.resubmitted, takesStale: false, priority)
    case .cancel:
      return try await withdraw(try await submissions.disarm(ids), in: project)
    case .skip(let reason):
      return try await withdraw(try await submissions.skip(ids, reason: reason, by: user), in: project)
    case .unskip:
      return try await advancing(try await submissions.unskip(ids))
    case .hold:
      return (try await submissions.hold(ids, true), Advance.Outcome())
    case .release:
      return try await advancing(try await submissions.hold(ids, false))
    case .prioritize(let priority):
      return (try await submissions.prioritize(ids, priority), Advance.Outcome())
    case .tag(let tag):
      return (try await submissions.tag(ids, tag, on: true), Advance.Outcome())
    case .untag(let tag):
      return (try await submissions.tag(ids, tag, on: false), Advance.Outcome())
    case .approve(let note):
      return (try await Reviews(connection).cells(ids, .approve, by: user, note: note), Advance.Outcome())
    case .reject(let reason):
      return (try await Reviews(connection).cells(ids, .reject, by: user, note: reason), Advance.Outcome())
    }
  }

  private func arm(
    _ ids: [Int64], _ statuses: [CellStatus], takesStale: Bool, _ priority: Int?
  ) async throws -> (Selection, Advance.Outcome) {
    let selection = try await Submissions(connection).arm(
      ids, taking: statuses, takesStale: takesStale, priority: priority)
    try await Submissions(connection).reopenVariants(of: selection.changed)
    return (selection, try await Advance(connection).cells(selection.changed))
  }

  private func advancing(_ selection: Selection) async throws -> (Selection, Advance.Outcome) {
    (selection, try await Advance(connection).cells(selection.changed))
  }

  /// Takes back what only these cells wanted, and offers what that frees to others.
  private func withdraw(_ selection: Selection, in project: ProjectID) async throws -> (Selection, Advance.Outcome) {
    try await Cancellation(connection).unwanted(by: selection.changed)
    return (selection, try await Advance(connection).budgetFreed(in: project))
  }

  /// Cells that were submitted but that a budget does not hold: accepted, and not started.
  private func blockedByBudget(_ action: ProducerAction, _ ids: [Int64]) async throws -> [ActionReport.LeftAlone] {
    switch action {
    case .submit, .resubmit: try await Submissions(connection).withoutBudget(ids)
    case .cancel, .skip, .unskip, .approve, .reject, .hold, .release, .prioritize, .tag, .untag: []
    }
  }
}

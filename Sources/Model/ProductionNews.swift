import Foundation

/// Events of one kind that came together.
public struct EventGroup: Equatable, Hashable, Sendable {
  public var run: RunID?
  /// What happened: `failed`, `generated`, or an action's verb.
  public var kind: String
  /// What it happened to, in the plural.
  public var entity: String
  public var count: Int

  public init(run: RunID?, kind: String, entity: String, count: Int) {
    self.run = run
    self.kind = kind
    self.entity = entity
    self.count = count
  }
}

/// What somebody did, for those who work beside him.
public struct ColleagueAction: Equatable, Sendable {
  public var id: Int64
  public var user: String
  public var verb: String
  public var entity: String
  public var changed: Int
  public var run: String?

  public init(id: Int64, user: String, verb: String, entity: String, changed: Int, run: String?) {
    self.id = id
    self.user = user
    self.verb = verb
    self.entity = entity
    self.changed = changed
    self.run = run
  }
}

/// How a production stands, as the prompt shows it.
public struct ProductionStanding: Equatable, Sendable {
  /// Of the run in use.
  public var cells: [CellStatus: Int] = [:]
  /// Variants of the project that wait for a decision.
  public var variantsInReview = 0
  /// What is left of each budget, 0 to 1, by a person's words for it: `GPU hours`.
  public var budgetsLeft: [String: Double] = [:]
  /// Plans of whoever asks that could be applied, newest first.
  public var plans: [String] = []
  /// The newest of them can no longer be applied: its rows have changed.
  public var hasDrifted = false

  public init() {}
}

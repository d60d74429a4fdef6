/// Rows of an action that are not any more what it left: why, how many, and what went into them since.
public struct MovedOn: Equatable, Sendable {
  /// A state (`generating`), or `changed since`.
  public var reason: String
  /// The entity's plural as the language spells it.
  public var entity: String
  public var count: Int
  /// Cells that went with those that the action was given, such as other runs' at the same scenes.
  public var others: Int
  /// Spent on these rows since the action; undoing it brings none of it back.
  public var gpuSeconds: Double

  public init(reason: String, entity: String, count: Int, others: Int = 0, gpuSeconds: Double = 0) {
    self.reason = reason
    self.entity = entity
    self.count = count
    self.others = others
    self.gpuSeconds = gpuSeconds
  }
}

/// The action that an undo took back.
public struct UndoneNote: Equatable, Sendable {
  public let action: ActionID
  public let verb: String
  /// The name of its run, where that is not the one in use.
  public let run: String?

  public init(action: ActionID, verb: String, run: String?) {
    self.action = action
    self.verb = verb
    self.run = run
  }
}

/// Why an action is not taken back. Nothing has changed then.
public enum UndoRefusal: Error, Equatable, Sendable {
  case notFound(ActionID?)
  /// The other action is the undo that did it.
  case undoneAlready(ActionID, by: ActionID)
  /// A file that was applied, a delivery: verbs whose effects lie outside, or that were not journalled. `before`: the last
  /// one before it that can be, where none was named.
  case cannotBeUndone(ActionID, verb: String, before: UndoneNote?)
  case changedNothing(ActionID, verb: String)
  /// What the rows were is kept for some time only.
  case forgotten(ActionID, verb: String)
  /// `restorable` rows could be taken back by themselves.
  case movedOn(ActionID, verb: String, entity: String, [MovedOn], restorable: Int)
}

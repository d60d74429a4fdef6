/// `source | stage | ... | action`.
public struct Pipeline: Equatable, Sendable {
  public var source: Source
  public var stages: [Located<Stage>]
  public var action: Located<ActionCall>?

  public init(source: Source, stages: [Located<Stage>] = [], action: Located<ActionCall>? = nil) {
    self.source = source
    self.stages = stages
    self.action = action
  }
}

public enum Source: Equatable, Sendable {
  /// `select cells where ...`, with or without its `select`.
  case entity(Name, Condition?)
  /// `@stuck(status=failed)`.
  case macro(Name, [Argument])
  /// The cells of the run in use, where a view stands alone: `matrix where character=Aria`. The view is the first stage.
  case cellsInUse(Condition?)
}

/// What stands between two `|`.
public indirect enum Stage: Equatable, Sendable {
  case filter(Condition)
  case sort([SortKey])
  case take(Located<Literal>)
  case takeLast(Located<Literal>)
  case offset(Located<Literal>)
  case pick([Name])
  case distinct([Name])
  case count
  case group([Aggregate], by: [Name])
  case combine(Combination, Pipeline)
  case sample(Located<Literal>)
  case why
  case matrix(axes: MatrixAxes?, show: Name?)
  case progress
  case watch(every: Located<Literal>?, until: Condition?)
  case export(path: Located<Literal>, format: Name?)
  case expectNone
  case expect(Condition)
}

public struct SortKey: Equatable, Sendable {
  public var field: Name
  public var descending: Bool

  public init(field: Name, descending: Bool) {
    self.field = field
    self.descending = descending
  }
}

/// `count`, `sum(gpu_seconds)`.
public struct Aggregate: Equatable, Sendable {
  public var function: Located<AggregateFunction>
  /// nil for `count` only.
  public var field: Name?

  public init(function: Located<AggregateFunction>, field: Name?) {
    self.function = function
    self.field = field
  }
}

public enum AggregateFunction: String, CaseIterable, Sendable {
  case count, sum, avg, min, max
}

public enum Combination: String, CaseIterable, Sendable {
  case union, except, intersect
}

/// `characters x scene_types`: rows by columns.
public struct MatrixAxes: Equatable, Sendable {
  public var rows: Name
  public var columns: Name

  public init(rows: Name, columns: Name) {
    self.rows = rows
    self.columns = columns
  }
}

/// An action at the end of a pipeline: `prioritize 5`, `reject reason="eyes off model"`.
public struct ActionCall: Equatable, Sendable {
  public var name: Name
  /// What stands between the action and its options: the number of `prioritize`, the tag of `tag`.
  public var argument: Located<Literal>?
  /// Each has a name.
  public var options: [Argument]

  public init(name: Name, argument: Located<Literal>? = nil, options: [Argument] = []) {
    self.name = name
    self.argument = argument
    self.options = options
  }
}

import Foundation

/// A pipeline ready to be compiled: rows, then at most one way to look at them, then at most one action. Macros and variables are
/// replaced by what they stand for.
public struct CheckedPipeline: Equatable, Sendable {
  public var entity: Entity
  /// The source's condition first, when it has one.
  public var stages: [RowStage]
  /// What the rows look like after the stages.
  public var shape: Shape
  public var view: View?
  /// What stands before `why` as it was written, the variables replaced.
  public var chosen: Pipeline?
  public var expectation: Expectation?
  public var export: Export?
  /// Show it again whenever it changes.
  public var watch: Watch?
  /// What the times that are written in it stand for, in order; those of the pipelines within it as well.
  public var windows: [TimeWindow] = []
  public var action: CheckedAction?

  /// Nothing narrows the entity down: an action on it is on everything, and is asked about first. `where true` says that
  /// everything is meant.
  public var isUnfiltered: Bool {
    var isNarrow = false
    for stage in stages {
      switch stage {
      case .filter, .take, .takeLast, .sample, .combine(.except, _): isNarrow = true
      case .combine(.intersect, let other): isNarrow = isNarrow || !other.isUnfiltered
      case .combine(.union, let other): isNarrow = isNarrow && !other.isUnfiltered
      case .sort, .offset, .pick, .distinct, .count, .group: break
      }
    }
    return !isNarrow
  }

  public init(entity: Entity, shape: Shape) {
    self.entity = entity
    self.stages = []
    self.shape = shape
  }
}

public indirect enum RowStage: Equatable, Sendable {
  case filter(CheckedCondition)
  case sort([CheckedSortKey])
  case take(Int)
  case takeLast(Int)
  case offset(Int)
  case pick([Field])
  case distinct([Field])
  case count
  case group([CheckedAggregate], by: [Field])
  case combine(Combination, CheckedPipeline)
  case sample(Int)
}

public struct CheckedSortKey: Equatable, Sendable {
  public var field: Field
  public var descending: Bool

  public init(field: Field, descending: Bool) {
    self.field = field
    self.descending = descending
  }
}

public struct CheckedAggregate: Equatable, Sendable {
  public var function: AggregateFunction
  /// nil for `count` only.
  public var field: Field?
  /// The field of the result: `count`, `sum_gpu_seconds`.
  public var result: Field
}

/// What each row has, and whether it still is a row of the entity.
public struct Shape: Equatable, Sendable {
  /// The rows are the entity's own, with an id: an action or a view can take them.
  public var isEntity: Bool
  /// What a stage behind can name.
  public var fields: [Field]
  /// What is shown.
  public var shown: [Field]
}

/// A way of looking at cells that is not a table.
public enum View: Equatable, Sendable {
  case why
  case matrix(rows: String?, columns: String?, show: Field?)
  case progress
}

public enum Expectation: Equatable, Sendable {
  case none
  /// It holds for every row.
  case everyRow(CheckedCondition)
}

public struct Watch: Equatable, Sendable {
  public enum End: Equatable, Sendable {
    /// It holds for every row.
    case everyRow(CheckedCondition)
    /// It holds for the number of rows; the only field is `count`.
    case total(CheckedCondition)
  }

  /// Seconds between two looks at least; nil: as soon as something changes.
  public var every: Double?
  /// nil: until it is interrupted.
  public var until: End?
}

/// The moments that a comparison with a time came to: `finished_at since 2h`.
public struct TimeWindow: Equatable, Sendable {
  public var field: String
  /// The first moment that belongs to it; nil: no bound.
  public var from: Date?
  /// The first moment behind it; nil: no bound.
  public var until: Date?
  /// In the session's time zone, without the field: `since 2026-11-22 10:00`, `from 2026-11-22 to 2026-11-23`.
  public var text: String
}

public struct Export: Equatable, Sendable {
  /// As written.
  public var path: String
  /// nil: by the path's extension.
  public var format: String?
}

/// An action with its options checked against `ActionSpecification`.
public struct CheckedAction: Equatable, Sendable {
  public var name: ActionName
  public var options: ActionOptions
}

public enum ActionName: String, CaseIterable, Sendable {
  case submit, resubmit, cancel, skip, unskip, approve, reject, retry, prioritize, hold, release, tag, untag
}

public struct ActionOptions: Equatable, Sendable {
  public enum Take: Equatable, Sendable {
    case new
    case number(Int)
  }

  public var reason: String?
  public var note: String?
  public var take: Take?
  /// Of `prioritize N` as well.
  public var priority: Int?
  /// Do what the budget holds and leave the rest, rather than nothing.
  public var fit: Bool?
  /// Of `tag` and `untag`.
  public var tag: String?

  public init() {}
}

import Diagnostics
import Model
import QueryLanguage

/// What a statement had to say. Values only: how it looks is decided by whoever shows it.
public indirect enum Outcome: Equatable, Sendable {
  case table(ResultTable, noun: String)
  /// The axes in the order rows, columns, sub-columns.
  case matrix(Matrix, [MatrixAxis])
  case why(WhyReport)
  case progress(Progress)
  /// With what came of it when it was run to be measured.
  case explanation(Explanation, of: Outcome?)
  case action(ActionReport)
  /// A sentence for people about a change that is an action for programs: `spring is paused`.
  case done(String, ActionReport)
  /// What an action would do: kept by a name, or only shown.
  case plan(ActionPlan)
  /// A text whose statements are to be run one by one, between the session's `enter` and `leave`.
  case script(ScriptCall)
  case production(ProductionChanges)
  case runCreated(RunCreated)
  case delivered(DeliveryReport)
  /// A sentence or a page of text.
  case text(String)
  /// A sentence for people that is a row for programs.
  case finding(String, ResultTable)
  /// Something to know that is no result: `using run spring`.
  case message(String)
  /// A preference the shell keeps: `set format json`.
  case setting(key: String, value: String)
  /// A way of looking at cells that goes to a file instead of being shown.
  case export(Outcome, path: String, format: String?)
  /// To be shown again and again: whoever shows it asks `ProducerSession.frame` for what is there now.
  case watch(Watching)
  /// Done, and nothing to say: `expect` that was met.
  case nothing
}

public struct Watching: Equatable, Sendable {
  /// How long to wait between two looks at least; nil: as soon as something changes.
  public var shortestPause: Duration?
}

public struct RunCreated: Equatable, Sendable {
  public var run: String
  public var project: String
  public var cells: Int
  public var estimatedGPUHours: Double
  public var estimatedDiskGB: Double
}

public struct DeliveryReport: Equatable, Sendable {
  public var run: String
  public var path: String
  public var videos: Int
  public var bytes: Int64
  public var skipped: Int
}

/// An outcome with the warnings of the statement.
public struct Execution: Equatable, Sendable {
  public var outcome: Outcome
  public var warnings: [Diagnostic]
  /// What it says was done was done to be looked at, and is not kept.
  public var isTakenBack = false
  /// Something the action takes could not be done: exit code 4.
  public var isPartial: Bool {
    if isTakenBack { return false }
    if case .action(let report) = outcome { return !report.notDone.isEmpty }
    return false
  }
}

/// An `expect` that was not met: exit code 5.
public struct ExpectationUnmet: Error, Equatable, Sendable {
  public let diagnostic: Diagnostic
}

/// The connection is lost, or no new one came about. Nothing is repeated: what was under way may or may not have happened,
/// and the diagnostic says how to look.
public struct DatabaseAway: Error, Equatable, Sendable {
  public let diagnostic: Diagnostic
}

/// The person said no, or nobody was there to ask.
public struct NotConfirmed: Error, Equatable, Sendable {}

/// What is asked before something that is easily meant otherwise: `submit all 48 cells`.
public struct Confirmation: Equatable, Sendable {
  /// Without the question mark.
  public var question: String
  /// What a yes would do, as a dry run says it; nil where the question says it all.
  public var preview: Outcome?

  /// The preview of an action on rows.
  public var plan: ActionPlan? { if case .plan(let plan) = preview { plan } else { nil } }
}

/// How a statement is understood, what is sent for it, and what came of it.
public struct Explanation: Equatable, Sendable {
  /// A stretch of the way from the text to the screen.
  public struct Timing: Equatable, Sendable {
    /// `parse`, `check`, `names`, `compile`, `plan`, `server`, `decode`, `render`.
    public var stage: String
    public var milliseconds: Double

    public init(stage: String, milliseconds: Double) {
      self.stage = stage
      self.milliseconds = milliseconds
    }
  }

  /// What an action would do: what a rehearsal that was taken back did.
  public struct Touch: Equatable, Sendable {
    public struct Count: Equatable, Sendable {
      public var status: String
      public var count: Int

      public init(status: String, count: Int) {
        self.status = status
        self.count = count
      }
    }

    /// The chosen rows by status.
    public var statuses: [Count]
    public var plan: ActionPlan

    public init(statuses: [Count], plan: ActionPlan) {
      self.statuses = statuses
      self.plan = plan
    }
  }

  /// The project and the run that it is about: `project neon-city (1)`.
  public var place: String
  /// The rows first, then one line for each step, in the language's own words.
  public var steps: [String]
  /// What is sent, on several lines, its values written as literals.
  public var sql: String
  /// The values, in the order of `$1`, `$2`, ... in what is really sent.
  public var bindings: [String]
  /// What the server's planner expects.
  public var estimatedRows: Double
  /// nil: it was not run.
  public var rows: Int?
  public var touch: Touch?
  /// Empty: it was not run.
  public var timings: [Timing]

  public init(
    place: String, steps: [String], sql: String, bindings: [String], estimatedRows: Double, rows: Int? = nil,
    touch: Touch? = nil, timings: [Timing] = []
  ) {
    self.place = place
    self.steps = steps
    self.sql = sql
    self.bindings = bindings
    self.estimatedRows = estimatedRows
    self.rows = rows
    self.touch = touch
    self.timings = timings
  }
}

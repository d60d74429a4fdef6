import Foundation

/// What an action would do, as it was found by doing it and taking it back.
public struct ActionPlan: Equatable, Sendable {
  /// Work that is queued, or that waits to be.
  public struct Work: Equatable, Sendable {
    public var looks: Int
    public var takes: Int
    public var segments: Int
    /// Of the takes; nil: there are none, or not all have the same.
    public var takeNumber: Int?
    public var gpuHours: Double
    public var diskGB: Double

    public init(
      looks: Int = 0, takes: Int = 0, segments: Int = 0, takeNumber: Int? = nil, gpuHours: Double = 0,
      diskGB: Double = 0
    ) {
      self.looks = looks
      self.takes = takes
      self.segments = segments
      self.takeNumber = takeNumber
      self.gpuHours = gpuHours
      self.diskGB = diskGB
    }
  }

  /// What the tightest limit leaves, before and after.
  public struct Budget: Equatable, Sendable {
    public var left: Double
    public var after: Double

    public init(left: Double, after: Double) {
      self.left = left
      self.after = after
    }
  }

  /// Without `|` and with its options: `submit take=new`.
  public var action: String
  /// As it was planned; nil: only looked at, not kept.
  public var name: String?
  public var statement: String
  public var report: ActionReport
  public var queued: Work
  /// For the cells that are armed and wait for something: what they take when nothing is in their way any more.
  public var later: Work
  /// nil: no limit is set.
  public var gpuBudget: Budget?
  public var diskBudget: Budget?
  /// Slots of the workers that live.
  public var slots: Int
  /// Seconds until what is queued has run; nil when nothing is, or no worker lives.
  public var etaSeconds: Double?
  public var expiresAt: Date?

  public init(
    action: String, name: String?, statement: String, report: ActionReport, queued: Work, later: Work,
    gpuBudget: Budget?, diskBudget: Budget?, slots: Int, etaSeconds: Double?, expiresAt: Date?
  ) {
    self.action = action
    self.name = name
    self.statement = statement
    self.report = report
    self.queued = queued
    self.later = later
    self.gpuBudget = gpuBudget
    self.diskBudget = diskBudget
    self.slots = slots
    self.etaSeconds = etaSeconds
    self.expiresAt = expiresAt
  }
}

/// How a row is not what it was when a plan was made.
public struct Drift: Equatable, Sendable {
  public struct Change: Equatable, Sendable {
    /// What changed: `status`, `take`.
    public var fact: String
    /// As it was, and as it is.
    public var before: String
    public var now: String

    public init(fact: String, before: String, now: String) {
      self.fact = fact
      self.before = before
      self.now = now
    }
  }

  /// `Aria Vale / alley_chase / coat`.
  public var row: String
  /// Empty: the row is gone.
  public var changes: [Change]

  public init(row: String, changes: [Change]) {
    self.row = row
    self.changes = changes
  }
}

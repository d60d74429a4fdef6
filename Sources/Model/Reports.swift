import Foundation

/// What an action did: how many rows it was given, changed and left alone, and why.
public struct ActionReport: Equatable, Sendable {
  public struct LeftAlone: Equatable, Sendable {
    public let reason: String
    public let count: Int

    public init(reason: String, count: Int) {
      self.reason = reason
      self.count = count
    }
  }

  public let action: String
  public let id: ActionID?
  /// The entity's plural as the language spells it: `cells`, `variants`, `jobs`.
  public let entity: String
  public let selected: Int
  public let changed: Int
  /// Rows whose status the action does not take: no failure.
  public let leftAlone: [LeftAlone]
  /// Rows the action takes but could not do, such as what a budget did not hold.
  public let notDone: [LeftAlone]
  public let jobsQueued: Int
  /// What it meant for rows that it was not given, or does not mean for those that it was.
  public let remarks: [Remark]
  /// An undo of what had made the rows: they are gone.
  public let isRemoval: Bool
  /// Of an undo: what it took back.
  public let undone: UndoneNote?

  public init(
    action: String, id: ActionID?, entity: String, selected: Int, changed: Int, leftAlone: [LeftAlone] = [],
    notDone: [LeftAlone] = [], jobsQueued: Int = 0, remarks: [Remark] = [], isRemoval: Bool = false,
    undone: UndoneNote? = nil
  ) {
    self.action = action
    self.id = id
    self.entity = entity
    self.selected = selected
    self.changed = changed
    self.leftAlone = leftAlone
    self.notDone = notDone
    self.jobsQueued = jobsQueued
    self.remarks = remarks
    self.isRemoval = isRemoval
    self.undone = undone
  }
}

/// Cells that wait for the same root cause.
public struct Blockage: Equatable, Sendable {
  public let cells: Int
  /// Of all the cells, in order; empty when there are too many to name.
  public let cellIDs: [CellID]
  /// A word of the field `blocked_by`: `source_qa`, `variant_approval`, `gpu_budget`, ...
  public let cause: String
  /// A sentence without its subject: `wait for the variant "suit" of Bo Okafor to be approved`.
  public let explanation: String
  public let since: Date?
  /// When it is tried again by itself.
  public let until: Date?
  /// What waits for what, from the scenes to the root.
  public let chain: [String]
  /// The first is the one to try.
  public let remedies: [Remedy]

  public init(
    cells: Int? = nil, cellIDs: [CellID], cause: String, explanation: String, since: Date?, until: Date? = nil,
    chain: [String] = [], remedies: [Remedy]
  ) {
    self.cells = cells ?? cellIDs.count
    self.cellIDs = cellIDs
    self.cause = cause
    self.explanation = explanation
    self.since = since
    self.until = until
    self.chain = chain
    self.remedies = remedies
  }
}

/// The answer of `why`. Cells that nothing blocks are counted by what they do instead.
public struct WhyReport: Equatable, Sendable {
  public let blockages: [Blockage]
  public let unblocked: [ActionReport.LeftAlone]
  public let asOf: Date

  public init(blockages: [Blockage], unblocked: [ActionReport.LeftAlone], asOf: Date) {
    self.blockages = blockages
    self.unblocked = unblocked
    self.asOf = asOf
  }
}

/// How far a run is. Counts are of its cells that are not skipped unless said otherwise.
public struct Progress: Equatable, Sendable {
  public struct Part: Equatable, Sendable {
    public var done: Int
    public var total: Int

    public init(done: Int, total: Int) {
      self.done = done
      self.total = total
    }
  }

  /// What a budget allows and what is gone; GPU in hours, disk in gigabytes.
  public struct Budget: Equatable, Sendable {
    public var limit: Double
    public var reserved: Double
    public var spent: Double

    public var left: Double { limit - reserved - spent }

    public init(limit: Double, reserved: Double, spent: Double) {
      self.limit = limit
      self.reserved = reserved
      self.spent = spent
    }
  }

  public var project: String
  public var run: String
  /// How many cells were chosen; nil: it is about the whole run.
  public var part: Int?
  public var counts: [CellStatus: Int]
  public var stale: Int
  /// Scenes whose take is generated, of all that are not skipped.
  public var scenes: Part
  public var segments: Part
  public var approved: Part
  /// Takes that passed scene QA, of all that were checked.
  public var qaPassed: Part
  public var variantsApproved: Part
  /// nil: no limit is set. `gpuHoursUsed` and `diskGBUsed` are what this run has spent.
  public var gpuBudget: Budget?
  public var diskBudget: Budget?
  public var gpuHoursUsed: Double
  public var diskGBUsed: Double
  public var jobsReady: Int
  public var jobsRunning: Int
  /// Slots of the workers that were heard of within their lease.
  public var liveSlots: Int
  /// Seconds until everything that can run has run, on so many slots; nil when no duration is known or something stands still.
  public var etaSeconds: Double?
  public var etaSlots: Int
  public var standstill: Standstill?

  /// Why work that is ready is not begun, though nothing else is missing. Kinds as `job_kind` spells them.
  public enum Standstill: Equatable, Sendable {
    case paused
    case noWorker(kind: String)
    /// The limit of the kind is 0.
    case limit(kind: String)
  }

  public init(
    project: String, run: String, part: Int? = nil, counts: [CellStatus: Int], stale: Int, scenes: Part, segments: Part,
    approved: Part, qaPassed: Part, variantsApproved: Part, gpuBudget: Budget?, diskBudget: Budget?,
    gpuHoursUsed: Double, diskGBUsed: Double, jobsReady: Int, jobsRunning: Int, liveSlots: Int, etaSeconds: Double?,
    etaSlots: Int? = nil, standstill: Standstill? = nil
  ) {
    self.project = project
    self.run = run
    self.part = part
    self.counts = counts
    self.stale = stale
    self.scenes = scenes
    self.segments = segments
    self.approved = approved
    self.qaPassed = qaPassed
    self.variantsApproved = variantsApproved
    self.gpuBudget = gpuBudget
    self.diskBudget = diskBudget
    self.gpuHoursUsed = gpuHoursUsed
    self.diskGBUsed = diskGBUsed
    self.jobsReady = jobsReady
    self.jobsRunning = jobsRunning
    self.liveSlots = liveSlots
    self.etaSeconds = etaSeconds
    self.etaSlots = etaSlots ?? liveSlots
    self.standstill = standstill
  }
}

import Foundation

/// Why a cell does not go on: a word of the field `blocked_by`, or what holds a cell that is not blocked by a fact.
public enum BlockCause: String, CaseIterable, Sendable {
  case sourceQA = "source_qa"
  case sourceQAFailed = "source_qa_failed"
  case variantGeneration = "variant_generation"
  case variantApproval = "variant_approval"
  case variantRejected = "variant_rejected"
  case variantFailed = "variant_failed"
  case variantStale = "variant_stale"
  case gpuBudget = "gpu_budget"
  case diskBudget = "disk_budget"
  case runPaused = "run_paused"
  case held
  case sceneTypeHeld = "scene_type_held"
  case noWorker = "no_worker"
  case limitReached = "limit_reached"
  case retryLater = "retry_later"
  case qaReview = "qa_review"
  case takeFailed = "take_failed"
  case takeRejected = "take_rejected"
  case stale
}

/// One cause with what it is about and the cells it holds up.
public struct Blocker: Equatable, Sendable {
  /// A look by its names.
  public struct Look: Hashable, Sendable {
    public var character: String
    public var variantType: String

    public init(character: String, variantType: String) {
      self.character = character
      self.variantType = variantType
    }
  }

  public var cause: BlockCause
  public var cells: Int
  /// Of all the cells, in order; empty when there are too many to name.
  public var cellIDs: [CellID]
  /// The first cell's: what decides between causes of equally many cells.
  public var first: Int64
  public var since: Date?
  /// When it is tried again.
  public var until: Date?
  /// Names of what has to change, as far as the cause has them; of several things what they have in common.
  public var character: String?
  public var variantType: String?
  public var run: String?
  public var sceneType: String?
  /// What the check, the generator or the reviewer said; the job kind nobody takes.
  public var detail: String?
  /// Where a source image lies.
  public var path: String?
  /// Budgets: what is left and what the first of the cells needs, in GPU hours or GB.
  public var left: Double?
  public var needed: Double?
  /// Budgets: the limit that would hold all of the cells.
  public var enough: Double?
  /// Retries: which of how many the next one is, from 1.
  public var attempt: Int?
  public var attempts: Int?
  /// Limits: how many jobs of the kind run, and may run.
  public var running: Int?
  public var most: Int?
  /// How many a remedy takes that names no more than the cause: cells, or variants that wait for a word.
  public var whole: Int?
  /// How many things it is about.
  public var subjects: Int
  /// Their ids, where they are variants or sources.
  public var subjectIDs: [Int64]
  /// Looks that stand between the cells and the cause.
  public var looks: Set<Look>
  /// The production file as `apply` takes it.
  public var file: String

  public init(
    cause: BlockCause, cells: Int? = nil, cellIDs: [CellID], first: Int64? = nil, since: Date? = nil,
    until: Date? = nil, character: String? = nil, variantType: String? = nil, run: String? = nil,
    sceneType: String? = nil, detail: String? = nil, path: String? = nil, left: Double? = nil, needed: Double? = nil,
    enough: Double? = nil, subjects: Int = 1, subjectIDs: [Int64] = [], looks: Set<Look> = [],
    file: String = "production.yaml"
  ) {
    self.cause = cause
    self.cells = cells ?? cellIDs.count
    self.cellIDs = cellIDs
    self.first = first ?? cellIDs.first?.rawValue ?? 0
    self.since = since
    self.until = until
    self.character = character
    self.variantType = variantType
    self.run = run
    self.sceneType = sceneType
    self.detail = detail
    self.path = path
    self.left = left
    self.needed = needed
    self.enough = enough
    self.subjects = subjects
    self.subjectIDs = subjectIDs
    self.looks = looks
    self.file = file
  }

  /// The cause as a sentence without its subject, and the statements that clear it.
  public func blockage(_ spelling: RemedySpelling) -> Blockage {
    Blockage(
      cells: cells, cellIDs: cellIDs, cause: cause.rawValue, explanation: explanation, since: since, until: until,
      chain: chain, remedies: Remedies(blocker: self, spelling: spelling).all)
  }
}

extension Blocker {
  /// Takes in what holds up other cells for the same thing.
  public mutating func add(_ other: Blocker) {
    cells += other.cells
    cellIDs += other.cellIDs
    first = Swift.min(first, other.first)
    since = [since, other.since].compactMap { $0 }.min()
    until = [until, other.until].compactMap { $0 }.min()
    looks.formUnion(other.looks)
    if character != other.character { character = nil }
    if variantType != other.variantType { variantType = nil }
    needed = [needed, other.needed].compactMap { $0 }.min()
  }

  /// Several of one cause as one, which keeps what they have in common.
  fileprivate init(joining others: [Blocker]) {
    func common<T: Equatable>(_ value: (Blocker) -> T?) -> T? {
      let first = value(others[0])
      return others.allSatisfy { value($0) == first } ? first : nil
    }
    self.init(
      cause: others[0].cause, cells: others.reduce(0) { $0 + $1.cells }, cellIDs: [],
      first: others.map(\.first).min(), since: others.compactMap(\.since).min(),
      until: others.compactMap(\.until).min(), character: common(\.character), variantType: common(\.variantType),
      run: common(\.run), subjects: others.reduce(0) { $0 + $1.subjects },
      subjectIDs: others.flatMap(\.subjectIDs).sorted(), looks: Set(others.flatMap(\.looks)), file: others[0].file)
    detail = common(\.detail) ?? Self.newest(others)?.detail.map { "\($0), and others" }
    whole = common(\.whole)
    // Two budgets may hold up the same cell.
    if others.allSatisfy({ $0.cells == $0.cellIDs.count }) {
      cellIDs = Set(others.flatMap(\.cellIDs)).sorted { $0.rawValue < $1.rawValue }
      cells = cellIDs.count
    }
  }

  /// The newest that has something to say.
  private static func newest(_ blockers: [Blocker]) -> Blocker? {
    blockers.filter { $0.detail != nil }.max { ($0.since ?? .distantPast) < ($1.since ?? .distantPast) }
  }

  fileprivate static func precedes(_ left: Blocker, _ right: Blocker) -> Bool {
    if left.cells != right.cells { return left.cells > right.cells }
    return left.first == right.first ? left.cause.rawValue < right.cause.rawValue : left.first < right.first
  }
}

extension [Blocker] {
  /// One for each thing that is to be done: several of a cause become one where one statement clears them all, and of
  /// causes that want a look each, those that hold up most cells stand for themselves. Those with most cells come first.
  public func folded() -> [Blocker] {
    let causes = Dictionary(grouping: self, by: \.cause)
    let folded = causes.flatMap { cause, found -> [Blocker] in
      let whole = found.reduce(0) { $0 + $1.cells }
      let blockers = found.map { blocker in
        var blocker = blocker
        blocker.whole = cause == .variantApproval ? nil : whole
        return blocker
      }
      let isMany = blockers.count > cause.mostApart
      if isMany, cause.isClearedTogether { return [Blocker(joining: blockers)] }
      let ordered = blockers.sorted(by: Blocker.precedes)
      if !isMany { return ordered }
      return ordered.prefix(cause.mostApart) + [Blocker(joining: Array(ordered.dropFirst(cause.mostApart)))]
    }
    return folded.sorted(by: Blocker.precedes)
  }
}

extension BlockCause {
  /// How many of a cause are told each by itself.
  fileprivate var mostApart: Int {
    switch self {
    case .sourceQA, .variantGeneration: 1
    case .variantApproval, .variantRejected, .variantFailed, .variantStale, .stale: 3
    case .sourceQAFailed, .gpuBudget, .diskBudget, .runPaused, .held, .sceneTypeHeld, .noWorker, .limitReached,
      .retryLater, .qaReview,
      .takeFailed, .takeRejected:
      8
    }
  }

  /// One statement, or nobody's, does for all of them.
  fileprivate var isClearedTogether: Bool {
    switch self {
    case .sourceQA, .variantGeneration, .variantApproval, .variantRejected, .variantFailed, .variantStale, .stale: true
    case .sourceQAFailed, .gpuBudget, .diskBudget, .runPaused, .held, .sceneTypeHeld, .noWorker, .limitReached,
      .retryLater, .qaReview,
      .takeFailed, .takeRejected:
      false
    }
  }
}

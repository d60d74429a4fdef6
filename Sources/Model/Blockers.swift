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
  case takeFailed = "take_failed"
  case takeRejected = "take_rejected"
  case stale
}

extension [Blocker] {
  /// Of each cause those that hold up most cells, and all others of it as one; what goes on by itself is one from the
  /// start. Those with most cells come first.
  public func folded(atMost limit: Int = 8) -> [Blocker] {
    let causes = Dictionary(grouping: self, by: \.cause)
    let folded = causes.flatMap { cause, blockers -> [Blocker] in
      let ordered = blockers.sorted(by: Blocker.precedes)
      let kept = cause.goesOnByItself ? 0 : limit
      if ordered.count <= Swift.max(1, kept) { return ordered }
      return ordered.prefix(kept) + [Blocker(joining: Array(ordered.dropFirst(kept)))]
    }
    return folded.sorted(by: Blocker.precedes)
  }
}

extension BlockCause {
  /// Nobody has to do anything about it.
  fileprivate var goesOnByItself: Bool {
    switch self {
    case .sourceQA, .variantGeneration: true
    case .sourceQAFailed, .variantApproval, .variantRejected, .variantFailed, .variantStale, .gpuBudget, .diskBudget,
      .runPaused, .held, .sceneTypeHeld, .noWorker, .limitReached, .retryLater, .takeFailed, .takeRejected, .stale:
      false
    }
  }
}

extension Blocker {
  /// Several of one cause as one.
  fileprivate init(joining others: [Blocker]) {
    self.init(
      cause: others[0].cause, cellIDs: Set(others.flatMap(\.cellIDs)).sorted { $0.rawValue < $1.rawValue },
      since: others.compactMap(\.since).min(), subjects: others.reduce(0) { $0 + $1.subjects })
  }

  fileprivate static func precedes(_ left: Blocker, _ right: Blocker) -> Bool {
    if left.cellIDs.count != right.cellIDs.count { return left.cellIDs.count > right.cellIDs.count }
    let (first, second) = (left.cellIDs.first?.rawValue ?? 0, right.cellIDs.first?.rawValue ?? 0)
    return first == second ? left.cause.rawValue < right.cause.rawValue : first < second
  }
}

/// One cause with what it is about and the cells it holds up.
public struct Blocker: Equatable, Sendable {
  public var cause: BlockCause
  public var cellIDs: [CellID]
  public var since: Date?
  /// Names of what has to change, as far as the cause has them.
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
  /// Retries: the first of the next ones.
  public var wait: Wait?
  /// Limits: how many jobs of the kind run.
  public var running: Int?
  /// How many things it is about; the names are those of a single one.
  public var subjects: Int

  /// A job that is tried again later.
  public struct Wait: Equatable, Sendable {
    /// From 1; those that were handed back do not count.
    public var attempt: Int
    public var attempts: Int
    public var seconds: Double

    public init(attempt: Int, attempts: Int, seconds: Double) {
      self.attempt = attempt
      self.attempts = attempts
      self.seconds = seconds
    }
  }

  public init(
    cause: BlockCause, cellIDs: [CellID], since: Date? = nil, character: String? = nil, variantType: String? = nil,
    run: String? = nil, sceneType: String? = nil, detail: String? = nil, path: String? = nil, left: Double? = nil,
    needed: Double? = nil, enough: Double? = nil, wait: Wait? = nil, running: Int? = nil,
    subjects: Int = 1
  ) {
    self.subjects = subjects
    self.cause = cause
    self.cellIDs = cellIDs
    self.since = since
    self.character = character
    self.variantType = variantType
    self.run = run
    self.sceneType = sceneType
    self.detail = detail
    self.path = path
    self.left = left
    self.needed = needed
    self.enough = enough
    self.wait = wait
    self.running = running
  }

  /// The cause as a sentence without its subject, and the statements that clear it.
  public var blockage: Blockage {
    Blockage(cellIDs: cellIDs, cause: cause.rawValue, explanation: explanation, since: since, remedies: remedies)
  }

  private var look: String { "the variant \"\(variantType ?? "?")\" of \(character ?? "?")" }

  private var explanation: String { subjects == 1 ? explanationOfOne : explanationOfMany }

  private var explanationOfMany: String {
    switch cause {
    case .sourceQA: "wait for the check of \(subjects) source images"
    case .sourceQAFailed: "\(subjects) source images failed QA"
    case .variantGeneration: "wait for \(subjects) variants to be generated"
    case .variantApproval: "wait for \(subjects) variants to be approved"
    case .variantRejected: "\(subjects) variants were rejected"
    case .variantFailed: "\(subjects) variants could not be generated"
    case .variantStale: "\(subjects) variants were made from source images that have been replaced"
    case .gpuBudget: "\(subjects) GPU budgets do not hold the next cell"
    case .diskBudget: "\(subjects) disk budgets do not hold the next cell"
    case .runPaused: "\(subjects) runs are paused"
    case .held: "held by hand"
    case .sceneTypeHeld: "\(subjects) scene types are held, since their takes failed one after the other"
    case .noWorker: "no live worker takes \(subjects) kinds of jobs"
    case .limitReached: "as many jobs of \(subjects) kinds run as may run at a time"
    case .retryLater: "an attempt failed for one of \(subjects) reasons and the next one waits"
    case .takeFailed: "failed for one of \(subjects) reasons"
    case .takeRejected: "rejected in review for one of \(subjects) reasons"
    case .stale: "made from pictures of \(subjects) variants that are not the approved ones any more"
    }
  }

  private var explanationOfOne: String {
    switch cause {
    case .sourceQA: "wait for the check of \(possessive) source image"
    case .sourceQAFailed: "the source image of \(character ?? "?") failed QA: \(detail ?? "no reason was kept")"
    case .variantGeneration: "wait for \(look) to be generated"
    case .variantApproval: "wait for \(look) to be approved"
    case .variantRejected: "\(look) was rejected\(because)"
    case .variantFailed: "\(look) could not be generated\(because)"
    case .variantStale: "\(look) was made from a source image that has been replaced"
    case .gpuBudget: "the GPU budget\(ofRun) has \(amount(left)) h left, the next cell needs \(amount(needed)) h"
    case .diskBudget: "the disk budget\(ofRun) has \(amount(left)) GB left, the next cell needs \(amount(needed)) GB"
    case .runPaused: "the run \(run ?? "?") is paused"
    case .held: "held by hand"
    case .sceneTypeHeld:
      "the scene type \"\(sceneType ?? "?")\" is held, since its takes failed one after the other\(because)"
    case .noWorker: "no live worker takes \(detail ?? "such") jobs"
    case .limitReached:
      running == 1
        ? "one \(detail ?? "such") job runs, and no more than one may run at a time"
        : "\(running ?? 0) \(detail ?? "such") jobs run, and no more than that may run at a time"
    case .retryLater: "an attempt failed\(because); \(nextTry)"
    case .takeFailed: "failed\(because)"
    case .takeRejected: "rejected in review\(because)"
    case .stale: "made from a picture of \(look) that is not the approved one any more"
    }
  }

  private var remedies: [String] {
    if subjects > 1 {
      switch cause {
      case .sourceQAFailed: return ["sources where status=failed   tells which, and why"]
      case .variantApproval:
        return ["variants where status=review   tells which", "variants where status=review | approve"]
      case .runPaused: return ["runs where status=paused   tells which"]
      case .sceneTypeHeld: return ["mend their generators, then  cells where blocked_by=scene_type_held | release"]
      case .sourceQA, .variantGeneration, .variantRejected, .variantFailed, .variantStale, .gpuBudget, .diskBudget,
        .held, .noWorker, .limitReached, .retryLater, .takeFailed, .takeRejected, .stale:
        break
      }
    }
    let variants = "variants where character=\(quoted(character)) and variant=\(quoted(variantType))"
    let cells = "cells where \(idCondition)"
    switch cause {
    case .sourceQA: return ["it goes on by itself; with no worker running:  callsheet worker"]
    case .sourceQAFailed:
      return [
        "replace \(path ?? "the picture"), then  apply \"production.yaml\"",
        "sources where character=\(quoted(character)) | approve note=\"...\"   to use it all the same",
        "cells where character=\(quoted(character)) | skip reason=\"...\"",
      ]
    case .variantGeneration: return ["it goes on by itself; with no worker running:  callsheet worker"]
    case .variantApproval: return ["\(variants) | approve"]
    case .variantRejected, .variantFailed, .variantStale: return ["\(cells) | submit   generates it anew"]
    case .gpuBudget where run != nil: return ["budget \(quoted(run)) gpu_hours=\(plain(enough))   holds all of them"]
    case .diskBudget where run != nil: return ["budget \(quoted(run)) disk_gb=\(plain(enough))   holds all of them"]
    case .gpuBudget: return ["raise budgets: gpu_hours in the production file, then  apply \"production.yaml\""]
    case .diskBudget: return ["raise budgets: disk_gb in the production file, then  apply \"production.yaml\""]
    case .runPaused: return ["resume \(quoted(run))"]
    case .held: return ["\(cells) | release"]
    case .sceneTypeHeld:
      return ["mend its generator, then  cells where scene_type=\(quoted(sceneType)) | release"]
    case .noWorker: return ["callsheet worker"]
    case .limitReached: return ["it goes on by itself;  limit \(detail ?? "KIND") none   lets more run at a time"]
    case .retryLater: return ["it goes on by itself"]
    case .takeFailed, .takeRejected: return ["\(cells) | resubmit"]
    case .stale: return ["\(cells) | submit take=new"]
    }
  }

  private var possessive: String { character.map { "\($0)'s" } ?? "the character's" }
  /// `try 2 of 4 comes in 12 s`.
  private var nextTry: String {
    guard let wait else { return "the next one waits" }
    let seconds = Int(max(1, wait.seconds.rounded(.up)))
    let time = seconds < 120 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    return "try \(wait.attempt) of \(wait.attempts) comes in \(time)"
  }

  private var ofRun: String { run.map { " of the run \($0)" } ?? "" }
  private var because: String { detail.map { ": \($0)" } ?? "" }

  private var idCondition: String {
    let ids = cellIDs.prefix(8).map(\.description)
    if cellIDs.count == 1 { return "id=\(ids[0])" }
    if cellIDs.count <= 8 { return "id in (\(ids.joined(separator: ", ")))" }
    switch cause {
    case .takeFailed: return "status=failed"
    case .takeRejected: return "status=rejected"
    case .held: return "held"
    case .stale: return "stale"
    default: return "blocked_by=\(cause.rawValue)"
    }
  }

  private func amount(_ value: Double?) -> String {
    guard let value else { return "?" }
    // A small amount must not read as 0.
    let precision: NumberFormatStyleConfiguration.Precision =
      abs(value) < 1 ? .significantDigits(1...2) : .fractionLength(0...2)
    return value.formatted(.number.precision(precision).locale(Locale(identifier: "en_US_POSIX")))
  }

  /// As a statement spells it.
  private func plain(_ value: Double?) -> String {
    guard let value else { return "..." }
    let style = FloatingPointFormatStyle<Double>.number.precision(.fractionLength(0...3)).grouping(.never)
    return value.formatted(style.locale(Locale(identifier: "en_US_POSIX")))
  }

  private func quoted(_ name: String?) -> String {
    guard let name else { return "?" }
    let plain =
      name.first?.isLetter == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    if plain { return name }
    return "\"" + name.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
  }
}

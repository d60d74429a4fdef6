import Foundation

/// What a blocker is in words.
extension Blocker {
  private var look: String { "the variant \"\(variantType ?? "?")\" of \(character ?? "?")" }

  var explanation: String { subjects == 1 ? explanationOfOne : explanationOfMany }

  /// Several looks by what they share: one character's, or one look of several characters.
  private var manyLooks: String {
    if let character { return "\(many) variants of \(character)" }
    return variantType.map { "the variant \"\($0)\" of \(many) characters" } ?? "\(many) variants"
  }

  private var many: String { Self.grouped(subjects) }

  /// `12,345`
  private static func grouped(_ number: Int) -> String {
    number.formatted(.number.grouping(.automatic).locale(Locale(identifier: "en_US")))
  }

  private var explanationOfMany: String {
    switch cause {
    case .sourceQA: "wait for the check of \(many) source images"
    case .sourceQAFailed: "\(many) source images failed QA"
    case .variantGeneration: "wait for \(manyLooks) to be generated"
    case .variantApproval: "wait for \(manyLooks) to be approved"
    case .variantRejected: "\(manyLooks) were rejected\(because)"
    case .variantFailed: "\(manyLooks) could not be generated\(because)"
    case .variantStale: "\(manyLooks) were made from source images that have been replaced"
    case .gpuBudget: "\(subjects) GPU budgets do not hold the next cell"
    case .diskBudget: "\(subjects) disk budgets do not hold the next cell"
    case .runPaused: "\(subjects) runs are paused"
    case .held: detail.map { "held: \($0)" } ?? "held by hand"
    case .sceneTypeHeld: "\(subjects) scene types are held, since their takes failed one after the other"
    case .noWorker: "no live worker takes \(subjects) kinds of jobs"
    case .limitReached: "as many jobs of \(subjects) kinds run as may run at a time"
    case .retryLater: "an attempt failed for one of \(subjects) reasons and the next one waits"
    case .qaReview: "wait to be approved or rejected"
    case .takeFailed: "failed for one of \(subjects) reasons"
    case .takeRejected: "rejected in review for one of \(subjects) reasons"
    case .stale: "made from pictures of \(manyLooks) that are not the approved ones any more"
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
    case .gpuBudget: "the GPU budget\(ofRun) \(rest("h")), the next cell needs \(amount(needed)) h"
    case .diskBudget: "the disk budget\(ofRun) \(rest("GB")), the next cell needs \(amount(needed)) GB"
    case .runPaused: "the run \(run ?? "?") is paused"
    case .held: detail.map { "held: \($0)" } ?? "held by hand"
    case .sceneTypeHeld:
      "the scene type \"\(sceneType ?? "?")\" is held, since its takes failed one after the other\(because)"
    case .noWorker: "no live worker takes \(detail ?? "such") jobs"
    case .limitReached:
      most == 0
        ? "no \(detail ?? "such") job may run, since their limit is 0"
        : running == 1
          ? "one \(detail ?? "such") job runs, and no more than one may at a time"
          : "\(running ?? 0) \(detail ?? "such") jobs run, and no more may at a time"
    case .retryLater: "an attempt failed\(because); \(nextTry) waits"
    case .qaReview: "wait to be approved or rejected"
    case .takeFailed: "failed\(because)"
    case .takeRejected: "rejected in review\(because)"
    case .stale: "made from a picture of \(look) that is not the approved one any more"
    }
  }

  /// `try 2 of 4`
  private var nextTry: String {
    if let attempt, let attempts { "try \(attempt) of \(attempts)" } else { "the next one" }
  }

  private var possessive: String { character.map { "\($0)'s" } ?? "the character's" }
  private var because: String { detail.map { ": \($0)" } ?? "" }
  private var ofRun: String { run.map { " of the run \($0)" } ?? "" }

  /// From the scenes to the root.
  var chain: [String] {
    let scenes = cells == 1 ? "1 scene" : "\(Self.grouped(cells)) scenes"
    return [scenes] + (between.map { [$0] } ?? []) + [root]
  }

  /// The looks on the way, by name as long as they are few.
  private var between: String? {
    if looks.isEmpty { return nil }
    let characters = Set(looks.map(\.character))
    let names = Set(looks.map(\.variantType)).sorted()
    guard characters.count == 1, let character = characters.first, names.count <= 4 else {
      return looks.count == 1 ? "1 variant" : "\(Self.grouped(looks.count)) variants"
    }
    return "\(names.count == 1 ? "variant" : "variants") \(names.joined(separator: ", ")) of \(character)"
  }

  private var root: String {
    switch cause {
    case .sourceQA, .sourceQAFailed:
      subjects == 1 ? "source image of \(character ?? "?")" : "\(many) source images"
    case .variantGeneration, .variantApproval, .variantRejected, .variantFailed, .variantStale, .stale:
      subjects == 1 ? "variant \(variantType ?? "?") of \(character ?? "?")" : "\(many) variants"
    case .gpuBudget: "GPU budget"
    case .diskBudget: "disk budget"
    case .runPaused: run.map { "run \($0)" } ?? "runs"
    case .held: "a producer"
    case .sceneTypeHeld: sceneType.map { "scene type \($0)" } ?? "scene types"
    case .noWorker: detail.map { "a worker for \($0)" } ?? "a worker"
    case .limitReached: "the limit of \(detail ?? "such") jobs"
    case .retryLater: "the next attempt"
    case .qaReview: "a reviewer"
    case .takeFailed, .takeRejected: "a new take"
    }
  }

  /// A budget may be set to less than what is spent and set aside.
  private func rest(_ unit: String) -> String {
    if let left, left < 0 { return "is exceeded by \(amount(-left)) \(unit)" }
    return "has \(amount(left)) \(unit) left"
  }

  private func amount(_ value: Double?) -> String {
    guard let value else { return "?" }
    // A small amount must not read as 0.
    let precision: NumberFormatStyleConfiguration.Precision =
      abs(value) < 1 ? .significantDigits(1...2) : .fractionLength(0...2)
    return value.formatted(.number.precision(precision).locale(Locale(identifier: "en_US_POSIX")))
  }
}

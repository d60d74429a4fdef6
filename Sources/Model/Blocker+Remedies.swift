import Foundation

/// What clears a blocker.
public struct Remedy: Equatable, Sendable {
  /// Of the language, ready to be carried out as it stands; nil where there is nothing to say to callsheet.
  public let statement: String?
  /// What has to be done before, or what comes of it.
  public let note: String?

  public init(_ statement: String?, note: String? = nil) {
    self.statement = statement
    self.note = note
  }

  /// A line that can be pasted whole: the note is a comment.
  public var line: String {
    [statement, note.map { "# \($0)" }].compactMap { $0 }.joined(separator: "   ")
  }
}

/// What clears a blocker, in statements.
struct Remedies {
  let blocker: Blocker
  let spelling: RemedySpelling

  /// The first is the one to try.
  var all: [Remedy] {
    switch blocker.cause {
    case .sourceQA, .variantGeneration:
      return [Remedy(nil, note: "goes on by itself; with no worker running, in another terminal:  callsheet worker")]
    case .sourceQAFailed: return ofSources
    case .variantApproval: return [Remedy("\(variants) | approve", note: breadthOfVariants)]
    case .variantRejected: return [onCells("submit", "generates it anew")] + listing("rejected", "note")
    case .variantFailed: return [onCells("submit", "generates it anew")] + listing("failed", "error")
    case .variantStale: return [onCells("submit", "generates it anew")]
    case .gpuBudget: return [ofBudget("gpu_hours")]
    case .diskBudget: return [ofBudget("disk_gb")]
    case .runPaused:
      return [
        blocker.subjects == 1
          ? Remedy("resume \(name(blocker.run))") : Remedy("runs where status=paused", note: "tells which")
      ]
    case .held: return [onCells("release")]
    case .sceneTypeHeld: return [onCells("release", "once its generator is mended")]
    case .noWorker: return [Remedy(nil, note: "in another terminal:  callsheet worker")]
    case .limitReached:
      return [
        Remedy(
          "limit \(blocker.detail ?? "KIND") none",
          note: blocker.most == 0 ? "lets them run" : "goes on by itself; this lets more run at a time")
      ]
    case .retryLater: return [Remedy(nil, note: "goes on by itself")]
    case .qaReview: return [onCells("approve"), onCells("reject")]
    case .takeFailed: return [onCells("resubmit")] + reasons("error")
    case .takeRejected: return [onCells("resubmit")] + reasons("note")
    case .stale: return [onCells("submit take=new")]
    }
  }

  private func onCells(_ action: String, _ note: String? = nil) -> Remedy {
    let notes = [note, breadthOfCells].compactMap { $0 }
    return Remedy("\(cells) | \(action)", note: notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  private var ofSources: [Remedy] {
    let apply = "apply \(spelling.text(blocker.file))"
    if blocker.subjects > 1 {
      return [
        Remedy("sources where status=failed", note: "tells which, and why"),
        Remedy(apply, note: "once they are replaced"),
      ]
    }
    return [
      Remedy(apply, note: "once \(blocker.path ?? "the picture") is replaced"),
      Remedy("sources where character=\(name(blocker.character)) | approve", note: "to use it all the same"),
      onCells("skip reason=\"no usable source image\"", "to leave them out"),
    ]
  }

  private func ofBudget(_ resource: String) -> Remedy {
    if let enough = blocker.enough {
      // Without quotes the word means the project.
      let owner = blocker.run.map { $0.lowercased() == "project" ? spelling.text($0) : name($0) } ?? "project"
      return Remedy("budget \(owner) \(resource)=\(plain(enough))", note: "holds all of them")
    }
    return Remedy(
      "apply \(spelling.text(blocker.file))", note: "once \(resource) under budgets: in it is raised")
  }

  // MARK: Variants

  /// The looks it is about and no others, as long as that can be said in few words.
  private var variants: String {
    if let character = blocker.character, let variantType = blocker.variantType, blocker.subjects == 1 {
      return "variants where character=\(name(character)) and variant=\(name(variantType))"
    }
    return "variants where \(IDCondition.text(blocker.subjectIDs) ?? "status=review")"
  }

  private var breadthOfVariants: String? {
    guard blocker.subjects > 1, IDCondition.text(blocker.subjectIDs) == nil, blocker.whole != blocker.subjects else {
      return nil
    }
    return "all that are in review" + (blocker.whole.map { ": \($0)" } ?? "")
  }

  /// Where only one of several reasons is told.
  private func listing(_ status: String, _ reason: String) -> [Remedy] {
    if blocker.subjects == 1 { return [] }
    let which = IDCondition.text(blocker.subjectIDs) ?? "status=\(status)"
    return [Remedy("variants where \(which) | pick id, character, variant, \(reason)", note: "tells which")]
  }

  // MARK: Cells

  /// The cells it is about and no others, as long as that can be said in few words.
  private var cells: String {
    guard let ids else { return spelling.chosen(condition) }
    return spelling.findsByID ? "cells where \(ids)" : spelling.chosen(ids)
  }

  private var ids: String? {
    blocker.cellIDs.count == blocker.cells ? IDCondition.text(blocker.cellIDs.map(\.rawValue)) : nil
  }

  /// What sets them apart from the others that were chosen.
  private var condition: String {
    switch blocker.cause {
    case .qaReview: "status=qa_review and not stale"
    case .takeFailed: "status=failed" + (reason(as: "error") ?? "")
    case .takeRejected: "status=rejected" + (reason(as: "note") ?? "")
    case .held: "status=blocked and held"
    case .stale: "stale" + look
    case .sceneTypeHeld:
      "status in (blocked, queued, generating)"
        + (blocker.subjects == 1 ? " and scene_type=\(name(blocker.sceneType))" : "")
    case .variantStale:
      // What cannot even begin is told of by what keeps it from that.
      "blocked_by=variant_stale\(look) and blocked_by not in "
        + "(source_qa, source_qa_failed, held, run_paused, gpu_budget, disk_budget)"
    case .sourceQA, .sourceQAFailed, .variantGeneration, .variantApproval, .variantRejected, .variantFailed, .gpuBudget,
      .diskBudget, .runPaused, .noWorker, .limitReached, .retryLater:
      "blocked_by=\(blocker.cause.rawValue)\(look)"
    }
  }

  private var look: String {
    (blocker.character.map { " and character=\(name($0))" } ?? "")
      + (blocker.variantType.map { " and variant=\(name($0))" } ?? "")
  }

  /// nil: there are several, or it is too long to be repeated.
  private func reason(as field: String) -> String? {
    if blocker.subjects > 1 { return nil }
    guard let detail = blocker.detail else { return " and \(field) is null" }
    let isPlain = detail.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    return isPlain && detail.count <= Self.longestReason ? " and \(field)=\(spelling.text(detail))" : nil
  }

  private static let longestReason = 160

  /// How many cells a remedy acts on that could not be narrowed to those of the blocker.
  private var breadthOfCells: String? {
    guard ids == nil, let whole = blocker.whole, whole != blocker.cells else { return nil }
    switch blocker.cause {
    case .takeFailed: return reason(as: "error") == nil ? "all that failed: \(whole)" : nil
    case .takeRejected: return reason(as: "note") == nil ? "all that were rejected: \(whole)" : nil
    case .held: return "all that are held: \(whole)"
    case .sourceQA, .sourceQAFailed, .variantGeneration, .variantApproval, .variantRejected, .variantFailed,
      .variantStale, .gpuBudget, .diskBudget, .runPaused, .sceneTypeHeld, .noWorker, .limitReached, .retryLater,
      .qaReview, .stale:
      return nil
    }
  }

  private func reasons(_ field: String) -> [Remedy] {
    blocker.subjects == 1 ? [] : [Remedy("\(spelling.chosen(condition)) | group by \(field)", note: "tells which")]
  }

  // MARK: Words

  private func name(_ name: String?) -> String { name.map(spelling.value) ?? "?" }

  /// As a statement spells it.
  private func plain(_ value: Double) -> String {
    let style = FloatingPointFormatStyle<Double>.number.precision(.fractionLength(0...3)).grouping(.never)
    return value.formatted(style.locale(Locale(identifier: "en_US_POSIX")))
  }
}

/// Ids as a condition of the language, neighbours as ranges.
enum IDCondition {
  private static let mostParts = 8

  /// nil for none, and for what would be too long to read.
  static func text(_ ids: [Int64]) -> String? {
    var ranges: [ClosedRange<Int64>] = []
    for id in ids.sorted() {
      if let last = ranges.last, id <= last.upperBound + 1 {
        ranges[ranges.count - 1] = last.lowerBound...id
      } else if ranges.count == mostParts {
        return nil
      } else {
        ranges.append(id...id)
      }
    }
    let parts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)..\($0.upperBound)" }
    if parts.isEmpty { return nil }
    return parts.count == 1 ? "id=\(parts[0])" : "id in (\(parts.joined(separator: ", ")))"
  }
}

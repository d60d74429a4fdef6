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

extension Blocker {
  /// The first is the one to try.
  var remedies: [Remedy] {
    let cells = "cells where \(cellCondition)"
    switch cause {
    case .sourceQA, .variantGeneration:
      return [Remedy(nil, note: "goes on by itself; with no worker running, in another terminal:  callsheet worker")]
    case .sourceQAFailed: return remediesOfSources(cells)
    case .variantApproval: return [Remedy("\(variants) | approve", note: breadth)]
    case .variantRejected, .variantFailed, .variantStale:
      return [Remedy("\(cells) | submit", note: "generates it anew")]
    case .gpuBudget: return [remedyOfBudget("gpu_hours")]
    case .diskBudget: return [remedyOfBudget("disk_gb")]
    case .runPaused:
      return [subjects == 1 ? Remedy("resume \(quoted(run))") : Remedy("runs where status=paused", note: "tells which")]
    case .held: return [Remedy("\(cells) | release")]
    case .sceneTypeHeld:
      let which = subjects == 1 ? "scene_type=\(quoted(sceneType))" : "blocked_by=scene_type_held"
      return [Remedy("cells where \(which) | release", note: "once its generator is mended")]
    case .noWorker: return [Remedy(nil, note: "in another terminal:  callsheet worker")]
    case .limitReached:
      return [Remedy("limit \(detail ?? "KIND") none", note: "goes on by itself; this lets more run at a time")]
    case .retryLater: return [Remedy(nil, note: "goes on by itself")]
    case .qaReview: return [Remedy("\(cells) | approve"), Remedy("\(cells) | reject")]
    case .takeFailed, .takeRejected: return [Remedy("\(cells) | resubmit")]
    case .stale: return [Remedy("\(cells) | submit take=new")]
    }
  }

  private func remediesOfSources(_ cells: String) -> [Remedy] {
    let apply = "apply \(literal(file))"
    if subjects > 1 {
      return [
        Remedy("sources where status=failed", note: "tells which, and why"),
        Remedy(apply, note: "once they are replaced"),
      ]
    }
    return [
      Remedy(apply, note: "once \(path ?? "the picture") is replaced"),
      Remedy("sources where character=\(quoted(character)) | approve", note: "to use it all the same"),
      Remedy("\(cells) | skip reason=\"no usable source image\"", note: "to leave them out"),
    ]
  }

  private func remedyOfBudget(_ resource: String) -> Remedy {
    if let enough {
      // Without quotes the word means the project.
      let owner = run.map { $0.lowercased() == "project" ? literal($0) : quoted($0) } ?? "project"
      return Remedy("budget \(owner) \(resource)=\(plain(enough))", note: "holds all of them")
    }
    return Remedy("apply \(literal(file))", note: "once \(resource) under budgets: in it is raised")
  }

  /// The looks it is about and no others, as long as that can be said in few words.
  private var variants: String {
    if let character, let variantType, subjects == 1 {
      return "variants where character=\(quoted(character)) and variant=\(quoted(variantType))"
    }
    return "variants where \(IDCondition.text(subjectIDs) ?? "status=review")"
  }

  private var breadth: String? {
    subjects > 1 && IDCondition.text(subjectIDs) == nil ? "all that are in review" : nil
  }

  /// The cells it is about and no others, as long as that can be said in few words.
  private var cellCondition: String {
    if cellIDs.count == cells, let text = IDCondition.text(cellIDs.map(\.rawValue)) { return text }
    switch cause {
    case .qaReview: return "status=qa_review"
    case .takeFailed: return "status=failed"
    case .takeRejected: return "status=rejected"
    case .held: return "held"
    case .stale: return "stale"
    case .sourceQA, .sourceQAFailed, .variantGeneration, .variantApproval, .variantRejected, .variantFailed,
      .variantStale, .gpuBudget, .diskBudget, .runPaused, .sceneTypeHeld, .noWorker, .limitReached, .retryLater:
      let named = [character.map { "character=\(quoted($0))" }, variantType.map { "variant=\(quoted($0))" }]
      return (["blocked_by=\(cause.rawValue)"] + named.compactMap { $0 }).joined(separator: " and ")
    }
  }

  /// As a statement spells it.
  private func plain(_ value: Double) -> String {
    let style = FloatingPointFormatStyle<Double>.number.precision(.fractionLength(0...3)).grouping(.never)
    return value.formatted(style.locale(Locale(identifier: "en_US_POSIX")))
  }

  private func quoted(_ name: String?) -> String {
    guard let name else { return "?" }
    let plain =
      name.first?.isLetter == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    return plain ? name : literal(name)
  }

  private func literal(_ text: String) -> String {
    "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
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

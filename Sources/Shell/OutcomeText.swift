import Foundation
import Model
import Session

/// Sentences for outcomes that are neither rows nor screens.
enum OutcomeText {
  /// A text for people, ended by a newline. `isTakenBack`: it would be so, and is not.
  static func of(_ outcome: Outcome, isTakenBack: Bool) -> String {
    switch outcome {
    case .production(let changes): of(changes, isTakenBack: isTakenBack)
    case .runCreated(let run): of(run, isTakenBack: isTakenBack)
    case .delivered(let report): of(report)
    case .text(let text), .finding(let text, _): text.hasSuffix("\n") ? text : text + "\n"
    default: ""
    }
  }

  static func of(_ changes: ProductionChanges, isTakenBack: Bool = false) -> String {
    if changes.changes.isEmpty { return "\(changes.project): nothing to change\n" + kept(changes) }
    var lines = ["\(changes.project)\(isTakenBack ? " would change" : ""):"]
    for isNew in [true, false] {
      for group in grouped(changes.changes.filter { $0.isNew == isNew }) {
        let names = shortened(group.names)
        lines.append("  \(isNew ? "+" : "~") \(group.names.count) \(plural(group.entity, group.names.count)): \(names)")
      }
    }
    lines += fields(changes)
    if changes.jobsQueued > 0 {
      let queued = isTakenBack ? "would be queued" : "queued"
      lines.append("  \(changes.jobsQueued) \(plural("job", changes.jobsQueued)) \(queued)")
    }
    return lines.joined(separator: "\n") + "\n" + kept(changes)
  }

  /// From what to what, for the first of them.
  private static func fields(_ changes: ProductionChanges) -> [String] {
    let all = changes.changes.flatMap { change in
      change.fields.map {
        "    \(change.name): \($0.field) \(brief($0.from, beside: $0.to)) -> \(brief($0.to, beside: $0.from))"
      }
    }
    let limit = 20
    return all.count > limit ? all.prefix(limit) + ["    and \(all.count - limit) more"] : all
  }

  /// A prompt is a page; a line tells that it changed. What both begin with is left out where the difference would be cut off.
  static func brief(_ value: String, beside other: String) -> String {
    if value.isEmpty { return "nothing" }
    let (most, led) = (60, 20)
    let shared = value.commonPrefix(with: other).count
    let skipped = max(value.count, other.count) > most && shared > led ? shared - led : 0
    let rest = value.dropFirst(skipped)
    return (skipped > 0 ? "..." : "") + (rest.count > most ? rest.prefix(most - 3) + "..." : rest)
  }

  private static func kept(_ changes: ProductionChanges) -> String {
    if changes.kept.isEmpty { return "" }
    let names = shortened(changes.kept.map { "\($0.entity) \($0.name)" })
    return "  kept, though no longer in the file: \(names)\n"
  }

  private static func grouped(_ changes: [ProductionChanges.Change]) -> [(entity: String, names: [String])] {
    var groups: [(entity: String, names: [String])] = []
    for change in changes {
      if groups.last?.entity == change.entity {
        groups[groups.count - 1].names.append(change.name)
      } else {
        groups.append((change.entity, [change.name]))
      }
    }
    return groups
  }

  private static func shortened(_ names: [String]) -> String {
    let first = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(first) and \(names.count - 8) more" : first
  }

  private static func plural(_ word: String, _ count: Int) -> String { count == 1 ? word : word + "s" }

  static func of(_ run: RunCreated, isTakenBack: Bool = false) -> String {
    let hours = number(run.estimatedGPUHours)
    return
      "\(isTakenBack ? "would create " : "")\(run.run): \(run.cells) cells · about \(hours) GPU h and \(number(run.estimatedDiskGB)) GB\n"
  }

  static func of(_ report: DeliveryReport) -> String {
    let skipped = report.skipped > 0 ? " · \(named(report.skipped))" : ""
    return "\(report.run) delivered: \(report.videos) videos · \(megabytes(report.bytes))\(skipped)\n\(report.path)\n"
  }

  private static func named(_ skipped: Int) -> String {
    skipped == 1 ? "one skipped cell is named in the manifest" : "\(skipped) skipped cells are named in the manifest"
  }

  private static func megabytes(_ bytes: Int64) -> String { "\(number(Double(bytes) / 1e6)) MB" }

  /// Two digits that count.
  static func number(_ value: Double) -> String {
    value.formatted(
      .number.precision(.significantDigits(1...(abs(value) >= 100 ? 6 : 2))).grouping(.never)
        .locale(Locale(identifier: "en_US_POSIX")))
  }
}

/// The same as one JSON object on a line.
enum Documents {
  private struct Changes: Encodable {
    struct Change: Encodable {
      var entity: String
      var name: String
      var is_new: Bool
      var fields: [Field]
    }
    struct Field: Encodable {
      var field: String
      var from: String
      var to: String
    }
    var project: String
    var changes: [Change]
    var jobs_queued: Int
  }

  /// nil for what is written as rows.
  static func json(_ outcome: Outcome) -> String? {
    switch outcome {
    case .production(let changes): json(changes)
    case .runCreated(let run): json(run)
    case .delivered(let report): json(report)
    default: nil
    }
  }

  private static func json(_ changes: ProductionChanges) -> String {
    encode(
      Changes(
        project: changes.project,
        changes: changes.changes.map { change in
          .init(
            entity: change.entity, name: change.name, is_new: change.isNew,
            fields: change.fields.map { .init(field: $0.field, from: $0.from, to: $0.to) })
        },
        jobs_queued: changes.jobsQueued))
  }

  private static func json(_ run: RunCreated) -> String {
    object([
      ("run", .text(run.run)), ("project", .text(run.project)), ("cells", .int(Int64(run.cells))),
      ("estimated_gpu_hours", .double(run.estimatedGPUHours)), ("estimated_disk_gb", .double(run.estimatedDiskGB)),
    ])
  }

  private static func json(_ report: DeliveryReport) -> String {
    object([
      ("run", .text(report.run)), ("path", .text(report.path)), ("videos", .int(Int64(report.videos))),
      ("bytes", .int(report.bytes)), ("skipped", .int(Int64(report.skipped))),
    ])
  }

  private static func object(_ fields: [(String, Value)]) -> String {
    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    struct Fields: Encodable {
      let fields: [(String, Value)]
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (name, value) in fields {
          switch value {
          case .text(let text): try container.encode(text, forKey: Key(stringValue: name))
          case .int(let number): try container.encode(number, forKey: Key(stringValue: name))
          case .double(let number): try container.encode(number, forKey: Key(stringValue: name))
          case .null, .bool, .time, .duration, .list: break
          }
        }
      }
    }
    return encode(Fields(fields: fields))
  }

  private static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

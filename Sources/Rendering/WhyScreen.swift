import Foundation
import Model

/// The answer of `why`: for each root cause how many cells wait for it, the sentence, and the statements that clear it.
public struct WhyScreen {
  let report: WhyReport

  public init(_ report: WhyReport) { self.report = report }

  /// Sentences are wrapped to the viewport; a remedy never is: it is there to be copied whole.
  public func lines(_ viewport: Viewport) -> [StyledLine] {
    let counts = report.blockages.map { Wording.count($0.cellIDs.count, "cells") }
    let others = report.unblocked.map { Wording.count($0.count, "cells") }
    if counts.isEmpty, others.isEmpty { return [StyledLine("no cells", .dim)] }
    let indent = ((counts + others).map { displayWidth($0) }.max() ?? 0) + 2
    var lines: [StyledLine] = []
    for (count, blockage) in zip(counts, report.blockages) {
      lines += paragraph(count, sentence(blockage), .plain, indent, viewport)
      for (index, remedy) in blockage.remedies.enumerated() {
        var line = StyledLine(spaces(indent))
        line.append(remedy, index == 0 ? .hint : .dim)
        lines.append(line)
      }
    }
    for (count, other) in zip(others, report.unblocked) {
      lines += paragraph(count, other.reason, .dim, indent, viewport)
    }
    return lines
  }

  private func sentence(_ blockage: Blockage) -> String {
    var text = blockage.explanation
    if blockage.cellIDs.count == 1 { text = WhyScreen.singular(text) }
    guard let since = blockage.since else { return text }
    if blockage.cause == "variant_approval" {
      return "\(text) (generated \(Wording.relative(since, now: report.asOf)))"
    }
    return "\(text) (for \(Wording.roughDuration(report.asOf.timeIntervalSince(since))))"
  }

  /// The explanation speaks of several cells; for one its verb changes.
  private static func singular(_ sentence: String) -> String {
    let verbs = ["wait": "waits", "need": "needs", "have": "has", "are": "is", "lack": "lacks"]
    guard let space = sentence.firstIndex(of: " "), let verb = verbs[String(sentence[..<space])] else {
      return sentence
    }
    return verb + sentence[space...]
  }

  private func paragraph(
    _ count: String, _ text: String, _ style: Style, _ indent: Int, _ viewport: Viewport
  ) -> [StyledLine] {
    let room = viewport.width.map { $0 - indent } ?? .max
    return wrapped(text, width: room).enumerated().map { index, text in
      var line = StyledLine(index == 0 ? count : "", style == .plain ? .strong : style)
      line.pad(to: indent)
      line.append(text, style)
      return line
    }
  }

  /// For programs: a row for each root cause, then one for each way in which cells are not blocked (`cause` is null).
  public var table: ResultTable {
    let columns = [
      ResultColumn("cells", .int), ResultColumn("cause", .text), ResultColumn("explanation", .text),
      ResultColumn("since", .time), ResultColumn("remedies", .list), ResultColumn("cell_ids", .list),
    ]
    let blocked = report.blockages.map { blockage -> [Value] in
      [
        .int(Int64(blockage.cellIDs.count)), .text(blockage.cause), .text(blockage.explanation),
        blockage.since.map { .time($0) } ?? .null, .list(blockage.remedies.map { .text($0) }),
        .list(blockage.cellIDs.map { .int($0.rawValue) }),
      ]
    }
    let others = report.unblocked.map { other -> [Value] in
      [.int(Int64(other.count)), .null, .text(other.reason), .null, .list([]), .list([])]
    }
    return ResultTable(columns: columns, rows: blocked + others)
  }
}

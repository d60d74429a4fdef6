import Diagnostics
import Foundation
import Model

/// The answer of `why`: for each root cause how many cells wait for it, the sentence, and the statements that clear it.
public struct WhyScreen {
  let report: WhyReport

  public init(_ report: WhyReport) { self.report = report }

  /// Sentences are wrapped to the viewport; a remedy never is: it is there to be copied whole.
  public func lines(_ viewport: Viewport) -> [StyledLine] {
    let counts = report.blockages.map { Wording.count($0.cells, "cells") }
    let others = report.unblocked.map { Wording.count($0.count, "cells") }
    if counts.isEmpty, others.isEmpty { return [StyledLine("no cells", .dim)] }
    let indent = ((counts + others).map { displayWidth($0) }.max() ?? 0) + 2
    var lines: [StyledLine] = []
    for (count, blockage) in zip(counts, report.blockages) {
      lines += paragraph(count, sentence(blockage), .plain, indent, viewport)
      lines += chain(blockage, indent, viewport)
      for remedy in blockage.remedies { lines.append(line(remedy, indent)) }
    }
    for (count, other) in zip(others, report.unblocked) {
      lines += paragraph(count, other.reason, .dim, indent, viewport)
    }
    return lines
  }

  /// What waits for what, where something stands between the cells and the cause.
  private func chain(_ blockage: Blockage, _ indent: Int, _ viewport: Viewport) -> [StyledLine] {
    if blockage.chain.count < 3 { return [] }
    return paragraph("", blockage.chain.joined(separator: " \(viewport.glyphs.from) "), .dim, indent, viewport)
  }

  private func line(_ remedy: Remedy, _ indent: Int) -> StyledLine {
    var line = StyledLine(spaces(indent))
    if let statement = remedy.statement { line.append(statement, .hint) }
    if let note = remedy.note {
      if remedy.statement != nil { line.append("   ") }
      line.append("# \(note)", .dim)
    }
    return line
  }

  private func sentence(_ blockage: Blockage) -> String {
    var text = blockage.explanation
    if blockage.cells == 1 { text = WhyScreen.singular(text) }
    if let until = blockage.until {
      let seconds = until.timeIntervalSince(report.asOf)
      return "\(text) (again \(seconds < 5 ? "in a moment" : Wording.relative(until, now: report.asOf)))"
    }
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

  /// For programs: a row for each root cause with its statements and, beside them, what there is to say about them; then a row for each way in which cells are not blocked (`cause` is null).
  public var table: ResultTable {
    let columns = [
      ResultColumn("cells", .int), ResultColumn("cause", .text), ResultColumn("explanation", .text),
      ResultColumn("since", .time), ResultColumn("until", .time), ResultColumn("chain", .list),
      ResultColumn("remedies", .list), ResultColumn("notes", .list), ResultColumn("cell_ids", .list),
    ]
    let blocked = report.blockages.map { blockage -> [Value] in
      [
        .int(Int64(blockage.cells)), .text(blockage.cause), .text(blockage.explanation),
        blockage.since.map { .time($0) } ?? .null, blockage.until.map { .time($0) } ?? .null,
        .list(blockage.chain.map { .text($0) }), .list(blockage.remedies.compactMap { $0.statement.map { .text($0) } }),
        .list(blockage.remedies.compactMap { $0.note.map { .text($0) } }),
        .list(blockage.cellIDs.map { .int($0.rawValue) }),
      ]
    }
    let others = report.unblocked.map { other -> [Value] in
      [
        .int(Int64(other.count)), .null, .text(other.reason), .null, .null, .list([]), .list([]), .list([]), .list([]),
      ]
    }
    return ResultTable(columns: columns, rows: blocked + others)
  }
}

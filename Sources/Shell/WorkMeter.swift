import Diagnostics
import Foundation
import Rendering

/// What is told of work that goes on: how long it takes, how much is done, and how long the rest may take. Pure: it is told
/// the time.
struct WorkMeter {
  private struct Count {
    var what: String
    var done: Int
    var total: Int
    /// When this kind of work was first told of, and how much of it was done then.
    var since: Duration
    var doneThen: Int
  }

  private var count: Count?
  /// What ends the work before its end.
  private let remedy: String

  init(remedy: String = "Ctrl-C cancels") { self.remedy = remedy }

  private static let turns = ["|", "/", "-", "\\"]
  private static let barWidth = 20
  /// Before that much time and work no guess is worth telling.
  private static let shortestSample = Duration.milliseconds(500)

  /// So much of it is done now; a `total` of 0 is not known.
  mutating func note(_ done: Int, of total: Int, _ what: String, at time: Duration) {
    if count?.what != what || done < count?.done ?? 0 {
      count = Count(what: what, done: done, total: total, since: time, doneThen: done)
    }
    count?.done = done
    count?.total = total
  }

  /// One line of at most `columns` columns.
  func line(at time: Duration, turn: Int, columns: Int, glyphs: GlyphSet) -> String {
    let spinner = Self.turns[turn % Self.turns.count]
    let elapsed = Wording.duration(((time / .seconds(1)) * 10).rounded() / 10)
    guard let count, count.total > 0 else {
      return fitted([spinner + " " + (count.map { $0.what + " " } ?? "") + elapsed, remedy], columns)
    }
    let filled = max(0, min(Self.barWidth, Self.barWidth * count.done / count.total))
    let bar =
      String(repeating: glyphs.barDone, count: filled)
      + String(repeating: glyphs.barLeft, count: Self.barWidth - filled)
    let numbers = "\(Wording.grouped(count.done)) of \(Wording.grouped(count.total))"
    let rest = left(at: time).map { "about \(Wording.roughDuration(max(1, $0))) left" } ?? elapsed
    let whole = "\(spinner) \(count.what) \(bar) \(numbers)"
    let first = displayWidth(whole) < columns ? whole : "\(spinner) \(numbers)"
    return fitted([first, rest, remedy], columns)
  }

  /// Seconds, at the pace so far; nil when there is none yet.
  func left(at time: Duration) -> Double? {
    guard let count, count.done > count.doneThen, time - count.since >= Self.shortestSample else { return nil }
    let pace = ((time - count.since) / .seconds(1)) / Double(count.done - count.doneThen)
    return pace * Double(count.total - count.done)
  }

  /// As many parts as fit: a line that wraps could not be taken away.
  private func fitted(_ parts: [String], _ columns: Int) -> String {
    var line = String(parts[0].prefix(columns - 1))
    for part in parts.dropFirst() where displayWidth(line) + displayWidth(part) + 2 < columns { line += "; " + part }
    return line
  }
}

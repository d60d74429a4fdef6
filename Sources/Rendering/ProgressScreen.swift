import Diagnostics
import Model

/// How far a run is, for a person: bars for what is counted, sentences for what is spent and what is still to come.
public struct ProgressScreen {
  let progress: Progress

  public init(_ progress: Progress) { self.progress = progress }

  private static let labelWidth = 11

  public func lines(_ viewport: Viewport) -> [StyledLine] {
    let part = progress.part.map { ": \(Wording.count($0, "cells")) of it" } ?? ""
    var lines = wrapped("\(progress.project)/\(progress.run)\(part)", width: viewport.width ?? .max)
      .map { StyledLine($0, .heading) }
    let parts: [(String, Progress.Part, Style)] = [
      ("scenes", progress.scenes, .working), ("segments", progress.segments, .working),
      ("approved", progress.approved, .done),
    ]
    for (name, part, style) in parts { lines += bar(name, part, style, viewport) }
    lines += field("variants", [counted(progress.variantsApproved, "approved")], viewport)
    lines += field("scene QA", [quality], viewport)
    lines += cells(viewport)
    lines += field(
      "GPU", spending(progress.gpuBudget, used: progress.gpuHoursUsed, unit: "h"), viewport,
      style: budgetStyle(progress.gpuBudget))
    lines += field(
      "disk", spending(progress.diskBudget, used: progress.diskGBUsed, unit: "GB"), viewport,
      style: budgetStyle(progress.diskBudget))
    lines += field("jobs", jobs, viewport)
    lines += field("ETA", [eta], viewport)
    return lines
  }

  /// `about 3 min on 4 slots`, or why nobody can tell.
  public var eta: String {
    switch progress.standstill {
    case .paused: return "none: the run is paused"
    case .limit(let kind): return "none: no \(kind) job may run, since their limit is 0"
    case .noWorker(let kind):
      return progress.liveSlots == 0
        ? "unknown: no worker runs; start one with  callsheet worker"
        : "unknown: no live worker takes \(kind) jobs"
    case nil: break
    }
    if let seconds = progress.etaSeconds, seconds > 0 {
      return "about \(Wording.roughDuration(seconds)) on \(Wording.count(progress.etaSlots, "slots"))"
    }
    if progress.approved.total > 0, progress.approved.done >= progress.approved.total { return "done" }
    if progress.jobsReady + progress.jobsRunning == 0 { return "nothing is queued or running" }
    if progress.liveSlots == 0 { return "unknown: no worker runs; start one with  callsheet worker" }
    return "unknown until a first job of each kind has finished"
  }

  private var quality: String {
    let part = progress.qaPassed
    guard let percent = Wording.percent(part.done, of: part.total) else { return "no take checked yet" }
    return "\(percent) passed (\(Wording.grouped(part.done)) of \(Wording.count(part.total, "takes")))"
  }

  private var jobs: [String] {
    [
      "\(Wording.grouped(progress.jobsRunning)) running", "\(Wording.grouped(progress.jobsReady)) ready",
      "\(Wording.count(progress.liveSlots, "slots")) live",
    ]
  }

  private func counted(_ part: Progress.Part, _ word: String) -> String {
    "\(Wording.grouped(part.done)) of \(Wording.grouped(part.total)) \(word)"
  }

  private func spending(_ budget: Progress.Budget?, used: Double, unit: String) -> [String] {
    let spent = "\(Self.amount(used, unit)) used"
    guard let budget else { return [spent, "no limit"] }
    let limit = "\(Wording.figure(budget.limit)) \(unit)"
    let left = budget.left
    let amount = Wording.figure(abs(left))
    var parts = [spent, left < 0 ? "\(amount) over the limit of \(limit)" : "\(amount) left of \(limit)"]
    if budget.reserved > 0 { parts.append("\(Wording.figure(budget.reserved)) reserved") }
    return parts
  }

  /// What is too little to show in hours or gigabytes is shown in minutes or megabytes.
  private static func amount(_ value: Double, _ unit: String) -> String {
    if value > 0, value < 0.1 {
      return unit == "h" ? Wording.roughDuration(value * 3600) : "\(Wording.number(value * 1000, decimals: 1)) MB"
    }
    return "\(Wording.number(value, decimals: 2)) \(unit)"
  }

  private func budgetStyle(_ budget: Progress.Budget?) -> Style {
    guard let budget, budget.limit > 0 else { return .plain }
    if budget.left <= 0 { return .trouble }
    return budget.left < budget.limit / 10 ? .warning : .plain
  }

  private func field(_ name: String, _ parts: [String], _ viewport: Viewport, style: Style = .plain) -> [StyledLine] {
    let text = parts.joined(separator: " \(viewport.glyphs.dot) ")
    let room = viewport.width.map { $0 - ProgressScreen.labelWidth } ?? .max
    return wrapped(text, width: room).enumerated().map { index, text in
      labelled(index == 0 ? name : "", StyledLine(text, style))
    }
  }

  private func labelled(_ name: String, _ content: StyledLine) -> StyledLine {
    var line = StyledLine(name, .dim)
    line.pad(to: ProgressScreen.labelWidth)
    line.append(content)
    return line
  }

  private func cells(_ viewport: Viewport) -> [StyledLine] {
    let items = StatusLegend.entries(progress.counts, stale: progress.stale, glyphs: viewport.glyphs)
    if items.isEmpty { return [] }
    let room = viewport.width.map { $0 - ProgressScreen.labelWidth }
    return flowed(items, width: room).enumerated().map { labelled($0 == 0 ? "cells" : "", $1) }
  }

  /// A bar of at most 30 columns, the numbers behind it. It is full only when all is done.
  private func bar(_ name: String, _ part: Progress.Part, _ style: Style, _ viewport: Viewport) -> [StyledLine] {
    let percent = Wording.percent(part.done, of: part.total)
    guard let percent else { return field(name, ["none"], viewport) }
    let numbers = " \(leftPadded(percent, to: 4))  \(Wording.grouped(part.done)) of \(Wording.grouped(part.total))"
    let room = (viewport.width ?? 80) - ProgressScreen.labelWidth - displayWidth(numbers)
    guard room >= 5 else {
      return field(name, ["\(Wording.grouped(part.done)) of \(Wording.grouped(part.total))", percent], viewport)
    }
    let length = min(30, room)
    let done = max(0, min(part.done, part.total))
    let filled = done == 0 ? 0 : max(1, length * done / part.total)
    var content = StyledLine(String(repeating: viewport.glyphs.barDone, count: filled), style)
    content.append(String(repeating: viewport.glyphs.barLeft, count: length - filled), .idle)
    content.append(numbers, part.done >= part.total ? .done : .plain)
    return [labelled(name, content)]
  }
}

import Model

/// What an action would do, in a line or two for a person and as an object for a program.
public struct PlanScreen {
  let plan: ActionPlan

  public init(_ plan: ActionPlan) { self.plan = plan }

  /// `p1: 2 cells get take 2 · 10 segments · 0.4 GPU h of 11.2 left · ...`, and how to have it done.
  public func lines(_ viewport: Viewport) -> [StyledLine] {
    var items = parts.map { StyledLine($0.0, $0.1) }
    var head = StyledLine(plan.name.map { "\($0): " } ?? "", .heading)
    head.append(items.removeFirst())
    let lines = flowed([head] + items, separator: " \(viewport.glyphs.dot) ", width: viewport.width)
    guard let name = plan.name, plan.report.changed > 0 else { return lines }
    return lines + [StyledLine("    apply \(name) to do exactly this", .dim)]
  }

  private var parts: [(String, Style)] {
    let report = plan.report
    var parts: [(String, Style)] = [(deed, report.changed > 0 ? .done : .plain)]
    if plan.queued.takes > 0, !getsOneTake { parts.append((Wording.count(plan.queued.takes, "takes"), .plain)) }
    if plan.queued.segments > 0 { parts.append((Wording.count(plan.queued.segments, "segments"), .plain)) }
    if plan.queued.looks > 0 { parts.append((Wording.count(plan.queued.looks, "looks"), .plain)) }
    parts += amount(plan.queued.gpuHours, plan.gpuBudget, "GPU h").map { ($0, .plain) }
    parts += amount(plan.queued.diskGB, plan.diskBudget, "GB").map { ($0, .plain) }
    if plan.later.takes > 0 { parts.append((later, .dim)) }
    if let eta { parts.append((eta, .plain)) }
    if !report.leftAlone.isEmpty { parts.append((ActionScreen.reasons(report.leftAlone, "left alone"), .dim)) }
    if !report.notDone.isEmpty { parts.append((ActionScreen.reasons(report.notDone, "not done"), .error)) }
    return parts + report.remarks.map { ($0.sentence, .plain) }
  }

  private var getsOneTake: Bool { plan.queued.takeNumber != nil && plan.queued.takes == plan.report.changed }

  private var deed: String {
    let report = plan.report
    let isPlan = plan.name != nil
    if report.selected == 0 { return "\(isPlan ? "" : "would ")\(report.action) nothing: no \(report.entity) selected" }
    if let take = plan.queued.takeNumber, getsOneTake, report.entity == "cells" {
      let get = isPlan ? (report.changed == 1 ? "gets" : "get") : "would get"
      return "\(Wording.count(report.changed, "cells")) \(get) take \(take)"
    }
    let noun = Wording.noun(report.selected, report.entity)
    let all = Wording.grouped(report.selected)
    let rows =
      report.changed == report.selected
      ? "\(all) \(noun)" : "\(report.changed == 0 ? "none" : Wording.grouped(report.changed)) of \(all) \(noun)"
    return "\(isPlan ? "" : "would ")\(report.action) \(rows)"
  }

  /// `0.4 GPU h of 11.2 left`, or what is given back.
  private func amount(_ queued: Double, _ budget: ActionPlan.Budget?, _ unit: String) -> [String] {
    if let budget, budget.after > budget.left + 1e-9 {
      let after = Wording.shortNumber(budget.after)
      return ["gives back \(Wording.shortNumber(budget.after - budget.left)) \(unit), \(after) left then"]
    }
    // Work that is queued anew is set aside again.
    let needed = queued > 0 ? queued : budget.map { $0.left - $0.after } ?? 0
    if needed < 1e-9 { return [] }
    let left = budget.map { " of \(Wording.shortNumber($0.left)) left" } ?? ""
    return ["\(Wording.shortNumber(needed)) \(unit)\(left)"]
  }

  /// What comes when nothing is in the way any more.
  private var later: String {
    let work = plan.later
    return "\(Wording.shortNumber(work.gpuHours)) GPU h more for \(Wording.count(work.takes, "takes")) that wait"
  }

  private var eta: String? {
    if let seconds = plan.etaSeconds {
      return "about \(Wording.roughDuration(seconds)) on \(Wording.count(plan.slots, "slots"))"
    }
    return plan.report.jobsQueued > 0 && plan.slots == 0 ? "no worker is running" : nil
  }

  /// One object on a line, ended by a newline: `plan` is null for what is only tried, a budget is null without a limit.
  public var json: String {
    let report = plan.report
    var text = "{\"plan\":"
    write(plan.name, &text)
    text += ",\"action\":"
    JSONText.write(report.action, &text)
    text += ",\"statement\":"
    JSONText.write(plan.statement, &text)
    text += ",\"entity\":"
    JSONText.write(report.entity, &text)
    text += ",\"selected\":\(report.selected),\"changed\":\(report.changed)"
    ActionScreen.write("left_alone", report.leftAlone, &text)
    ActionScreen.write("not_done", report.notDone, &text)
    text += ",\"jobs_queued\":\(report.jobsQueued)"
    ActionScreen.write(report.remarks, &text)
    text += ",\"queued\":"
    write(plan.queued, &text)
    text += ",\"later\":"
    write(plan.later, &text)
    write("gpu_hours", plan.gpuBudget, &text)
    write("disk_gb", plan.diskBudget, &text)
    text += ",\"slots\":\(plan.slots),\"eta\":"
    JSONText.write(plan.etaSeconds.map(Value.double) ?? .null, &text)
    text += ",\"expires_at\":"
    JSONText.write(plan.expiresAt.map(Value.time) ?? .null, &text)
    return text + "}\n"
  }

  /// The same as one row, without what is only counted.
  public var table: ResultTable {
    let report = plan.report
    let columns: [ResultColumn] = [
      .init("plan", .text), .init("action", .text), .init("statement", .text), .init("entity", .text),
      .init("selected", .int), .init("changed", .int), .init("left_alone", .list), .init("not_done", .list),
      .init("jobs_queued", .int), .init("gpu_hours", .double), .init("disk_gb", .double), .init("eta", .duration),
      .init("expires_at", .time),
    ]
    let row: [Value] = [
      plan.name.map(Value.text) ?? .null, .text(report.action), .text(plan.statement), .text(report.entity),
      .int(Int64(report.selected)), .int(Int64(report.changed)), ActionScreen.value(report.leftAlone),
      ActionScreen.value(report.notDone), .int(Int64(report.jobsQueued)), .double(Self.amount(plan.queued.gpuHours)),
      .double(Self.amount(plan.queued.diskGB)), plan.etaSeconds.map(Value.duration) ?? .null,
      plan.expiresAt.map(Value.time) ?? .null,
    ]
    return ResultTable(columns: columns, rows: [row])
  }

  private func write(_ name: String?, _ text: inout String) {
    JSONText.write(name.map(Value.text) ?? .null, &text)
  }

  private func write(_ work: ActionPlan.Work, _ text: inout String) {
    text += "{\"looks\":\(work.looks),\"takes\":\(work.takes),\"segments\":\(work.segments),\"gpu_hours\":"
    JSONText.write(Value.double(Self.amount(work.gpuHours)), &text)
    text += ",\"disk_gb\":"
    JSONText.write(Value.double(Self.amount(work.diskGB)), &text)
    text += "}"
  }

  private func write(_ resource: String, _ budget: ActionPlan.Budget?, _ text: inout String) {
    for (suffix, value) in [("left", budget?.left), ("after", budget?.after)] {
      text += ",\"\(resource)_\(suffix)\":"
      JSONText.write(value.map { Value.double(Self.amount($0)) } ?? .null, &text)
    }
  }

  /// Sums of decimal fractions, without the noise of binary arithmetic.
  private static func amount(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}

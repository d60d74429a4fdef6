import Model

/// What an action did, in a line or two for a person and as an object for a program.
public struct ActionScreen {
  let report: ActionReport
  /// It was done to be looked at, and is not kept.
  let isTakenBack: Bool

  public init(_ report: ActionReport, isTakenBack: Bool = false) {
    self.report = report
    self.isTakenBack = isTakenBack
  }

  public func lines(_ viewport: Viewport) -> [StyledLine] {
    let entity = report.entity
    var parts: [(String, Style)] = []
    if report.selected == 0 {
      parts.append(("no \(entity) selected", .dim))
    } else {
      let style: Style = report.changed == 0 ? .plain : .done
      parts.append((changed, style))
    }
    if report.jobsQueued > 0 {
      parts.append(("\(Wording.count(report.jobsQueued, "jobs"))\(isTakenBack ? " would be" : "") queued", .plain))
    }
    if !report.leftAlone.isEmpty { parts.append((Self.reasons(report.leftAlone, "left alone"), .dim)) }
    if !report.notDone.isEmpty { parts.append((Self.reasons(report.notDone, "not done"), .error)) }
    parts += report.remarks.map { ($0.sentence, .plain) }
    var items = parts.map { StyledLine($0.0, $0.1) }
    var head = StyledLine("\(heading): ", .heading)
    head.append(items.removeFirst())
    return flowed([head] + items, separator: " \(viewport.glyphs.dot) ", width: viewport.width)
  }

  /// `submit`, `undo of 141 (approve, run spring)`
  private var heading: String {
    guard let undone = report.undone else { return report.action }
    let run = undone.run.map { ", run \($0)" } ?? ""
    return "\(report.action) of \(undone.action) (\(undone.verb)\(run))"
  }

  private var changed: String {
    let noun = Wording.noun(report.selected, report.entity)
    let all = Wording.grouped(report.selected)
    let become = isTakenBack ? "would be \(participle)" : participle
    if report.changed == 0 { return "none of \(all) \(noun) \(become)" }
    if report.changed == report.selected { return "\(all) \(noun) \(become)" }
    return "\(Wording.grouped(report.changed)) of \(all) \(noun) \(become)"
  }

  /// `2 left alone: approved`; with several reasons each has its count.
  static func reasons(_ reasons: [ActionReport.LeftAlone], _ what: String) -> String {
    let total = Wording.grouped(reasons.reduce(0) { $0 + $1.count })
    if reasons.count == 1 { return "\(total) \(what): \(reasons[0].reason)" }
    let list = reasons.map { "\(Wording.grouped($0.count)) \($0.reason)" }.joined(separator: ", ")
    return "\(total) \(what): \(list)"
  }

  private var participle: String {
    switch report.action {
    case "cancel": "cancelled"
    case "hold": "held"
    case "submit", "skip", "tag", "unskip", "untag", "resubmit":
      report.action + (report.action.last == "p" ? "ped" : report.action.last == "g" ? "ged" : "ted")
    case "retry": "retried"
    case "undo": report.isRemoval ? "removed" : "restored"
    case "approve", "release", "prioritize": report.action + "d"
    case "reject": "rejected"
    default: "changed"
    }
  }

  /// `{action, id, entity, selected, changed, left_alone: [{reason, count}], not_done: [...], jobs_queued, remarks: [...]}` on one
  /// line, ended by a newline; of an undo with `undoes`, the id of what it took back. `id` is null when nothing was recorded.
  public var json: String {
    var text = "{\"action\":"
    JSONText.write(report.action, &text)
    text += ",\"id\":\(id.map(\.description) ?? "null"),\"entity\":"
    JSONText.write(report.entity, &text)
    text += ",\"selected\":\(report.selected),\"changed\":\(report.changed)"
    Self.write("left_alone", report.leftAlone, &text)
    Self.write("not_done", report.notDone, &text)
    text += ",\"jobs_queued\":\(report.jobsQueued)"
    Self.write(report.remarks, &text)
    if let undone = report.undone { text += ",\"undoes\":\(undone.action)" }
    return text + "}\n"
  }

  private var id: ActionID? { isTakenBack ? nil : report.id }

  /// The same as one row.
  public var table: ResultTable {
    let columns: [ResultColumn] = [
      .init("action", .text), .init("id", .int), .init("entity", .text), .init("selected", .int),
      .init("changed", .int), .init("left_alone", .list), .init("not_done", .list), .init("jobs_queued", .int),
      .init("remarks", .list),
    ]
    let row: [Value] = [
      .text(report.action), id.map { .int($0.rawValue) } ?? .null, .text(report.entity),
      .int(Int64(report.selected)), .int(Int64(report.changed)), Self.value(report.leftAlone),
      Self.value(report.notDone), .int(Int64(report.jobsQueued)), .list(report.remarks.map { .text($0.sentence) }),
    ]
    return ResultTable(columns: columns, rows: [row])
  }

  /// `3 approved`
  static func value(_ reasons: [ActionReport.LeftAlone]) -> Value {
    .list(reasons.map { .text("\($0.count) \($0.reason)") })
  }

  static func write(_ remarks: [ActionReport.Remark], _ text: inout String) {
    text += ",\"remarks\":["
    for (index, remark) in remarks.enumerated() {
      if index > 0 { text += "," }
      JSONText.write(remark.sentence, &text)
    }
    text += "]"
  }

  static func write(_ name: String, _ reasons: [ActionReport.LeftAlone], _ text: inout String) {
    text += ",\"\(name)\":["
    for (index, reason) in reasons.enumerated() {
      text += index == 0 ? "{\"reason\":" : ",{\"reason\":"
      JSONText.write(reason.reason, &text)
      text += ",\"count\":\(reason.count)}"
    }
    text += "]"
  }
}

import Model

/// How a statement is understood. All of it but the statement itself stands behind `--`, so that the whole can be given to
/// psql as it is.
public struct ExplanationScreen {
  let explanation: Explanation

  public init(_ explanation: Explanation) { self.explanation = explanation }

  public func lines(_ viewport: Viewport) -> [StyledLine] {
    let notes = [comment(explanation.place)] + explanation.steps.map { comment("  " + $0) }
    let sql = explanation.sql.split(separator: "\n", omittingEmptySubsequences: false).map { StyledLine(String($0)) }
    return notes + sql + below(viewport)
  }

  private func comment(_ text: String) -> StyledLine { StyledLine("-- " + text, .dim) }

  private func below(_ viewport: Viewport) -> [StyledLine] {
    let dot = " \(viewport.glyphs.dot) "
    var notes: [String] = []
    if !explanation.bindings.isEmpty {
      notes.append(explanation.bindings.enumerated().map { "$\($0 + 1) = \($1)" }.joined(separator: dot))
    }
    notes.append(rows)
    if let touch = explanation.touch {
      notes.append("selects \(counts(touch))")
      notes += PlanScreen(touch.plan).lines(Viewport(glyphs: viewport.glyphs)).map(\.text)
    }
    if !explanation.timings.isEmpty {
      notes.append("time: " + explanation.timings.map(Self.text).joined(separator: dot))
    }
    let room = viewport.width.map { $0 - 3 } ?? .max
    return notes.flatMap { wrapped($0, width: room).map(comment) }
  }

  private var rows: String {
    let expected = Wording.count(Int(min(explanation.estimatedRows, 1e15)), "rows")
    return explanation.rows.map { "\(Wording.count($0, "rows")), the planner expected \(expected)" }
      ?? "about \(expected)"
  }

  private func counts(_ touch: Explanation.Touch) -> String {
    let total = touch.statuses.reduce(0) { $0 + $1.count }
    let parts = touch.statuses.map { "\(Wording.grouped($0.count)) \($0.status)" }
    let list = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    return "\(Wording.count(total, touch.plan.report.entity))\(list)"
  }

  private static func text(_ timing: Explanation.Timing) -> String {
    "\(timing.stage) \(Wording.number(timing.milliseconds, decimals: timing.milliseconds < 10 ? 2 : 0)) ms"
  }

  /// `{place, steps, sql, bindings, estimated_rows, rows, selected, plan, timings}` on one line, ended by a newline; `rows` and
  /// `timings` (in milliseconds) of what was run, `selected` (by status) and `plan` of an action, else null.
  public var json: String {
    var text = "{\"place\":"
    JSONText.write(explanation.place, &text)
    text += ",\"steps\":"
    JSONText.write(.list(explanation.steps.map(Value.text)), &text)
    text += ",\"sql\":"
    JSONText.write(explanation.sql, &text)
    text += ",\"bindings\":"
    JSONText.write(.list(explanation.bindings.map(Value.text)), &text)
    text += ",\"estimated_rows\":"
    JSONText.write(explanation.estimatedRows, &text)
    text += ",\"rows\":\(explanation.rows.map(String.init) ?? "null")"
    text += ",\"selected\":"
    numbers(explanation.touch?.statuses.map { ($0.status, Double($0.count)) }, &text)
    text += ",\"plan\":"
    text += explanation.touch.map { String(PlanScreen($0.plan).json.dropLast()) } ?? "null"
    text += ",\"timings\":"
    numbers(explanation.timings.isEmpty ? nil : explanation.timings.map { ($0.stage, $0.milliseconds) }, &text)
    return text + "}\n"
  }

  /// The statement and what stands around it as one row.
  public var table: ResultTable {
    let columns: [ResultColumn] = [
      .init("place", .text), .init("steps", .list), .init("sql", .text), .init("bindings", .list),
      .init("estimated_rows", .double), .init("rows", .int),
    ]
    let row: [Value] = [
      .text(explanation.place), .list(explanation.steps.map(Value.text)), .text(explanation.sql),
      .list(explanation.bindings.map(Value.text)), .double(explanation.estimatedRows),
      explanation.rows.map { .int(Int64($0)) } ?? .null,
    ]
    return ResultTable(columns: columns, rows: [row])
  }

  private func numbers(_ pairs: [(String, Double)]?, _ text: inout String) {
    guard let pairs else { return text += "null" }
    JSONText.object(pairs.map { ResultColumn($0.0, .double) }, pairs.map { .double($0.1) }, &text)
  }
}

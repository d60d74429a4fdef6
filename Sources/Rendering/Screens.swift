import Model

extension OutputFormat {
  /// A matrix in this format: the screen, one object, or a row for each cell.
  ///
  /// - Throws: `FormatError` when the format cannot show it.
  public func render(_ matrix: Matrix, axes: MatrixAxes = .standard, viewport: Viewport) throws -> String {
    let screen = MatrixScreen(matrix, axes: axes)
    return switch self {
    case .table: viewport.paint(screen.lines(viewport))
    case .json: screen.json
    case .vertical, .csv, .tsv, .jsonl, .markdown, .ids:
      try render(screen.table, viewport: viewport, noun: "cells")
    }
  }

  /// The progress of a run in this format.
  ///
  /// - Throws: `FormatError` when the format cannot show it.
  public func render(_ progress: Progress, viewport: Viewport) throws -> String {
    let screen = ProgressScreen(progress)
    return self == .table
      ? viewport.paint(screen.lines(viewport)) : try render(screen.table, viewport: viewport, noun: "runs")
  }

  /// The answer of `why` in this format; `ids` are those of the blocked cells.
  ///
  /// - Throws: `FormatError` when the format cannot show it.
  public func render(_ report: WhyReport, viewport: Viewport) throws -> String {
    let screen = WhyScreen(report)
    switch self {
    case .table: return viewport.paint(screen.lines(viewport))
    case .ids: return report.blockages.flatMap(\.cellIDs).map { "\($0)\n" }.joined()
    case .vertical, .csv, .tsv, .json, .jsonl, .markdown:
      return try render(screen.table, viewport: viewport, noun: "causes")
    }
  }

  /// What an action did: a line or two for people, one JSON object for the two JSON formats, one row for the others, and
  /// `ids` is the action's own. `isTakenBack`: it is what the action would do.
  public func render(_ report: ActionReport, viewport: Viewport, isTakenBack: Bool = false) -> String {
    let screen = ActionScreen(report, isTakenBack: isTakenBack)
    switch self {
    case .json, .jsonl: return screen.json
    case .ids: return isTakenBack ? "" : report.id.map { "\($0)\n" } ?? ""
    case .csv, .tsv, .markdown: return row(screen.table, viewport)
    case .table, .vertical: return viewport.paint(screen.lines(viewport))
    }
  }

  /// What an action would do: as what it did, but that `ids` is the plan's name, by which it can be applied.
  public func render(_ plan: ActionPlan, viewport: Viewport) -> String {
    let screen = PlanScreen(plan)
    switch self {
    case .json, .jsonl: return screen.json
    case .ids: return plan.name.map { "\($0)\n" } ?? ""
    case .csv, .tsv, .markdown: return row(screen.table, viewport)
    case .table, .vertical: return viewport.paint(screen.lines(viewport))
    }
  }

  /// How a statement is understood: lines for people, one JSON object for the two JSON formats, one row for the others; it has
  /// no ids.
  public func render(_ explanation: Explanation, viewport: Viewport) -> String {
    let screen = ExplanationScreen(explanation)
    switch self {
    case .json, .jsonl: return screen.json
    case .ids: return ""
    case .csv, .tsv, .markdown: return row(screen.table, viewport)
    case .table, .vertical: return viewport.paint(screen.lines(viewport))
    }
  }

  private func row(_ table: ResultTable, _ viewport: Viewport) -> String {
    (try? render(table, viewport: viewport, noun: "rows")) ?? ""
  }
}

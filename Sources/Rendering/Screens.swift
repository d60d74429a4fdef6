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

  /// What an action did: one JSON object for the two JSON formats, a line or two for people in all others.
  public func render(_ report: ActionReport, viewport: Viewport) -> String {
    let screen = ActionScreen(report)
    switch self {
    case .json, .jsonl: return screen.json
    case .table, .vertical, .csv, .tsv, .markdown, .ids: return viewport.paint(screen.lines(viewport))
    }
  }

  /// What an action would do: one JSON object for the two JSON formats, a line or two for people in all others.
  public func render(_ plan: ActionPlan, viewport: Viewport) -> String {
    let screen = PlanScreen(plan)
    switch self {
    case .json, .jsonl: return screen.json
    case .table, .vertical, .csv, .tsv, .markdown, .ids: return viewport.paint(screen.lines(viewport))
    }
  }

  /// How a statement is understood: one JSON object for the two JSON formats, lines for people in all others.
  public func render(_ explanation: Explanation, viewport: Viewport) -> String {
    let screen = ExplanationScreen(explanation)
    switch self {
    case .json, .jsonl: return screen.json
    case .table, .vertical, .csv, .tsv, .markdown, .ids: return viewport.paint(screen.lines(viewport))
    }
  }
}

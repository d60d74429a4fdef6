import Model
import Rendering
import Session

extension Presenter {
  /// The explanation with the time that it takes to write what came of the statement, when it was run.
  func timed(_ explanation: Explanation, _ outcome: Outcome?) throws -> Explanation {
    guard let outcome else { return explanation }
    let clock = ContinuousClock()
    let start = clock.now
    _ = try text(of: outcome)
    let (seconds, attoseconds) = (clock.now - start).components
    var explanation = explanation
    explanation.timings.append(
      .init(stage: "render", milliseconds: Double(seconds) * 1e3 + Double(attoseconds) / 1e15))
    return explanation
  }

  /// A result as it would be shown, without the pager; empty for what is no result.
  func text(of outcome: Outcome) throws -> String {
    switch outcome {
    case .table(let table, let noun): try format.render(table, viewport: viewport, noun: noun)
    case .export(let table, _, _): try format.render(table, viewport: viewport)
    case .matrix(let matrix, let axes): try format.render(matrix, axes: MatrixAxes(axes), viewport: viewport)
    case .why(let report): try format.render(report, viewport: viewport)
    case .progress(let progress): try format.render(progress, viewport: viewport)
    case .explanation, .action, .plan, .script, .production, .runCreated, .delivered, .text, .message, .setting,
      .watch, .nothing:
      ""
    }
  }
}

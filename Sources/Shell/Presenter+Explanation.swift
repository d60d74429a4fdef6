import Model
import Rendering
import Session

extension Presenter {
  /// The explanation with the time that it takes to write what came of the statement, when it was run.
  func timed(_ explanation: Explanation, _ outcome: Outcome?) throws -> Explanation {
    guard let outcome else { return explanation }
    let clock = ContinuousClock()
    let start = clock.now
    _ = try text(of: outcome, format, viewport)
    let (seconds, attoseconds) = (clock.now - start).components
    var explanation = explanation
    explanation.timings.append(
      .init(stage: "render", milliseconds: Double(seconds) * 1e3 + Double(attoseconds) / 1e15))
    return explanation
  }
}

import Model
import Rendering
import Session

/// What the prompt says: where one is, and at its right how it stands there.
struct PromptState: Equatable {
  var context = SessionContext()
  var isAway = false
  var standing = ProductionStanding()

  /// Without its last space.
  var text: String {
    let place = context.project.map { $0.name + (context.run.map { "/\($0.name)" } ?? "") } ?? "callsheet"
    return place + (isAway ? " (no server)" : "") + ">"
  }

  /// What needs a person, in words; empty when nothing does.
  var right: String {
    if isAway { return "" }
    var parts: [String] = []
    func add(_ count: Int?, _ word: String) {
      if let count, count > 0 { parts.append("\(Wording.grouped(count)) \(word)") }
    }
    add(standing.cells[.failed], "failed")
    add(standing.cells[.qaReview], "to review")
    add(standing.variantsInReview, "to approve")
    add((standing.cells[.queued] ?? 0) + (standing.cells[.generating] ?? 0), "in work")
    return parts.joined(separator: "  ")
  }
}

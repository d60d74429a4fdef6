import Diagnostics
import Model
import Rendering
import Session

/// What the prompt says: where one is and what that place allows, and at its right how it stands there.
struct PromptState: Equatable {
  var context = SessionContext()
  var isAway = false
  var isReadOnly = false
  var isDryRun = false
  var standing = ProductionStanding()
  /// Of the terminal.
  var columns = 80
  var glyphs = GlyphSet.unicode

  /// At most this share of a row is the prompt's, and never less than the columns below.
  private static let share = 3
  private static let leastWidth = 12
  /// Of a row, what the right side leaves to the statement.
  private static let typingWidth = 24

  /// Without its last space.
  var text: String { place + mode + ">" }

  /// Columns of the prompt with its last space.
  var width: Int { displayWidth(text) + 1 }

  /// Project and run, on a narrow terminal the run alone, on a very narrow one as much as fits.
  private var place: String {
    guard let project = context.project?.name else { return "callsheet" }
    let room = max(Self.leastWidth, columns / Self.share)
    let full = context.run.map { "\(project)/\($0.name)" } ?? project
    if displayWidth(full) < room { return full }
    let short = context.run?.name ?? project
    if displayWidth(short) < room { return short }
    var cut = short
    while displayWidth(cut) > room - 2 { cut.removeLast() }
    return cut + glyphs.ellipsis
  }

  private var mode: String {
    if isAway { return " (no server)" }
    if isReadOnly { return " (read-only)" }
    return isDryRun ? " (dry run)" : ""
  }

  /// What needs a person, in words, as much of it as fits beside the prompt and a statement; what matters most comes first.
  var right: StyledLine {
    var line = StyledLine()
    if isAway { return line }
    for item in items {
      let gap = line.width == 0 ? 0 : 2
      if width + Self.typingWidth + line.width + gap + item.width > columns { break }
      line.append(String(repeating: " ", count: gap))
      line.append(item)
    }
    return line
  }

  private var items: [StyledLine] {
    var items: [StyledLine] = []
    func add(_ count: Int?, _ word: String, _ status: CellStatus, _ style: Style) {
      guard let count, count > 0 else { return }
      items.append(StyledLine("\(glyphs.glyph(status)) \(Wording.grouped(count)) \(word)", style))
    }
    if let plan = standing.plans.first {
      let name = standing.plans.count == 1 ? "plan \(plan)" : "\(standing.plans.count) plans"
      items.append(StyledLine(standing.hasDrifted ? "\(plan) is out of date" : name, .hint))
    }
    add(standing.cells[.failed], "failed", .failed, .trouble)
    add(standing.cells[.qaReview], "to review", .qaReview, .review)
    add(standing.variantsInReview, "to approve", .qaReview, .review)
    let working = (standing.cells[.queued] ?? 0) + (standing.cells[.generating] ?? 0)
    add(working, "in work", .generating, .working)
    return items
  }
}

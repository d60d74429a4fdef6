/// Going up and down through what can be recalled. A statement that is changed on the way stays changed until the line is
/// entered or dropped, and the line one came from waits below all of them: nothing that was typed is lost.
///
/// libedit has such a walk of its own, which forgets changes and, on Down from the line being typed, that line too.
struct HistoryWalk {
  /// Oldest first, without the same one twice in a row.
  private(set) var statements: [String] = []
  /// How many statements back one is; 0 is the line being typed.
  private(set) var place = 0
  /// What was left behind at a place and is no longer, or never was, what the history says.
  private var drafts: [Int: String] = [:]

  var isAtOwnLine: Bool { place == 0 }

  /// A new line begins.
  mutating func begin() {
    place = 0
    drafts = [:]
  }

  /// What can be recalled is read anew. The place is found again by its statement, or else stays as far back as it was;
  /// other changed statements are forgotten.
  mutating func load(_ new: [String], limit: Int) {
    let here = place > 0 ? statements[statements.count - place] : nil
    statements = []
    for statement in new.suffix(limit) { remember(statement, limit: limit) }
    drafts = drafts.filter { $0.key == 0 }
    let index = here.flatMap { here in statements.lastIndex(of: here) }
    place = index.map { statements.count - $0 } ?? min(place, statements.count)
  }

  /// A statement was entered, and the next one finds it first.
  mutating func remember(_ statement: String, limit: Int) {
    if statements.last != statement { statements.append(statement) }
    if statements.count > limit { statements.removeFirst() }
  }

  /// The next older line that begins so; nil when there is none.
  mutating func older(leaving current: String, prefix: String = "") -> String? {
    go(through: Array((place + 1)..<max(place + 1, statements.count + 1)), leaving: current, prefix)
  }

  mutating func newer(leaving current: String, prefix: String = "") -> String? {
    go(through: (0..<place).reversed(), leaving: current, prefix)
  }

  private mutating func go(through places: [Int], leaving current: String, _ prefix: String) -> String? {
    drafts[place] = current
    guard let next = places.first(where: { text(at: $0).hasPrefix(prefix) }) else { return nil }
    place = next
    return text(at: next)
  }

  /// A search put a statement into the line; `before` stood there.
  mutating func jump(to statement: String, leaving before: String) {
    guard let index = statements.lastIndex(of: statement) else { return }
    drafts[place] = before
    place = statements.count - index
  }

  private func text(at place: Int) -> String {
    drafts[place] ?? (place > 0 ? statements[statements.count - place] : "")
  }
}

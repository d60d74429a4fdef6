/// What a line is meant to hold after each key of vi's: editline(7), and vi(1) where that says nothing. It knows of no
/// terminal.
struct ReferenceVi {
  enum Key: Hashable, Sendable {
    /// In insertion.
    case text(String)
    case rubOut
    case escape
    /// In command mode: a letter, or a count and an operator before it.
    case command(String)

    var bytes: String {
      switch self {
      case .text(let text), .command(let text): text
      case .rubOut: "\u{7F}"
      case .escape: "\u{1B}"
      }
    }
  }

  private(set) var line: [Unicode.Scalar] = []
  private(set) var cursor = 0
  private(set) var inserts = true
  private var killed: [Unicode.Scalar] = []
  private var undo: (line: [Unicode.Scalar], cursor: Int)?
  /// What can be recalled, oldest first; the last one is the line being typed.
  private var past: [String]
  private var visit: [String]
  private var place: Int

  init(past: [String]) {
    self.past = past
    visit = past + [""]
    place = past.count
  }

  var text: String { String(String.UnicodeScalarView(line)) }

  /// Enter: gives the line and begins the next one.
  mutating func enter() -> String {
    let entered = text
    var kept = entered[...]
    while kept.last?.isWhitespace == true { kept.removeLast() }
    if !kept.isEmpty, !entered.hasPrefix(" "), past.last != String(kept) { past.append(String(kept)) }
    (line, cursor, inserts, undo) = ([], 0, true, nil)
    visit = past + [""]
    place = past.count
    return entered
  }

  mutating func press(_ key: Key) {
    switch key {
    case .text(let text):
      line.insert(contentsOf: text.unicodeScalars, at: cursor)
      cursor += text.unicodeScalars.count
    case .rubOut:
      if cursor > 0 {
        line.remove(at: cursor - 1)
        cursor -= 1
      }
    case .escape:
      if inserts { cursor = max(0, cursor - 1) }
      inserts = false
    case .command(let keys): command(Array(keys))
    }
    if !inserts, cursor >= line.count { cursor = max(0, line.count - 1) }
  }

  private mutating func command(_ keys: [Character]) {
    var keys = keys[...]
    let count = keys.first?.wholeNumberValue ?? 1
    if keys.first?.wholeNumberValue ?? 0 > 0 { keys = keys.dropFirst() }
    guard let first = keys.first else { return }
    switch first {
    case "d", "c", "y": operate(first, keys.dropFirst(), count)
    case "x": remove(cursor..<min(line.count, cursor + count))
    case "D": kill(to: line.count)
    case "C":
      save()
      inserts = true
      kill(to: line.count)
    case "i": insert(at: cursor)
    case "I": insert(at: 0)
    case "a": insert(at: min(line.count, cursor + 1))
    case "A": insert(at: line.count)
    case "r": if let new = keys.dropFirst().first { replace(new, count) }
    case "u": swapUndo()
    case "p": paste(at: cursor < line.count ? cursor + 1 : cursor)
    case "P": paste(at: cursor)
    case "k": recall(place > 0 ? place - 1 : nil)
    case "j": recall(place + 1 < visit.count ? place + 1 : nil)
    default: if let target = motion(first, count, isOperand: false) { cursor = target }
    }
  }

  private mutating func insert(at place: Int) {
    cursor = place
    save()
    inserts = true
  }

  private mutating func save() { undo = (line, cursor) }

  private mutating func swapUndo() {
    guard let old = undo else { return }
    save()
    (line, cursor) = old
  }

  /// Nothing is removed at the end of an empty line, and nothing forgotten.
  private mutating func remove(_ range: Range<Int>) {
    if line.isEmpty { return }
    save()
    killed = Array(line[range])
    line.removeSubrange(range)
    cursor = range.lowerBound
  }

  private mutating func kill(to end: Int) {
    killed = Array(line[cursor..<end])
    line.removeSubrange(cursor..<end)
  }

  private mutating func replace(_ new: Character, _ count: Int) {
    guard cursor < line.count, let scalar = new.unicodeScalars.first else { return }
    save()
    let end = min(line.count, cursor + count)
    for index in cursor..<end { line[index] = scalar }
    cursor = max(0, end - 1)
  }

  private mutating func paste(at place: Int) {
    if killed.isEmpty { return }
    save()
    line.insert(contentsOf: killed, at: place)
    cursor = place
  }

  private mutating func recall(_ next: Int?) {
    visit[place] = text
    guard let next else { return }
    place = next
    line = Array(visit[next].unicodeScalars)
    cursor = 0
  }

  // MARK: Operators and where they lead

  private mutating func operate(_ action: Character, _ rest: ArraySlice<Character>, _ count: Int) {
    var rest = rest
    var count = count
    if let digit = rest.first?.wholeNumberValue, digit > 0 {
      count = digit
      rest = rest.dropFirst()
    }
    guard let target = rest.first else { return }
    if target == action { return whole(action) }
    let from = cursor
    guard let to = motion(target, count, isOperand: true, changes: action == "c") else { return }
    if action == "c" { inserts = true }
    let range = to == from ? from..<min(line.count, from + 1) : min(from, to)..<max(from, to)
    if action == "y" { killed = Array(line[range]) } else { remove(range) }
  }

  private mutating func whole(_ action: Character) {
    if action != "y" { save() }
    killed = line
    if action != "y" { (line, cursor) = ([], 0) }
    if action == "c" { inserts = true }
  }

  /// nil: it leads nowhere.
  private func motion(_ key: Character, _ count: Int, isOperand: Bool, changes: Bool = false) -> Int? {
    let last = line.count - 1
    switch key {
    case "h": return cursor > 0 ? max(0, cursor - count) : nil
    case "l":
      if cursor >= line.count || (cursor == last && !isOperand) { return nil }
      return min(line.count, cursor + count)
    case "0": return 0
    case "$": return isOperand ? line.count : max(0, last)
    case "w": return cursor >= last ? nil : nextWord(count, changes)
    case "b": return cursor == 0 ? nil : previousWord(count)
    case "e": return cursor == line.count ? nil : endOfWord(count) + (isOperand ? 1 : 0)
    default: return nil
    }
  }

  private enum Kind { case word, mark, space }

  private func kind(_ index: Int) -> Kind {
    guard index < line.count else { return .space }
    let properties = line[index].properties
    if properties.isAlphabetic || properties.numericType != nil || line[index] == "_" { return .word }
    return line[index] == " " || line[index] == "\n" ? .space : .mark
  }

  private func nextWord(_ count: Int, _ changes: Bool) -> Int {
    var index = cursor
    for turn in 1...count {
      let first = kind(index)
      while index < line.count, kind(index) == first { index += 1 }
      // What follows a word that is changed stays.
      if changes, turn == count { break }
      while index < line.count, kind(index) == .space { index += 1 }
    }
    return index
  }

  private func previousWord(_ count: Int) -> Int {
    var index = cursor - 1
    for _ in 1...count {
      while index > 0, kind(index) == .space { index -= 1 }
      let first = kind(index)
      while index >= 0, kind(index) == first { index -= 1 }
      if index < 0 { return 0 }
    }
    return index + 1
  }

  private func endOfWord(_ count: Int) -> Int {
    var index = cursor + 1
    for _ in 1...count {
      while index < line.count, kind(index) == .space { index += 1 }
      let first = kind(index)
      while index < line.count, kind(index) == first { index += 1 }
    }
    return index - 1
  }
}

import CEditLine

/// The choices below the line, and which of them stands in it.
struct CompletionMenu {
  let candidates: [Completion.Candidate]
  /// How many characters before the cursor are the choice that was put there.
  var inserted: Int
  var chosen: Int?
  /// The text of the line with that choice in it: when it has changed, the next Tab begins anew.
  var text = ""
}

/// What Tab does: takes a lone candidate, or the common beginning of several and shows them; then goes through them.
extension EditLoop {
  /// The most that is shown; the rest is counted.
  private static let mostShown = 200

  func complete(backwards: Bool) -> UInt8 {
    if isAnswer { return UInt8(CC_ERROR) }
    if let menu, menu.text == text { return choose(in: menu, backwards: backwards) }
    menu = nil
    let completion = settings.complete(text, before.count)
    guard let first = completion.candidates.first else { return UInt8(CC_ERROR) }
    if completion.candidates.count == 1 { return replace(completion.replacing, with: first.text + first.suffix) }
    let prefix = completion.commonPrefix
    let typed = before.suffix(completion.replacing)
    // Never replaces what was typed with less.
    let extends = prefix.count > typed.count && prefix.lowercased().hasPrefix(typed.lowercased())
    menu = CompletionMenu(
      candidates: completion.candidates, inserted: extends ? prefix.count : completion.replacing)
    let result = extends ? replace(completion.replacing, with: prefix) : UInt8(CC_NORM)
    menu?.text = text
    showsMenu = true
    return result
  }

  /// What stands before the cursor.
  var before: String {
    let line = callsheet_current(editor)
    return EditLoop.string(UnsafeBufferPointer(start: line.text, count: Int(line.cursor)))
  }

  private func choose(in old: CompletionMenu, backwards: Bool) -> UInt8 {
    var menu = old
    let count = menu.candidates.count
    let next = menu.chosen.map { ($0 + (backwards ? count - 1 : 1)) % count } ?? (backwards ? count - 1 : 0)
    let candidate = menu.candidates[next]
    let result = replace(menu.inserted, with: candidate.text)
    menu.inserted = candidate.text.count
    menu.chosen = next
    menu.text = text
    self.menu = menu
    showsMenu = true
    return result
  }

  private func replace(_ count: Int, with replacement: String) -> UInt8 {
    let replaced = String(before.suffix(count))
    if !replaced.isEmpty { el_deletestr(editor, Int32(replaced.unicodeScalars.count)) }
    return insert(replacement)
  }

  // MARK: Drawing

  /// Draws the menu below the line, the cursor back where it was. Called when libedit has drawn the line.
  func drawMenu() {
    guard showsMenu, let menu else { return }
    showsMenu = false
    let rows = Array(menuRows(menu).prefix(max(1, height - rowCount - 1)))
    if isDumb { return list(rows) }
    let line = callsheet_current(editor)
    let here = place(of: Int(line.cursor))
    let below = row(of: Int(line.count)) - here.row
    var output = below > 0 ? "\u{1B}[\(below)B" : ""
    for row in rows { output += "\n\u{1B}[K" + row }
    output += "\u{1B}[\(below + rows.count)A\r" + (here.column > 0 ? "\u{1B}[\(here.column)C" : "")
    write(output)
    hasMenuBelow = true
  }

  /// Takes the menu away before anything else is drawn.
  func eraseMenu() {
    guard hasMenuBelow else { return }
    hasMenuBelow = false
    let line = callsheet_current(editor)
    let here = place(of: Int(line.cursor))
    let down = row(of: Int(line.count)) - here.row + 1
    write("\u{1B}[\(down)B\r\u{1B}[J\u{1B}[\(down)A" + (here.column > 0 ? "\u{1B}[\(here.column)C" : ""))
  }

  /// A terminal that cannot move its cursor gets the list, and the line again below it.
  private func list(_ rows: [String]) {
    write("\n" + rows.joined(separator: "\n") + "\n")
    callsheet_redraw(editor)
  }

  private var rowCount: Int { row(of: Int(callsheet_current(editor).count)) + 1 }

  /// A few candidates stand one a row with what they are; many in columns, and what the chosen one is below them.
  private func menuRows(_ menu: CompletionMenu) -> [String] {
    let labels = menu.candidates.prefix(EditLoop.mostShown).map(MenuLabel.init)
    let widest = labels.map(\.width).max() ?? 0
    let isDescribed = labels.count <= 12 && menu.candidates.contains { !$0.summary.isEmpty }
    let perRow = isDescribed ? 1 : max(1, columns / (widest + 2))
    var rows = stride(from: 0, to: labels.count, by: perRow).map { start in
      (start..<min(labels.count, start + perRow)).map { index in
        let cell = labels[index].text(isChosen: index == menu.chosen && !isDumb)
        if isDescribed {
          return cell + MenuLabel.spaces(widest - labels[index].width + 2)
            + MenuLabel.cut(menu.candidates[index].summary, columns - widest - 3)
        }
        return cell + MenuLabel.spaces(widest + 2 - labels[index].width)
      }.joined()
    }
    if menu.candidates.count > labels.count { rows.append("and \(menu.candidates.count - labels.count) more") }
    if !isDescribed, let chosen = menu.chosen, !menu.candidates[chosen].summary.isEmpty {
      rows.append(MenuLabel.cut(menu.candidates[chosen].summary, columns - 1))
    }
    return rows
  }
}

/// A candidate as the menu shows it, without control characters.
private struct MenuLabel {
  private let label: String
  private let note: String
  let width: Int

  init(_ candidate: Completion.Candidate) {
    label = Self.plain(candidate.label)
    note = candidate.note.isEmpty ? "" : " " + Self.plain(candidate.note)
    width = Self.width(label) + Self.width(note)
  }

  func text(isChosen: Bool) -> String { isChosen ? "\u{1B}[7m\(label)\(note)\u{1B}[0m" : label + note }

  static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  static func cut(_ text: String, _ most: Int) -> String {
    var width = 0
    return String(
      plain(text).prefix { character in
        width += Self.width(String(character))
        return width <= most
      })
  }

  private static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }))
  }

  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + max(0, Int(callsheet_width($1.value))) }
  }
}

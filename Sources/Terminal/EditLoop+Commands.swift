import CEditLine
import Glibc

/// What our own keys do. Each command is a C function that finds its loop again through libedit's client data.
extension EditLoop {
  /// Keys that no keyboard sends: a command pushes one to have libedit's own command carried out.
  private static let acceptKey = "\u{1B}[callsheet-accept~"
  private static let olderKey = "\u{1B}[callsheet-older~"
  private static let newerKey = "\u{1B}[callsheet-newer~"
  private static let searchKey = "\u{1B}[callsheet-search~"
  private static let searchOnKey = "\u{1B}[callsheet-search-on~"
  private static let matchOlderKey = "\u{1B}[callsheet-match-older~"
  private static let matchNewerKey = "\u{1B}[callsheet-match-newer~"
  /// The longest text one paste may bring.
  private static let longestPaste = 1_000_000

  func addCommands() {
    callsheet_add_command(editor, "callsheet-enter", "End the statement, or begin its next line") { editor, _ in
      EditLoop.of(editor)?.enter() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-newline", "Begin the next line of the statement") { editor, _ in
      EditLoop.of(editor)?.insert("\n") ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-paste", "Insert a paste without running it") { editor, _ in
      EditLoop.of(editor)?.paste() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-up", "Go up a line, or to the statement before") { editor, _ in
      EditLoop.of(editor)?.up() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-down", "Go down a line, or to the statement after") { editor, _ in
      EditLoop.of(editor)?.down() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-home", "Go to the beginning of the line") { editor, _ in
      EditLoop.of(editor)?.home() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-end", "Go to the end of the line") { editor, _ in
      EditLoop.of(editor)?.end() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-complete", "Complete the word, or take the next choice") { editor, _ in
      EditLoop.of(editor)?.complete(backwards: false) ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-complete-back", "Take the choice before") { editor, _ in
      EditLoop.of(editor)?.complete(backwards: true) ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-edit", "Edit the statement in $EDITOR") { editor, _ in
      EditLoop.of(editor)?.editOutside() ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-search", "Search the history backwards") { editor, _ in
      EditLoop.of(editor)?.recall(EditLoop.searchKey) ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-search-on", "Search the history forwards") { editor, _ in
      EditLoop.of(editor)?.recall(EditLoop.searchOnKey) ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-match-older", "Go to the statement before that begins like this") {
      editor, _ in
      EditLoop.of(editor)?.recall(EditLoop.matchOlderKey) ?? UInt8(CC_ERROR)
    }
    callsheet_add_command(editor, "callsheet-match-newer", "Go to the statement after that begins like this") {
      editor, _ in
      EditLoop.of(editor)?.recall(EditLoop.matchNewerKey) ?? UInt8(CC_ERROR)
    }
  }

  /// The keys that must mean what they mean here, whatever `.editrc` said. Enter comes as `\n`: libedit's edit mode
  /// turns the two around.
  func bindKeys() {
    let keys = [
      ("\n", "callsheet-enter"), ("\r", "callsheet-enter"), ("\u{1B}[200~", "callsheet-paste"),
      (EditLoop.acceptKey, "ed-newline"), (EditLoop.olderKey, "ed-prev-history"),
      (EditLoop.newerKey, "ed-next-history"), (EditLoop.searchKey, "em-inc-search-prev"),
      (EditLoop.searchOnKey, "em-inc-search-next"), (EditLoop.matchOlderKey, "ed-search-prev-history"),
      (EditLoop.matchNewerKey, "ed-search-next-history"), ("^X^E", "callsheet-edit"),
    ]
    for (key, command) in keys {
      callsheet_bind(editor, key, command)
      callsheet_bind_alternative(editor, key, command)
    }
    let moves = [
      ("callsheet-up", ["\u{1B}[A", "\u{1B}OA", "^P"]), ("callsheet-down", ["\u{1B}[B", "\u{1B}OB", "^N"]),
      ("callsheet-home", ["\u{1B}[H", "\u{1B}OH", "\u{1B}[1~", "^A"]),
      ("callsheet-end", ["\u{1B}[F", "\u{1B}OF", "\u{1B}[4~", "^E"]),
      ("callsheet-complete", ["\t"]), ("callsheet-complete-back", ["\u{1B}[Z"]),
      ("callsheet-newline", ["\u{1B}\n", "\u{1B}\r"]), ("callsheet-search", ["^R"]),
      ("callsheet-search-on", ["^S"]), ("callsheet-match-older", ["\u{1B}p"]), ("callsheet-match-newer", ["\u{1B}n"]),
    ]
    for (command, keys) in moves {
      for key in keys { callsheet_bind(editor, key, command) }
    }
    // In vi's command mode the letters do what the arrows do.
    for (key, command) in [("k", "callsheet-up"), ("j", "callsheet-down"), ("v", "callsheet-edit")] {
      callsheet_bind_alternative(editor, key, command)
    }
  }

  var text: String {
    let line = callsheet_current(editor)
    return EditLoop.string(UnsafeBufferPointer(start: line.text, count: Int(line.count)))
  }

  private func enter() -> UInt8 {
    if !isAnswer, !settings.isComplete(text) { return insert("\n") }
    callsheet_push(editor, EditLoop.acceptKey)
    if rightPrompt.width == 0 { return UInt8(CC_NORM) }
    // What stood there then would stand beside the statement for ever.
    setRightPrompt("")
    return UInt8(CC_REFRESH)
  }

  /// Has libedit's own command for the history carried out. An answer has none.
  private func recall(_ key: String) -> UInt8 {
    if isAnswer { return UInt8(CC_ERROR) }
    isRecalled = true
    if key == EditLoop.searchKey || key == EditLoop.searchOnKey { loadHistory() }
    callsheet_push(editor, key)
    return UInt8(CC_NORM)
  }

  func insert(_ text: String) -> UInt8 {
    let wide = text.unicodeScalars.map(\.value) + [0]
    return callsheet_insert(editor, wide) == 0 ? UInt8(CC_REFRESH) : UInt8(CC_ERROR)
  }

  /// In a statement of several lines the cursor goes to the line above; from its first line on, back in history.
  private func up() -> UInt8 {
    let (starts, line, column) = place
    guard line > 0 else { return recall(EditLoop.olderKey) }
    return move(to: min(starts[line - 1] + column, starts[line] - 1))
  }

  private func down() -> UInt8 {
    let (starts, line, column) = place
    guard line + 1 < starts.count else { return recall(EditLoop.newerKey) }
    return move(to: min(starts[line + 1] + column, endOfLine(line + 1, starts)))
  }

  private func home() -> UInt8 {
    let (starts, line, _) = place
    return move(to: starts[line])
  }

  private func end() -> UInt8 {
    let (starts, line, _) = place
    return move(to: endOfLine(line, starts))
  }

  private func endOfLine(_ line: Int, _ starts: [Int]) -> Int {
    line + 1 < starts.count ? starts[line + 1] - 1 : Int(callsheet_current(editor).count)
  }

  /// Where each line of the text begins, and the line and column of the cursor.
  private var place: (starts: [Int], line: Int, column: Int) {
    let current = callsheet_current(editor)
    let text = UnsafeBufferPointer(start: current.text, count: Int(current.count))
    let starts = [0] + text.indices.filter { text[$0] == 0x0A }.map { $0 + 1 }
    let line = (starts.lastIndex { $0 <= Int(current.cursor) }) ?? 0
    return (starts, line, Int(current.cursor) - starts[line])
  }

  private func move(to offset: Int) -> UInt8 {
    el_cursor(editor, Int32(offset - Int(callsheet_current(editor).cursor)))
    return UInt8(CC_CURSOR)
  }

  /// Takes everything up to the terminal's mark for the end of a paste into the line. Newlines stay in it as newlines
  /// and run nothing; other control characters are left out.
  private func paste() -> UInt8 {
    let end = Array("\u{1B}[201~".unicodeScalars.map(\.value))
    var pasted: [UInt32] = []
    while !pasted.suffix(end.count).elementsEqual(end) {
      var character: UInt32 = 0
      guard callsheet_next(editor, &character) == 1 else { return UInt8(CC_ERROR) }
      if pasted.count < EditLoop.longestPaste {
        pasted.append(character)
      } else {
        pasted.removeFirst(pasted.count - end.count)
        el_beep(editor)
      }
    }
    pasted.removeLast(end.count)
    var result = String.UnicodeScalarView()
    var previous: UInt32 = 0
    for value in pasted {
      // CR LF, which arrives turned around, is one newline.
      let isSecondHalf = (value == 0x0D && previous == 0x0A) || (value == 0x0A && previous == 0x0D)
      previous = isSecondHalf ? 0 : value
      if isSecondHalf { continue }
      if value == 0x0A || value == 0x0D {
        result.append("\n")
      } else if value >= 0x20, !(0x7F..<0xA0).contains(value), let scalar = Unicode.Scalar(value) {
        result.append(scalar)
      } else if value == 0x09 {
        result.append(" ")
      }
    }
    var text = String(result)
    // A copied line mostly brings its line end along; the one who pastes it presses Enter himself.
    if text.hasSuffix("\n") { text.removeLast() }
    return text.isEmpty ? UInt8(CC_NORM) : insert(text)
  }
}

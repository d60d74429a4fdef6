import CEditLine
import Glibc

/// What our own keys do. Each command is a C function that finds its loop again through libedit's client data.
extension EditLoop {
  private struct Command {
    let name: String
    let help: String
    let run: callsheet_command

    init(_ name: String, _ help: String, _ run: @escaping callsheet_command) {
      (self.name, self.help, self.run) = (name, help, run)
    }
  }

  private static var editing: [Command] {
    [
      Command("callsheet-enter", "End the statement, or begin its next line") { editor, _ in
        EditLoop.carryOut(editor) { $0.enter() }
      },
      Command("callsheet-newline", "Begin the next line of the statement") { editor, _ in
        EditLoop.carryOut(editor) { $0.insert("\n") }
      },
      Command("callsheet-paste", "Insert a paste without running it") { editor, _ in
        EditLoop.carryOut(editor) { $0.paste() }
      },
      Command("callsheet-up", "Go up a line, or to the statement before") { editor, _ in
        EditLoop.carryOut(editor) { $0.up(.end) }
      },
      Command("callsheet-down", "Go down a line, or to the statement after") { editor, _ in
        EditLoop.carryOut(editor) { $0.down(.end) }
      },
      Command("callsheet-vi-up", "Go up a line, or to the statement before") { editor, _ in
        EditLoop.carryOut(editor) { $0.up(.beginning) }
      },
      Command("callsheet-vi-down", "Go down a line, or to the statement after") { editor, _ in
        EditLoop.carryOut(editor) { $0.down(.beginning) }
      },
      Command("callsheet-home", "Go to the beginning of the line") { editor, _ in
        EditLoop.carryOut(editor) { $0.home() }
      },
      Command("callsheet-end", "Go to the end of the line") { editor, _ in EditLoop.carryOut(editor) { $0.end() } },
      Command("callsheet-complete", "Complete the word, or take the next choice") { editor, _ in
        EditLoop.carryOut(editor) { $0.complete(backwards: false) }
      },
      Command("callsheet-complete-back", "Take the choice before") { editor, _ in
        EditLoop.carryOut(editor) { $0.complete(backwards: true) }
      },
      Command("callsheet-edit", "Edit the statement in $EDITOR") { editor, _ in
        EditLoop.carryOut(editor) { $0.editOutside() }
      },
      Command("callsheet-mark", "Remember this place") { editor, _ in
        EditLoop.carryOut(editor) { $0.setMark(EditLoop.markKey) }
      },
      Command("callsheet-yank", "Insert what was deleted last") { editor, _ in
        EditLoop.carryOut(editor) { $0.setMark(EditLoop.yankKey) }
      },
      Command("callsheet-exchange", "Go to the place remembered, and remember this one") { editor, _ in
        EditLoop.carryOut(editor) { $0.exchangeMark() }
      },
      Command("callsheet-leap", "Go to where the exchange leads") { editor, _ in EditLoop.carryOut(editor) { $0.leap() }
      },
    ]
  }

  /// They bring statements back.
  private static var recalling: [Command] {
    [
      Command("callsheet-search", "Search the history backwards") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.searchKey) }
      },
      Command("callsheet-search-on", "Search the history forwards") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.searchOnKey) }
      },
      Command("callsheet-vi-search", "Search the history backwards") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.viSearchKey) }
      },
      Command("callsheet-vi-search-on", "Search the history forwards") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.viSearchOnKey) }
      },
      Command("callsheet-vi-again", "Search for the same again") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.viAgainKey) }
      },
      Command("callsheet-vi-back", "Search for the same the other way") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.viBackKey) }
      },
      Command("callsheet-vi-oldest", "Go to the oldest statement") { editor, _ in
        EditLoop.carryOut(editor) { $0.search(EditLoop.viOldestKey) }
      },
      Command("callsheet-match-older", "Go to the statement before that begins like this") { editor, _ in
        EditLoop.carryOut(editor) { $0.match { $0.older(leaving: $1, prefix: $2) } }
      },
      Command("callsheet-match-newer", "Go to the statement after that begins like this") { editor, _ in
        EditLoop.carryOut(editor) { $0.match { $0.newer(leaving: $1, prefix: $2) } }
      },
    ]
  }

  func addCommands() {
    for command in EditLoop.editing + EditLoop.recalling {
      callsheet_add_command(editor, command.name, command.help, command.run)
    }
  }

  private static func carryOut(_ editor: OpaquePointer?, _ work: (EditLoop) -> UInt8) -> UInt8 {
    of(editor).map(work) ?? UInt8(CC_ERROR)
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

  func insert(_ text: String) -> UInt8 {
    let wide = text.unicodeScalars.map(\.value) + [0]
    return callsheet_insert(editor, wide) == 0 ? UInt8(CC_REFRESH) : UInt8(CC_ERROR)
  }

  /// In a statement of several lines the cursor goes to the line above; from its first line on, back in history.
  private func up(_ end: RecallEnd) -> UInt8 {
    let (starts, line, column) = place
    guard line > 0 else { return recall(end) { $0.older(leaving: $1) } }
    return move(to: min(starts[line - 1] + column, starts[line] - 1))
  }

  private func down(_ end: RecallEnd) -> UInt8 {
    let (starts, line, column) = place
    guard line + 1 < starts.count else { return recall(end) { $0.newer(leaving: $1) } }
    return move(to: min(starts[line + 1] + column, endOfLine(line + 1, starts)))
  }

  /// libedit's mark stays behind when the text before it goes, and exchanging it may put the cursor behind the end of the
  /// line. So where it leads is kept here as well, and libedit's is set along with it.
  private func setMark(_ key: String) -> UInt8 {
    mark = Int(callsheet_current(editor).cursor)
    callsheet_push(editor, key)
    return UInt8(CC_NORM)
  }

  private func exchangeMark() -> UInt8 {
    leapsTo = mark
    // The key pushed last is read first.
    callsheet_push(editor, EditLoop.leapKey)
    return setMark(EditLoop.markKey)
  }

  private func leap() -> UInt8 { move(to: min(leapsTo, Int(callsheet_current(editor).count))) }

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
}

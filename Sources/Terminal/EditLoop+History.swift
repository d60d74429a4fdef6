import CEditLine

/// Where the cursor stands in a statement that was recalled: vi's command mode puts it at the beginning.
enum RecallEnd {
  case beginning, end
}

/// What was typed before the last match, and what that put into the line: the next match begins with the same.
struct HistoryMatch {
  let prefix: String
  let text: String
}

extension EditLoop {
  /// Puts the line to which a step of the walk leads in the place of this one. An answer has no history.
  func recall(_ end: RecallEnd, _ step: (inout HistoryWalk, String) -> String?) -> UInt8 {
    if isAnswer { return UInt8(CC_ERROR) }
    finishLoadingHistory()
    noteSearch()
    if walk.isAtOwnLine { ownIsRecalled = isRecalled }
    guard let text = step(&walk, text) else { return UInt8(CC_ERROR) }
    isRecalled = walk.isAtOwnLine ? ownIsRecalled : true
    setLine(text, end)
    return UInt8(CC_REFRESH)
  }

  /// A step to a statement that begins as the line does before the cursor.
  func match(_ step: (inout HistoryWalk, String, String) -> String?) -> UInt8 {
    let prefix = matched.flatMap { $0.text == text ? $0.prefix : nil } ?? before
    let result = recall(.end) { step(&$0, $1, prefix) }
    matched = HistoryMatch(prefix: prefix, text: text)
    return result
  }

  /// Has libedit search. What it finds is only known when the next key comes that goes through the history.
  func search(_ key: String) -> UInt8 {
    if isAnswer { return UInt8(CC_ERROR) }
    // A search draws over itself.
    if isDumb { return match { $0.older(leaving: $1, prefix: $2) } }
    noteSearch()
    loadHistory()
    finishLoadingHistory()
    if walk.isAtOwnLine { ownIsRecalled = isRecalled }
    searchedFrom = text
    isRecalled = true
    callsheet_push(editor, key)
    return UInt8(CC_NORM)
  }

  /// libedit empties the line before it searches for the same again, and leaves it so when it finds nothing, unseen.
  func restoreAfterSearch() {
    guard let from = searchedFrom, !from.isEmpty, callsheet_current(editor).count == 0 else { return }
    searchedFrom = nil
    goToStart()
    setLine(from, .beginning)
    redraw()
  }

  private func noteSearch() {
    guard let from = searchedFrom else { return }
    searchedFrom = nil
    walk.jump(to: text, leaving: from)
  }

  func setLine(_ text: String, _ end: RecallEnd = .end) {
    callsheet_clear(editor)
    _ = insert(text)
    if end == .beginning { el_cursor(editor, Int32(-Int(callsheet_current(editor).count))) }
  }
}

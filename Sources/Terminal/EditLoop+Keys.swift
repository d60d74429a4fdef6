import CEditLine
import Glibc

/// Which key means what.
extension EditLoop {
  /// Keys that no keyboard sends: a command pushes one to have libedit's own command carried out.
  static let acceptKey = "\u{9B}callsheet-accept~"
  static let searchKey = "\u{9B}callsheet-search~"
  static let searchOnKey = "\u{9B}callsheet-search-on~"
  static let markKey = "\u{9B}callsheet-mark~"
  static let yankKey = "\u{9B}callsheet-yank~"
  static let viSearchKey = "\u{9B}callsheet-vi-search~"
  static let viSearchOnKey = "\u{9B}callsheet-vi-search-on~"
  static let viAgainKey = "\u{9B}callsheet-vi-again~"
  static let viBackKey = "\u{9B}callsheet-vi-back~"
  static let viOldestKey = "\u{9B}callsheet-vi-oldest~"
  static let leapKey = "\u{9B}callsheet-leap~"

  /// What keyboards send, without the ESC, for the keys of which we know the meaning.
  static let sequences: [(command: String, tails: [String])] = [
    ("callsheet-up", ["[A", "OA"]), ("callsheet-down", ["[B", "OB"]), ("ed-next-char", ["[C", "OC"]),
    ("ed-prev-char", ["[D", "OD"]), ("callsheet-home", ["[H", "OH", "[1~", "[7~"]),
    ("callsheet-end", ["[F", "OF", "[4~", "[8~"]), ("ed-delete-next-char", ["[3~"]),
    ("ed-prev-word", ["[1;5D", "[1;3D"]), ("em-next-word", ["[1;5C", "[1;3C"]),
    ("callsheet-match-older", ["[5~"]), ("callsheet-match-newer", ["[6~"]),
    ("callsheet-complete-back", ["[Z"]), ("callsheet-paste", ["[200~"]),
  ]

  /// Keys that other shells have and libedit has not; `.editrc` may say otherwise.
  func bindUsualKeys() { callsheet_bind(editor, "^W", "ed-delete-prev-word") }

  /// The keys that must mean what they mean here, whatever `.editrc` said. Enter comes as `\n`: libedit's edit mode
  /// turns the two around.
  func bindKeys() {
    for (command, tails) in EditLoop.sequences {
      for tail in tails { bindInBoth("\u{9B}" + tail, command) }
    }
    let keys = [
      ("\n", "callsheet-enter"), ("\r", "callsheet-enter"), (EditLoop.acceptKey, "ed-newline"),
      (EditLoop.searchKey, "em-inc-search-prev"), (EditLoop.searchOnKey, "em-inc-search-next"),
      (EditLoop.markKey, "em-set-mark"), (EditLoop.yankKey, "em-yank"), (EditLoop.leapKey, "callsheet-leap"),
      ("^X^E", "callsheet-edit"),
    ]
    for (key, command) in keys { bindInBoth(key, command) }
    let moves = [
      ("^P", "callsheet-up"), ("^N", "callsheet-down"), ("^A", "callsheet-home"), ("^E", "callsheet-end"),
      ("\t", "callsheet-complete"), ("^R", "callsheet-search"), ("^S", "callsheet-search-on"),
    ]
    for (key, command) in moves { callsheet_bind(editor, key, command) }
    // libedit binds what the terminal's settings leave empty, and so gives Ctrl-Space the meaning of Ctrl-V: the next
    // Enter would stand in the line.
    bindInBoth("^@", "callsheet-mark")
    if callsheet_is_vi(editor) != 0 { bindViKeys() } else { bindEmacsKeys() }
  }

  private func bindInBoth(_ key: String, _ command: String) {
    callsheet_bind(editor, key, command)
    callsheet_bind_alternative(editor, key, command)
  }

  /// The sequences come with their ESC when a slow line delivers it apart from the rest.
  private func bindEmacsKeys() {
    for (command, tails) in EditLoop.sequences {
      for tail in tails { callsheet_bind(editor, "\u{1B}" + tail, command) }
    }
    let keys = [
      ("\u{1B}\n", "callsheet-newline"), ("\u{1B}\r", "callsheet-newline"), ("\u{1B}p", "callsheet-match-older"),
      ("\u{1B}n", "callsheet-match-newer"), ("\u{1B}P", "callsheet-match-older"),
      ("\u{1B}N", "callsheet-match-newer"), ("^X^X", "callsheet-exchange"), ("^Y", "callsheet-yank"),
    ]
    for (key, command) in keys { callsheet_bind(editor, key, command) }
  }

  /// In vi's command mode letters do what the arrows do; Escape must not wait for more. Each key that brings back a statement
  /// is ours, since what is recalled asks again before it acts.
  private func bindViKeys() {
    let keys = [
      ("k", "callsheet-vi-up"), ("j", "callsheet-vi-down"), ("\\055", "callsheet-vi-up"), ("+", "callsheet-vi-down"),
      ("^P", "callsheet-vi-up"), ("^N", "callsheet-vi-down"), ("K", "callsheet-match-older"),
      ("J", "callsheet-match-newer"), ("/", "callsheet-vi-search"), ("?", "callsheet-vi-search-on"),
      ("n", "callsheet-vi-again"), ("N", "callsheet-vi-back"), ("G", "callsheet-vi-oldest"), ("v", "callsheet-edit"),
      (EditLoop.viSearchKey, "vi-search-prev"), (EditLoop.viSearchOnKey, "vi-search-next"),
      (EditLoop.viAgainKey, "vi-repeat-search-next"), (EditLoop.viBackKey, "vi-repeat-search-prev"),
      (EditLoop.viOldestKey, "vi-to-history-line"),
    ]
    for (key, command) in keys { callsheet_bind_alternative(editor, key, command) }
    callsheet_bind(editor, "^[", "vi-command-mode")
    callsheet_bind_alternative(editor, "^[", "ed-unassigned")
  }

  /// Sequences that `.editrc` names are the user's.
  func meaning(of tail: String) -> EscapeKeys.Meaning {
    if EditLoop.sequences.contains(where: { $0.tails.contains(tail) }) { return .known }
    return editrc.contains(tail) ? .users : .unknown
  }

  /// The user's settings as libedit reads them; empty when there are none.
  static func readEditrc() -> String {
    let named = getenv("EDITRC").map { String(cString: $0) }
    let home = getenv("HOME").map { String(cString: $0) }
    guard let path = named ?? home.map({ $0 + "/.editrc" }) else { return "" }
    return TextFile.read(path) ?? ""
  }
}

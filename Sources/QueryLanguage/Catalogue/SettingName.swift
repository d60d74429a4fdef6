import Diagnostics

/// What `set` knows: every preference of a session, with the values it takes.
public enum SettingName: String, CaseIterable, Sendable {
  /// The name under which actions are recorded.
  case user
  /// How many rows a table shows at most.
  case rows
  /// How results are written.
  case format
  case color
  case theme
  /// From how many rows on an action asks first, even when a condition chose them.
  case confirm
  /// What is told above the prompt.
  case news
  /// What shows results that are taller than the screen.
  case pager

  public enum Value: Equatable, Sendable {
    case text
    /// A whole number from 1 on, or one of the words.
    case number(or: [String])
    case oneOf([String])

    var description: String {
      switch self {
      case .text: "a text"
      case .number(let words): "a number from 1 on, \(Spelling.list(words, conjunction: "or"))"
      case .oneOf(let words): words.joined(separator: " ")
      }
    }
  }

  public var value: Value {
    switch self {
    case .user: .text
    case .rows: .number(or: ["all"])
    case .format: .oneOf(["table", "vertical", "csv", "tsv", "json", "jsonl", "markdown", "ids"])
    case .color: .oneOf(["on", "off"])
    case .theme: .oneOf(["default", "colorblind", "mono"])
    case .confirm: .number(or: ["all", "never"])
    case .news: .oneOf(["off", "mine", "all"])
    case .pager: .text
    }
  }

  public var summary: String {
    switch self {
    case .user: "the name under which actions are recorded"
    case .rows: "how many rows a table shows at most; all for no limit"
    case .format: "how results are written"
    case .color: "colours on or off"
    case .theme:
      "how colours look: those of the terminal, apart for whoever sees colours otherwise, or none but bold and the like"
    case .news: "what is told above the prompt: nothing, what concerns the run in use, or the whole project"
    case .pager: "the command that shows what is taller than the screen; off for none"
    case .confirm: "from how many rows on an action asks first; never: only without a condition"
    }
  }
}

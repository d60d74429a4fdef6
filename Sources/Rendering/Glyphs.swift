import Model

/// The characters beside a status. Every glyph of a set is one column wide and differs from all others of its axis
/// without its colour.
public enum GlyphSet: Sendable, CaseIterable {
  case unicode, ascii

  /// ASCII unless the locale that decides about characters (`LC_ALL`, then `LC_CTYPE`, then `LANG`) is a UTF-8 one.
  public static func decide(environment: [String: String]) -> GlyphSet {
    var locale = "C"
    for name in ["LANG", "LC_CTYPE", "LC_ALL"] {
      if let value = environment[name], !value.isEmpty { locale = value }
    }
    let lowered = locale.lowercased()
    return lowered.contains("utf-8") || lowered.contains("utf8") ? .unicode : .ascii
  }

  public func glyph(_ status: CellStatus) -> String { StatusMark(status).glyph(self) }

  public var ellipsis: String { self == .unicode ? "…" : "~" }
  var times: String { self == .unicode ? "×" : "x" }
  var dot: String { self == .unicode ? "·" : "-" }
  /// Between what waits and what it waits for.
  var from: String { self == .unicode ? "←" : "<-" }
  var rule: String { self == .unicode ? "─" : "-" }
  var none: String { self == .unicode ? "–" : "-" }
  public var barDone: String { self == .unicode ? "█" : "#" }
  public var barLeft: String { self == .unicode ? "░" : "." }
  /// Behind the glyph of a stale cell; one column in both sets.
  var stale: String { "*" }
}

/// How one status word looks: its glyph in both sets and its style.
struct StatusMark: Equatable {
  let unicode: String
  let ascii: String
  let style: Style

  func glyph(_ set: GlyphSet) -> String { set == .unicode ? unicode : ascii }

  private init(_ unicode: String, _ ascii: String, _ style: Style) {
    self.unicode = unicode
    self.ascii = ascii
    self.style = style
  }

  init(_ status: CellStatus) {
    switch status {
    case .notStarted: self.init("·", ".", .idle)
    case .blocked: self.init("⊘", "B", .idle)
    case .queued: self.init("○", "Q", .working)
    case .generating: self.init("◐", "G", .working)
    case .qaReview: self.init("◆", "R", .review)
    case .approved: self.init("●", "A", .done)
    case .failed: self.init("✗", "F", .trouble)
    case .rejected: self.init("⊗", "X", .trouble)
    case .skipped: self.init("–", "-", .idle)
    }
  }

  /// Of a status of any entity, spelled as the database and the language do; nil for a word that is no status.
  init?(word: String) {
    if let status = CellStatus(rawValue: word) {
      self.init(status)
      return
    }
    switch word {
    case "review": self.init(.qaReview)
    case "passed", "completed": self.init(.approved)
    case "pending": self.init(.queued)
    case "running": self.init(.generating)
    case "waived": self.init(.skipped)
    case "paused": self.init("=", "=", .idle)
    case "cancelled": self.init("⊗", "X", .idle)
    default: return nil
    }
  }
}

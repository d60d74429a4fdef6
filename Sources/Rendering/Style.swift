/// What a piece of text means; the theme decides how it looks. Colour never carries a meaning alone: a glyph or a word
/// stands beside it.
public enum Style: Sendable, CaseIterable {
  case plain, strong, dim, heading
  /// The five groups of a status.
  case idle, working, review, done, trouble
  case error, warning, hint

  /// The parameters of the terminal's SGR sequence; empty for text left as it is. Only the sixteen colours that the
  /// user's own palette defines are used.
  var parameters: String {
    switch self {
    case .plain: ""
    case .strong: "1"
    case .dim: "2"
    case .heading: "1"
    case .idle: "90"
    case .working: "94"
    case .review: "33"
    case .done: "32"
    case .trouble: "31"
    case .error: "1;31"
    case .warning: "33"
    case .hint: "36"
    }
  }
}

/// Whether escape sequences for colour are written.
public enum ColorMode: Sendable {
  case none, ansi

  /// No colour when `NO_COLOR` is set and not empty, when the output is no terminal, or when `TERM` is missing or `dumb`.
  public static func decide(environment: [String: String], isTerminal: Bool) -> ColorMode {
    if !(environment["NO_COLOR"] ?? "").isEmpty { return .none }
    guard isTerminal, let term = environment["TERM"], !term.isEmpty, term != "dumb" else { return .none }
    return .ansi
  }
}

extension ColorMode {
  /// `text` between the sequences that switch `style` on and off again, or as it is without colour.
  public func paint(_ text: String, _ style: Style) -> String {
    var output = ""
    paint(text, style, &output)
    return output
  }

  func paint(_ text: String, _ style: Style, _ output: inout String) {
    if self == .none || style == .plain || text.isEmpty {
      output += text
      return
    }
    output += "\u{1B}["
    output += style.parameters
    output += "m"
    output += text
    output += "\u{1B}[0m"
  }
}

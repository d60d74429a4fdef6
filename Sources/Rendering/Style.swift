/// What a piece of text means; the theme decides how it looks. Colour never carries a meaning alone: a glyph or a word
/// stands beside it.
public enum Style: Sendable, CaseIterable {
  case plain, strong, dim, heading
  /// The five groups of a status.
  case idle, working, review, done, trouble
  case error, warning, hint
}

/// Whether escape sequences for colour are written, and by which theme.
public struct ColorMode: Equatable, Sendable {
  /// nil: none are written.
  public let theme: Theme?

  public static let none = ColorMode(theme: nil)
  public static let ansi = ColorMode(theme: .usual)

  public init(theme: Theme?) { self.theme = theme }

  /// No colour when `NO_COLOR` is set and not empty, when the output is no terminal, or when `TERM` is missing or `dumb`.
  public static func decide(environment: [String: String], isTerminal: Bool) -> ColorMode {
    if !(environment["NO_COLOR"] ?? "").isEmpty { return .none }
    guard isTerminal, let term = environment["TERM"], !term.isEmpty, term != "dumb" else { return .none }
    return .ansi
  }

  /// The parameters of the terminal's SGR sequence for a style; empty for none.
  public func parameters(_ style: Style) -> String { theme?.parameters(style) ?? "" }

  /// `text` between the sequences that switch `style` on and off again, or as it is without colour.
  public func paint(_ text: String, _ style: Style) -> String {
    var output = ""
    paint(text, style, &output)
    return output
  }

  func paint(_ text: String, _ style: Style, _ output: inout String) {
    let parameters = parameters(style)
    if parameters.isEmpty || text.isEmpty {
      output += text
      return
    }
    output += "\u{1B}["
    output += parameters
    output += "m"
    output += text
    output += "\u{1B}[0m"
  }
}

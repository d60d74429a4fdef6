/// How each style looks. Whatever the theme, a glyph or a word says the same.
public enum Theme: String, CaseIterable, Sendable {
  /// The sixteen colours that the user's own palette defines.
  case usual = "default"
  /// Colours that keep apart whoever looks at them, on dark and on light ground.
  case colorblind
  /// No hue: bold, underlined, reversed, faint.
  case mono

  /// The parameters of the terminal's SGR sequence; empty for text left as it is.
  func parameters(_ style: Style) -> String {
    switch self {
    case .usual: Self.usual(style)
    case .colorblind: Self.hue(style).map { "\(Self.weight(style))38;5;\($0)" } ?? Self.usual(style)
    case .mono: Self.mono(style)
    }
  }

  private static func usual(_ style: Style) -> String {
    switch style {
    case .plain: ""
    case .strong, .heading: "1"
    case .dim: "2"
    case .idle: "90"
    case .working: "94"
    case .review, .warning: "33"
    case .done: "32"
    case .trouble: "31"
    case .error: "1;31"
    case .hint: "36"
    }
  }

  /// A place in the 256 colours of xterm. Chosen so that under normal sight and each kind of dichromacy any two of the five
  /// groups are well apart, and each stands out from black and from white.
  static func hue(_ style: Style) -> Int? {
    switch style {
    case .plain, .strong, .heading, .dim: nil
    case .idle: 246
    case .working: 25
    case .review, .warning: 58
    case .done, .hint: 29
    case .trouble, .error: 164
    }
  }

  private static func weight(_ style: Style) -> String {
    switch style {
    case .trouble, .error, .review, .warning: "1;"
    case .plain, .strong, .heading, .dim, .idle, .working, .done, .hint: ""
    }
  }

  private static func mono(_ style: Style) -> String {
    switch style {
    case .plain, .working: ""
    case .strong, .heading, .done: "1"
    case .dim, .idle: "2"
    case .review, .warning: "4"
    case .trouble: "7"
    case .error: "1;7"
    case .hint: "3"
    }
  }
}

/// When a person is asked before an action whose rows a condition chose. An action without any condition is always asked
/// about.
public enum ConfirmationRule: Equatable, Sendable {
  /// From so many rows on.
  case from(Int)
  /// Whatever it is.
  case always
  case never

  /// What a person undoes in a minute is not worth a question; a batch of a hundred is.
  public static let usual = ConfirmationRule.from(100)

  /// As `set confirm` spells it.
  init(_ text: String) {
    switch text {
    case "all": self = .always
    case "never": self = .never
    default: self = Int(text).map(ConfirmationRule.from) ?? .usual
    }
  }

  var text: String {
    switch self {
    case .from(let count): String(count)
    case .always: "all"
    case .never: "never"
    }
  }

  func asks(about rows: Int) -> Bool {
    switch self {
    case .from(let count): rows >= count
    case .always: rows > 0
    case .never: false
    }
  }
}

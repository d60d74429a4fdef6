/// What an error's code means: `help errors CODE`.
public struct ErrorTopic: Equatable, Sendable {
  public let code: String
  /// One line.
  public let summary: String
  /// How it comes about and what to do.
  public let remedy: String
  /// A statement that has this error; nil where it takes more than a statement.
  public let example: String?

  init(_ code: String, _ summary: String, _ remedy: String, _ example: String? = nil) {
    self.code = code
    self.summary = summary
    self.remedy = remedy
    self.example = example
  }

  init(_ code: DiagnosticCode, _ summary: String, _ remedy: String, _ example: String? = nil) {
    self.init(code.rawValue, summary, remedy, example)
  }

  /// By code, in order.
  public static let all = (language + running + files).sorted { $0.code < $1.code }

  /// Codes that begin with `database_` carry the server's own five letters behind it and share one page.
  public static func named(_ code: String) -> ErrorTopic? {
    let code = code.lowercased()
    return all.first { $0.code == code } ?? (code.hasPrefix("database_") ? all.first { $0.code == "database" } : nil)
  }
}

/// What a statement, a stage, an action or a kind of condition says of itself. Help, completion and the language page
/// of the README all come from here.
public struct Topic: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case statement
    case stage
    case action
    case condition
  }

  public let kind: Kind
  public let name: String
  public let usage: String
  /// One line.
  public let summary: String
  /// Statements that can be typed as they stand.
  public let examples: [String]

  init(_ kind: Kind, _ name: String, _ usage: String, _ summary: String, examples: [String]) {
    self.kind = kind
    self.name = name
    self.usage = usage
    self.summary = summary
    self.examples = examples
  }

  public static let all = statements + stages + actions + conditions

  public static func named(_ name: String) -> Topic? {
    let name = name.lowercased()
    return byName[aliases[name] ?? name]
  }

  /// Words that are explained under another.
  static let aliases = [
    "or": "and", "not": "and", "!=": "=", "<": "=", "<=": "=", ">": "=", ">=": "=", "null": "is", "before": "since",
    "older": "since", "script": "run", "by": "group", "sum": "group", "avg": "group", "min": "group", "max": "group",
  ]

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}

import Diagnostics
import Foundation

/// Gives every name of a statement its meaning, or says which it cannot.
public struct Checker: Sendable {
  public let catalogue: Catalogue
  public let names: LiveNames
  /// What `$x` stands for.
  public let variables: [String: Literal]
  public let now: Date
  public let timeZone: TimeZone

  public init(
    catalogue: Catalogue, names: LiveNames, variables: [String: Literal] = [:], now: Date, timeZone: TimeZone
  ) {
    self.catalogue = catalogue
    self.names = names
    self.variables = variables
    self.now = now
    self.timeZone = timeZone
  }

  /// The statement is nil exactly when one of the diagnostics is an error. The diagnostics begin with the parser's own.
  public func check(_ statement: Statement) -> (CheckedStatement?, [Diagnostic]) {
    (nil, statement.diagnostics)
  }

  /// The kinds of names that `check` would look up for this statement, so that a session reads no others.
  public static func namesNeeded(by statement: Statement, in catalogue: Catalogue) -> Set<ReferenceKind> {
    []
  }
}

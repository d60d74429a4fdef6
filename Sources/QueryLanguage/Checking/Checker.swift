import Diagnostics
import Foundation

/// Gives every name of a statement its meaning, or says which it cannot.
public struct Checker: Sendable {
  public let catalogue: Catalogue
  public let names: LiveNames
  /// What `$x` stands for; the keys are in lower case.
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
    var pass = CheckingPass(self, source: statement.source)
    let checked = pass.statement(statement)
    let diagnostics = statement.diagnostics + pass.diagnostics
    return (diagnostics.contains { $0.severity == .error } ? nil : checked, diagnostics)
  }
}

/// One walk over one statement. A part that cannot be given a meaning is reported and comes out as nil, and the walk goes on, so that
/// all mistakes are reported at once.
struct CheckingPass {
  /// More are not of use to anybody.
  static let diagnosticLimit = 20

  let checker: Checker
  let source: SourceText
  private(set) var diagnostics: [Diagnostic] = []

  init(_ checker: Checker, source: SourceText) {
    self.checker = checker
    self.source = source
  }

  mutating func report(_ code: DiagnosticCode, _ message: String, at span: Span, hint: String? = nil) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(
      Diagnostic(
        code: code.rawValue, message: message, source: source, span: span, hints: [hint].compactMap { $0 }))
  }

  /// Reports what the language has and this program cannot do yet. True when it can.
  mutating func isAvailable(_ topic: String, at span: Span) -> Bool {
    if Topic.named(topic)?.isAvailable ?? true { return true }
    report(.notAvailable, "\(topic) is not available yet", at: span)
    return false
  }
}

/// One thing to tell the person about a text they wrote, or about something that went wrong while it ran.
public struct Diagnostic: Equatable, Sendable {
  public enum Severity: String, Sendable {
    case error, warning, note
  }

  public var severity: Severity
  /// A stable word for scripts: `unknown_field`.
  public var code: String
  /// One sentence without a full stop; it names the thing, not the person: `cells have no field "staus"`.
  public var message: String
  /// The text that `span` points into; nil when the cause is not in any text.
  public var source: SourceText?
  public var span: Span?
  /// What could have stood there, in words: `a value`, `")"`.
  public var expected: [String]
  /// Remedies, the best first: `did you mean status?`.
  public var hints: [String]

  public init(
    _ severity: Severity = .error, code: String, message: String, source: SourceText? = nil, span: Span? = nil,
    expected: [String] = [], hints: [String] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.source = source
    self.span = span
    self.expected = expected
    self.hints = hints
  }

  public var position: Position? {
    guard let source, let span else { return nil }
    return source.position(at: span.lower)
  }

  /// What follows the carets: the first hint, else what was expected.
  public var advice: String? {
    if let hint = hints.first { return hint }
    return expected.isEmpty ? nil : "expected " + Spelling.list(expected, conjunction: "or")
  }
}

/// Diagnostics on their way up to whoever shows them.
public struct DiagnosticError: Error, Equatable, Sendable {
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  public init(_ diagnostic: Diagnostic) { self.diagnostics = [diagnostic] }
}

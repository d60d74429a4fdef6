import Diagnostics

/// The mistakes of one file, as many as a person can use.
struct FindingReport {
  private let source: SourceText
  private var diagnostics: [Diagnostic] = []
  private var left = 0
  static let most = 100

  init(source: SourceText) { self.source = source }

  mutating func add(_ code: String, _ message: String, at span: Span, expected: [String] = [], hint: String? = nil) {
    guard diagnostics.count < Self.most else {
      left += 1
      return
    }
    diagnostics.append(
      Diagnostic(
        code: code, message: message, source: source, span: span, expected: expected, hints: hint.map { [$0] } ?? []))
  }

  /// In the order of the text; of one place in the order in which they were found.
  func sorted() -> [Diagnostic] {
    let found = diagnostics.enumerated().sorted { left, right in
      (left.element.span?.lower ?? 0, left.offset) < (right.element.span?.lower ?? 0, right.offset)
    }.map(\.element)
    if left == 0 { return found }
    return found + [Diagnostic(code: "too_many_mistakes", message: "\(left) more mistakes in \(source.name)")]
  }

  /// `line 12`, for a message about something further down.
  func line(of span: Span) -> String { "line \(source.position(at: span.lower).line)" }
}

import Diagnostics
import QueryLanguage
import Store

extension ProducerSession {
  /// The patterns that the database would refuse, before anything is sent: it looks at a pattern only when there is a row
  /// to compare, and a mistake is not to hide behind an empty result.
  func refusedPatterns(of statement: Statement) async throws -> [Diagnostic] {
    let patterns = statement.patterns
    if patterns.isEmpty { return [] }
    let mistakes = try await PatternReads(connection).mistakes(in: patterns.map(\.value.pattern))
    return zip(patterns, mistakes).compactMap { regex, mistake in
      mistake.map { words in
        Diagnostic(
          code: DiagnosticCode.badPattern.rawValue,
          message: words.replacing("invalid regular expression: ", with: "this is no regular expression: "),
          source: statement.source, span: regex.span,
          hints: ["a character that stands for itself is written with a \\ before it, as in /\\[draft\\]/"])
      }
    }
  }
}

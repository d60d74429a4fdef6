import Diagnostics

/// Text -> syntax tree. Takes any text in linear time and never fails: what it cannot read becomes a diagnostic.
public struct Parser {
  public static func parse(_ source: SourceText) -> ParseResult {
    ParseResult(statements: [])
  }
}

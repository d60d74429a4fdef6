import Diagnostics

/// Cuts a stream of text into pieces that can be parsed by themselves, as it arrives. A piece is one or more whole lines, with
/// the line number they have in the stream, and holds any number of statements.
public struct StatementReader: Sendable {
  public enum Mode: Sendable {
    /// A line is answered at once, unless it asks for another.
    case prompt
    /// The next line may begin with `|` and go on: a statement is complete when a line behind it is seen, or its `;`.
    case stream
  }

  public init(name: String, mode: Mode, firstLine: Int = 1) {}

  /// Takes any bytes, cut anywhere. Returns the pieces that are complete now.
  public mutating func feed(_ bytes: [UInt8]) -> [SourceText] { [] }

  public mutating func feed(_ text: String) -> [SourceText] { feed(Array(text.utf8)) }

  /// The rest, when the input has ended.
  public mutating func finish() -> SourceText? { nil }

  /// Drops what is unfinished (Ctrl-C at the prompt). Line numbers go on.
  public mutating func discard() {}

  /// Nothing is pending, or only what may end here: false asks for a continuation line.
  public var isComplete: Bool { true }
}

import Diagnostics

/// Cuts a stream of text into pieces that can be parsed by themselves, as it arrives. A piece is one or more whole lines, with
/// the line number they have in the stream, and holds any number of statements.
///
/// A piece longer than `Parser.byteLimit` is cut off and comes out as what the parser refuses; reading goes on at the next line.
public struct StatementReader: Sendable {
  public enum Mode: Sendable {
    /// A line is answered at once, unless it asks for another.
    case prompt
    /// The next line may begin with `|` and go on: a statement is complete when a line behind it is seen, or its `;`.
    case stream
  }

  private let name: String
  private let mode: Mode
  /// Whole lines that are not out yet.
  private var pending: [UInt8] = []
  private var pendingFirstLine: Int
  private var state = LineState()
  /// The line that has no end yet.
  private var line: [UInt8] = []
  private var lineNumber: Int
  /// What is left of the line belongs to a piece that was cut off.
  private var isSkipping = false

  public init(name: String, mode: Mode, firstLine: Int = 1) {
    self.name = name
    self.mode = mode
    self.pendingFirstLine = firstLine
    self.lineNumber = firstLine
  }

  /// Takes any bytes, cut anywhere. Returns the pieces that are complete now.
  public mutating func feed(_ bytes: [UInt8]) -> [SourceText] {
    var pieces: [SourceText] = []
    var rest = bytes[...]
    while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
      take(rest[...newline], &pieces)
      endLine(&pieces)
      rest = rest[(newline + 1)...]
    }
    take(rest, &pieces)
    return pieces
  }

  public mutating func feed(_ text: String) -> [SourceText] { feed(Array(text.utf8)) }

  /// The rest, when the input has ended.
  public mutating func finish() -> [SourceText] {
    var pieces: [SourceText] = []
    if !line.isEmpty { endLine(&pieces) }
    emit(&pieces)
    return pieces
  }

  /// Drops what is unfinished (Ctrl-C at the prompt). Line numbers go on.
  public mutating func discard() {
    pending = []
    line = []
    state = LineState()
  }

  /// Nothing is pending, or only what may end here: false asks for a continuation line.
  public var isComplete: Bool { state.mayEnd && line.isEmpty }

  private mutating func take(_ bytes: ArraySlice<UInt8>, _ pieces: inout [SourceText]) {
    if isSkipping { return }
    line += bytes
    guard pending.count + line.count > Parser.byteLimit else { return }
    pending = Array((pending + line).prefix(Parser.byteLimit + 1))
    state = LineState(last: Token(kind: .end, span: Span(0, 0)))
    emit(&pieces)
    line = []
    isSkipping = true
  }

  private mutating func endLine(_ pieces: inout [SourceText]) {
    defer {
      line = []
      lineNumber += 1
      isSkipping = false
    }
    if isSkipping { return }
    var next = state
    let first = next.read(line)
    if let first, state.mayEnd, !state.isBlank, first.kind != .pipe {
      emit(&pieces)
      _ = state.read(line)
    } else {
      state = next
    }
    if state.isBlank { return }
    if pending.isEmpty { pendingFirstLine = lineNumber }
    pending += first == nil ? [UInt8(ascii: "\n")] : line
    if state.hasEnded || (mode == .prompt && state.mayEnd) { emit(&pieces) }
  }

  private mutating func emit(_ pieces: inout [SourceText]) {
    if !state.isBlank, !pending.isEmpty {
      pieces.append(SourceText(name: name, bytes: pending, firstLine: pendingFirstLine))
    }
    pending = []
    state = LineState()
  }
}

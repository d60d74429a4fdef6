/// How a read ended.
public enum LineResult: Equatable, Sendable {
  /// The statement as typed, without the last newline; it may hold newlines. `isRecalled`: it came out of the history,
  /// edited or not.
  case line(String, isRecalled: Bool = false)
  /// Ctrl-C: what was typed is dropped.
  case interrupted
  /// Ctrl-D on an empty line, or the input has ended.
  case endOfInput
  /// The terminal has gone, or the process was asked to end: save and leave.
  case hangUp
}

/// How a read ended.
public enum LineResult: Equatable, Sendable {
  /// The statement as typed, without the last newline; it may hold newlines.
  case line(String)
  /// Ctrl-C: what was typed is dropped.
  case interrupted
  /// Ctrl-D on an empty line, or the input has ended.
  case endOfInput
  /// The terminal has gone, or the process was asked to end: save and leave.
  case hangUp
}

/// What Tab offers.
public struct Completion: Equatable, Sendable {
  /// How many characters before the cursor a candidate replaces.
  public let replacing: Int
  /// Whole replacements; one is taken at once, of several the common beginning.
  public let candidates: [String]
  /// What a lone candidate is followed by, such as a space.
  public let suffix: String

  public init(replacing: Int, candidates: [String], suffix: String = "") {
    self.replacing = replacing
    self.candidates = candidates
    self.suffix = suffix
  }

  public static let none = Completion(replacing: 0, candidates: [])

  /// The longest text with which all candidates begin.
  var commonPrefix: String {
    guard var prefix = candidates.first else { return "" }
    for candidate in candidates { prefix = String(zip(prefix, candidate).prefix { $0 == $1 }.map(\.0)) }
    return prefix
  }
}

/// What Tab offers.
public struct Completion: Equatable, Sendable {
  public struct Candidate: Equatable, Sendable {
    /// What takes the place of what was typed.
    public let text: String
    /// What the menu calls it; without its quotes, say.
    public let label: String
    /// Beside the label: `(12)`.
    public let note: String
    /// What it is, in a few words.
    public let summary: String
    /// What follows it when it is taken: a space, or nothing inside a path.
    public let suffix: String

    public init(_ text: String, label: String? = nil, note: String = "", summary: String = "", suffix: String = " ") {
      self.text = text
      self.label = label ?? text
      self.note = note
      self.summary = summary
      self.suffix = suffix
    }
  }

  /// How many characters before the cursor a candidate replaces.
  public let replacing: Int
  /// One is taken at once, of several the common beginning; then they are gone through one by one.
  public let candidates: [Candidate]

  public init(replacing: Int, candidates: [Candidate]) {
    self.replacing = replacing
    self.candidates = candidates
  }

  public static let none = Completion(replacing: 0, candidates: [])

  /// The longest text with which all candidates begin.
  var commonPrefix: String {
    guard var prefix = candidates.first?.text else { return "" }
    for candidate in candidates where !candidate.text.hasPrefix(prefix) {
      prefix = String(zip(prefix, candidate.text).prefix { $0 == $1 }.map(\.0))
    }
    return prefix
  }
}

import Foundation

/// What was entered at a prompt, and what became of it.
public struct HistoryRecord: Equatable, Sendable {
  /// How it ended; the raw values are the words of the language.
  public enum Result: String, CaseIterable, Codable, Sendable {
    case done
    case partlyDone = "partly_done"
    case failed
    case cancelled
    /// The person said no.
    case declined
    /// The connection was lost meanwhile: it may or may not have happened.
    case unknown
  }

  /// Unique among all shells.
  public var id: String
  /// The shell it was entered in.
  public var session: String
  public var at: Date
  /// As typed; it may have several lines.
  public var statement: String
  public var project: String?
  public var run: String?
  /// How long it took; nil: it still runs, or its shell ended first. So for `result`.
  public var seconds: Double?
  public var result: Result?
  /// The last action it carried out.
  public var action: Int64?

  public init(
    id: String, session: String, at: Date, statement: String, project: String? = nil, run: String? = nil,
    seconds: Double? = nil, result: Result? = nil, action: Int64? = nil
  ) {
    self.id = id
    self.session = session
    self.at = at
    self.statement = statement
    self.project = project
    self.run = run
    self.seconds = seconds
    self.result = result
    self.action = action
  }
}

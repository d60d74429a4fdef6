import Foundation
import Model
import Orchestrator
import QueryLanguage

/// How a session treats what it is told.
public struct SessionSettings: Sendable {
  /// The name under which actions are recorded.
  public var user: String
  public var media: MediaFolder
  /// Carry out actions on everything without asking.
  public var assumesYes: Bool
  /// Show what actions would do, and do nothing.
  public var isDryRun: Bool
  /// Rows shown at most; nil for all.
  public var rowLimit: Int?
  /// When a person is asked about an action although a condition chose its rows.
  public var confirmation = ConfirmationRule.usual
  /// What the shell does with settings that are its own, as `show` tells them.
  public var ofShell: [SettingName: String] = [:]
  /// Asks the person; nil when nobody is there.
  public var confirm: (@Sendable (Confirmation) async -> Bool)?
  /// Ask before every action: what was recalled from the history is easily run by reflex.
  public var asksBeforeActions = false
  /// Somebody sits there: a read whose connection is lost is sent again, and an action's outcome is looked up.
  public var looksUp = false
  /// What was entered at this user's prompts, oldest first, and which shell this is.
  public var history: @Sendable () -> (records: [HistoryRecord], session: String) = { ([], "") }
  /// Told how long work goes on: done, total, what.
  public var onProgress: @Sendable (Int, Int, String) -> Void
  public var now: @Sendable () -> Date
  private let zone: TimeZone?
  /// This machine's, unless another was named.
  public var timeZone: TimeZone { zone ?? .current }

  public init(
    user: String, media: MediaFolder, assumesYes: Bool = false, isDryRun: Bool = false, rowLimit: Int? = nil,
    confirm: (@Sendable (Confirmation) async -> Bool)? = nil,
    onProgress: @escaping @Sendable (Int, Int, String) -> Void = { _, _, _ in },
    now: @escaping @Sendable () -> Date = { Date() }, timeZone: TimeZone? = nil
  ) {
    self.user = user
    self.media = media
    self.assumesYes = assumesYes
    self.isDryRun = isDryRun
    self.rowLimit = rowLimit
    self.confirm = confirm
    self.onProgress = onProgress
    self.now = now
    zone = timeZone
  }
}

/// Where statements are carried out.
public struct SessionContext: Equatable, Sendable {
  public struct Place: Equatable, Sendable {
    public var id: Int64
    public var name: String

    public init(id: Int64, name: String) {
      self.id = id
      self.name = name
    }
  }

  public var project: Place?
  public var run: Place?

  public init(project: Place? = nil, run: Place? = nil) {
    self.project = project
    self.run = run
  }
}

/// What went wrong between this process and the database. `description` is safe to show and to log: no bound value, no
/// password, no connection string.
public struct PostgresError: Error, Sendable, Equatable {
  /// The sort of failure, for deciding what to do next.
  public enum Kind: Sendable, Equatable {
    /// The server refused the statement, for the reason of this SQLSTATE (five characters).
    case server(sqlState: String)
    /// No connection came about. Nothing was sent.
    case connectionFailed
    /// The connection is gone. What was under way outside a transaction may or may not have taken effect; an open
    /// transaction has not. Nothing is sent again by itself: make a new connection.
    case connectionLost
    /// The connection was lost between COMMIT and its reply: the transaction either happened whole or not at all.
    case outcomeUnknown
    /// The time limit of the call passed; the statement was cancelled on the server.
    case timedOut
    /// The task was cancelled, or somebody called `cancel()`; the statement was cancelled on the server.
    case cancelled
    /// A value did not fit the type it was read as.
    case decoding
    /// The call makes no sense as it stands: a mistake in the program.
    case usage
  }

  public let kind: Kind
  /// One sentence. The server's own may quote a value; `description` does not.
  public let message: String
  /// The server's second sentence. It may quote rows, so it is not part of `description`.
  public let detail: String?
  /// What the server suggests.
  public let hint: String?
  /// Where in the statement's text, in characters from 1.
  public let position: Int?
  /// The constraint that did not hold.
  public let constraint: String?
  /// The table that the error is about.
  public let table: String?
  /// Which statement of a pipeline or script failed, from 0.
  public internal(set) var statementIndex: Int?
  /// `message` with the statement's bound texts taken out.
  let safeMessage: String

  /// An error with the fields that are known; `message` must hold no secret.
  public init(
    _ kind: Kind, _ message: String, detail: String? = nil, hint: String? = nil, position: Int? = nil,
    constraint: String? = nil, table: String? = nil
  ) {
    self.init(
      kind, message, safeMessage: message, detail: detail, hint: hint, position: position, constraint: constraint,
      table: table)
  }

  init(
    _ kind: Kind, _ message: String, safeMessage: String, detail: String? = nil, hint: String? = nil,
    position: Int? = nil, constraint: String? = nil, table: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.safeMessage = safeMessage
    self.detail = detail
    self.hint = hint
    self.position = position
    self.constraint = constraint
    self.table = table
  }

  /// The SQLSTATE, when the server gave one.
  public var sqlState: String? {
    if case .server(let state) = kind { state } else { nil }
  }

  /// The server found no room for what the statement was to write. Nothing of it is there.
  public var isDiskFull: Bool { sqlState == "53100" }

  static let lost = PostgresError(
    .connectionLost, "the connection to the database is lost", hint: "make a new connection; nothing is sent again")
}

extension PostgresError: CustomStringConvertible {
  /// The message without bound values, then SQLSTATE, position, constraint and hint.
  public var description: String {
    var text = safeMessage
    if let sqlState { text += " [\(sqlState)]" }
    if let position { text += " at character \(position)" }
    if let constraint { text += ", constraint \(constraint)" }
    if let hint { text += " (hint: \(hint))" }
    return text
  }
}

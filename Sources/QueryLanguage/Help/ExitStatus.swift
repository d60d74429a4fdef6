/// What the process says by its exit status: the worst of all statements counts. `help exit` and the README are made from it.
public enum ExitStatus: Int32, CaseIterable, Sendable {
  case fine = 0
  case internalError = 1
  case databaseUnreachable = 2
  case statementFailed = 3
  case partlyDone = 4
  case expectationUnmet = 5
  case usage = 64
  case interrupted = 130

  public var summary: String {
    switch self {
    case .fine: "fine"
    case .internalError: "internal error"
    case .databaseUnreachable: "the database cannot be reached"
    case .statementFailed: "a statement failed"
    case .partlyDone: "an action was only partly carried out"
    case .expectationUnmet: "an expect was not met"
    case .usage: "wrong usage"
    case .interrupted: "interrupted"
    }
  }
}

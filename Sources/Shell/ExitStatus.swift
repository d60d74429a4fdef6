/// What the process says by its exit code; the worst of all statements counts.
public enum ExitStatus: Int32, Sendable {
  case fine = 0
  case internalError = 1
  case databaseUnreachable = 2
  case statementFailed = 3
  case partlyDone = 4
  case expectationUnmet = 5
  case usage = 64
  case interrupted = 130
}

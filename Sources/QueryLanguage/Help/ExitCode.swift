/// What the program's exit status says, for `help exit` and the README.
enum ExitCode: Int, CaseIterable {
  case fine = 0
  case internalError = 1
  case noDatabase = 2
  case failed = 3
  case partly = 4
  case unmet = 5
  case usage = 64
  case interrupted = 130

  var summary: String {
    switch self {
    case .fine: "fine"
    case .internalError: "internal error"
    case .noDatabase: "the database cannot be reached"
    case .failed: "a statement failed"
    case .partly: "an action was only partly carried out"
    case .unmet: "an expect was not met"
    case .usage: "wrong usage"
    case .interrupted: "interrupted"
    }
  }
}

/// Which cells `submit` and `resubmit` take; the rest is left alone and counted by status.
public enum SubmissionRule {
  /// Approved and reviewed cells get a new take only when one is asked for.
  public static func taken(takeNew: Bool) -> [CellStatus] {
    let usual: [CellStatus] = [.notStarted, .blocked, .failed, .rejected]
    return takeNew ? usual + [.approved] : usual
  }

  public static let resubmitted: [CellStatus] = [.failed, .rejected]
}

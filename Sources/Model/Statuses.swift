/// Where a cell stands. The order of the cases is the order of the pipeline and of the database's enum `cell_status`.
public enum CellStatus: String, CaseIterable, Codable, Sendable {
  case notStarted = "not_started"
  case blocked, queued, generating
  case qaReview = "qa_review"
  case approved, failed, rejected, skipped
}

/// Where a variant stands. Mirrors the database's enum `variant_status`.
public enum VariantStatus: String, CaseIterable, Codable, Sendable {
  case notStarted = "not_started"
  case queued, generating, review, approved, rejected, failed
}

/// The outcome of an automatic check. Mirrors the database's enum `qa_status`.
public enum QAStatus: String, CaseIterable, Codable, Sendable {
  case pending, passed, failed, waived
}

/// The state of a run, job, segment or delivery. Mirrors the rows of `job_statuses`.
public enum JobStatus: String, CaseIterable, Codable, Sendable {
  case pending, running, paused, completed, failed, cancelled
}

/// What a job does. Mirrors the database's enum `job_kind`; `noop` does nothing and exists to measure the queue.
public enum JobKind: String, CaseIterable, Codable, Sendable {
  case sourceQA = "source_qa"
  case variant, segment
  case sceneQA = "scene_qa"
  case delivery, noop
}

/// The five groups a producer reads at a glance; every cell status belongs to one.
public enum StatusGroup: String, CaseIterable, Sendable {
  case idle, working, review, done, trouble
}

extension CellStatus {
  public var group: StatusGroup {
    switch self {
    case .notStarted, .blocked, .skipped: .idle
    case .queued, .generating: .working
    case .qaReview: .review
    case .approved: .done
    case .failed, .rejected: .trouble
    }
  }

  /// The word people read: `qa_review` is "review" on the screen, all others are themselves with spaces.
  public var word: String {
    switch self {
    case .notStarted: "not started"
    case .qaReview: "review"
    case .blocked, .queued, .generating, .approved, .failed, .rejected, .skipped: rawValue
    }
  }
}

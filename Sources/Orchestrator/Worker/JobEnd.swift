import Model
import Store

/// How one try at a job ended, before the database has heard of it.
enum JobEnd: Equatable, Sendable {
  case sourceChecked(QAFinding)
  case variantGenerated(FileFact, sourceSHA256: String)
  case segmentGenerated(FileFact, lastFrame: String)
  case takeChecked(QAFinding)
  case delivered(bytes: Int64, videos: Int)
  case nothingToDo
  /// `isFinal`: trying again would not help.
  case failed(String, isFinal: Bool)
  /// What it was about has moved on, so nobody wants the result.
  case superseded
  /// The worker stops, or the job was taken from it.
  case cancelled

  /// Whether there is something to keep.
  var isResult: Bool {
    switch self {
    case .sourceChecked, .variantGenerated, .segmentGenerated, .takeChecked, .delivered, .nothingToDo: true
    case .failed, .superseded, .cancelled: false
    }
  }

  /// One sentence; nil when nothing went wrong. The database takes no NUL.
  var error: String? {
    switch self {
    case .failed(let error, _): error.replacing("\0", with: "")
    case .sourceChecked, .variantGenerated, .segmentGenerated, .takeChecked, .delivered, .nothingToDo, .superseded,
      .cancelled:
      nil
    }
  }
}

struct JobReport: Equatable, Sendable {
  var end: JobEnd
  var log = ""
  var exitCode: Int?
  var gpuSeconds = 0.0
  /// Files to remove when the database refuses the result.
  var files: [String] = []

  /// What is left of it when its worker was told to stop meanwhile: what a check found under way is not to be trusted. A
  /// package that has its final name is there, whatever came after.
  var asCancelled: JobReport {
    if case .delivered = end { return self }
    return JobReport(end: .cancelled, log: log, gpuSeconds: gpuSeconds, files: files)
  }
}

/// What follows from an attempt that did not succeed.
enum FailureDecision: Equatable {
  case retryLater
  case giveUp

  static func decide(isLastAttempt: Bool, isFinal: Bool) -> FailureDecision {
    isFinal || isLastAttempt ? .giveUp : .retryLater
  }
}

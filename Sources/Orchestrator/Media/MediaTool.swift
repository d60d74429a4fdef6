import Foundation
import Synchronization

/// An external program could not do its part. A bad picture or video is not such an error but a report.
public enum MediaToolError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(program: String, cause: String)
  case timedOut(program: String, seconds: Int)
  case cancelled
  /// It ended with a bad status; the log is bounded.
  case failed(program: String, log: String)
  case tooMuchOutput(program: String)

  public var description: String {
    switch self {
    case .missing(let program, let cause):
      "\(program) could not be started (\(cause)): apt-get install \(Self.package[program] ?? program)"
    case .timedOut(let program, let seconds): "\(program) took longer than \(seconds) s and was ended"
    case .cancelled: "the job was cancelled"
    case .failed(let program, let log): "\(program) failed: \(Self.lastLine(log))"
    case .tooMuchOutput(let program): "\(program) printed more than can be read"
    }
  }

  private static let package = ["ffprobe": "ffmpeg", "sha256sum": "coreutils"]

  static func lastLine(_ log: String) -> String {
    let line = log.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
    return line.map { String($0.prefix(300)) } ?? "it gave no reason"
  }
}

/// One call of ffmpeg, ffprobe or sha256sum.
struct MediaTool: Sendable {
  var program: String
  var arguments: [String]
  var workingDirectory = "/"
  var timeLimit: Duration

  private static let outputLimit = 16 << 20

  struct Answer: Sendable {
    var output: [UInt8]
    var log: String
    var succeeded: Bool
  }

  /// The whole of standard output, of at most 16 MiB.
  ///
  /// - Throws: `MediaToolError`, but not `failed`.
  func run() async throws(MediaToolError) -> Answer {
    let process = ExternalProcess(
      program: program, arguments: arguments,
      environment: inheritedEnvironment().merging(["AV_LOG_FORCE_NOCOLOR": "1", "LC_ALL": "C"]) { $1 },
      workingDirectory: workingDirectory, timeLimit: timeLimit, grace: .seconds(1))
    let output = Mutex<[UInt8]>([])
    let report = await process.run { bytes in
      output.withLock { if $0.count <= Self.outputLimit { $0.append(contentsOf: bytes) } }
    }
    let collected = output.withLock { $0 }
    switch report.end {
    case .couldNotStart(let cause): throw .missing(program: program, cause: cause)
    case .timedOut: throw .timedOut(program: program, seconds: Int(timeLimit.components.seconds))
    case .cancelled: throw .cancelled
    case .exited(let status):
      guard collected.count <= Self.outputLimit else { throw .tooMuchOutput(program: program) }
      return Answer(output: collected, log: report.log, succeeded: status == 0)
    case .signalled(let number):
      throw .failed(program: program, log: "\(report.log)\nended by signal \(number)")
    }
  }

  /// The same, where a bad status is an error.
  func output() async throws(MediaToolError) -> [UInt8] {
    let answer = try await run()
    guard answer.succeeded else { throw .failed(program: program, log: answer.log) }
    return answer.output
  }
}

extension MediaTool {
  /// Reads of local files only: a playlist that names other places is not followed.
  static let localOnly = ["-protocol_whitelist", "file"]

  static func ffmpeg(_ arguments: [String], timeLimit: Duration) -> MediaTool {
    MediaTool(
      program: "ffmpeg", arguments: ["-v", "error", "-nostdin", "-hide_banner", "-threads", "2"] + arguments,
      timeLimit: timeLimit)
  }

  static func ffprobe(_ arguments: [String], timeLimit: Duration = .seconds(30)) -> MediaTool {
    MediaTool(program: "ffprobe", arguments: ["-v", "error", "-of", "json"] + arguments, timeLimit: timeLimit)
  }

  /// A path as ffmpeg takes it, whatever characters it holds.
  static func input(_ path: String) -> String { "file:" + path }
}

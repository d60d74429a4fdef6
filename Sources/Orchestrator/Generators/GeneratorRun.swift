import Foundation
import Synchronization

/// How a generator ended; see `ProcessEnd`.
public typealias GeneratorEnd = ProcessEnd

/// What is known of a generator when it has ended. Whether it wrote anything is for `ArtifactPublisher` to say.
public struct GeneratorOutcome: Equatable, Sendable {
  public let end: GeneratorEnd
  /// Standard error: the first 4 KiB and the last 64 KiB.
  public let log: String
  /// From start to end.
  public let seconds: Double

  public init(end: GeneratorEnd, log: String, seconds: Double) {
    self.end = end
    self.log = log
    self.seconds = seconds
  }

  /// nil when it exited with status 0; else a sentence for the producer, with the log's last line where it explains.
  public var failure: String? {
    switch end {
    case .exited(0): nil
    case .exited(let status): explained("the generator exited with status \(status)")
    case .signalled(let number): explained("the generator was ended by signal \(number)")
    case .timedOut: "the generator took longer than its time limit and was ended after \(Int(seconds.rounded())) s"
    case .cancelled: "the job was cancelled"
    case .couldNotStart(let cause): "the generator could not be started: \(cause)"
    }
  }

  private func explained(_ fact: String) -> String {
    // Programs go on to complain about what follows from it, so the cause is not always in the last line.
    if log.contains("No space left on device") { return "\(fact): the disk is full; free some space and retry" }
    let lines = log.split(whereSeparator: \.isNewline)
    guard let last = lines.last(where: { $0.contains { !$0.isWhitespace } }) else { return fact }
    return "\(fact): \(last.prefix(300))"
  }
}

extension GeneratorCommand {
  /// Runs one attempt to its end. Cancelling the calling task ends the whole process group.
  ///
  /// - Parameters:
  ///   - values: as `GeneratorValues.variant` and `with` make them; `{output}`'s folder must exist.
  ///   - kind: what it makes.
  ///   - grace: from SIGTERM to SIGKILL.
  ///   - onProgress: gets rising shares from 0 to 1, at most about a hundred, on any thread.
  /// - Returns: how it ended; this never throws, so that every attempt has a result.
  public func run(
    _ values: GeneratorValues, for kind: GeneratorKind, grace: Duration = .seconds(5),
    onProgress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async -> GeneratorOutcome {
    let arguments: [String]
    do {
      arguments = try self.arguments(values, for: kind)
    } catch {
      return GeneratorOutcome(end: .couldNotStart("\(error)"), log: "", seconds: 0)
    }
    guard let first = arguments.first, let folder = values[.projectDirectory] else {
      return GeneratorOutcome(end: .couldNotStart("the command is empty"), log: "", seconds: 0)
    }
    let process = ExternalProcess(
      program: Self.program(first, folder: folder), arguments: Array(arguments.dropFirst()),
      environment: environment(for: values), workingDirectory: folder, timeLimit: timeLimit, grace: grace)
    let lines = Mutex(ProgressLines())
    let report = await process.run { bytes in
      for share in lines.withLock({ $0.append(bytes) }) { onProgress(share) }
    }
    if let share = lines.withLock({ $0.finish() }) { onProgress(share) }
    return GeneratorOutcome(end: report.end, log: report.log, seconds: report.seconds)
  }

  /// Where the template's first element is found: itself when absolute or without a `/`, else below `folder`.
  public static func program(_ element: String, folder: String) -> String {
    guard element.contains("/"), !element.hasPrefix("/") else { return element }
    return folder + "/" + element
  }

  private func environment(for values: GeneratorValues) -> [String: String] {
    inheritedEnvironment()
      .merging(environment) { _, declared in declared }
      .merging(values.environment) { _, contract in contract }
  }
}

/// The few variables that external programs get from this process.
func inheritedEnvironment() -> [String: String] {
  let own = ProcessInfo.processInfo.environment
  return [
    "PATH": own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    "HOME": own["HOME"] ?? "/",
    "LANG": own["LANG"] ?? "C.UTF-8",
  ]
}

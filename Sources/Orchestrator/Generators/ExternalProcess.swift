import Foundation
import Subprocess

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable {
  case exited(Int32)
  /// By a signal that Callsheet did not send.
  case signalled(Int32)
  case timedOut
  case cancelled
  /// A sentence with the cause and what to do.
  case couldNotStart(String)
}

/// One external process: what to run, where, for how long.
struct ExternalProcess: Sendable {
  /// An absolute path, or a name that is looked up in the `PATH` of `environment`.
  var program: String
  var arguments: [String]
  var environment: [String: String]
  var workingDirectory: String
  var timeLimit: Duration
  /// From SIGTERM to SIGKILL.
  var grace: Duration = .seconds(5)

  struct Report: Sendable {
    var end: ProcessEnd
    /// Standard error, bounded.
    var log: String
    var seconds: Double
  }

  /// Runs it to its end, at the latest the time limit's or that of the calling task's cancellation, plus the grace.
  /// When this returns, no process of its group is left. `onOutput` gets standard output piece by piece, in order.
  func run(onOutput: @escaping @Sendable ([UInt8]) -> Void = { _ in }) async -> Report {
    let clock = ContinuousClock()
    let start = clock.now
    if Task.isCancelled { return Report(end: .cancelled, log: "", seconds: 0) }
    let group = ProcessGroup()
    // Tasks of their own: cancellation is turned into signals, and must not take the readers away from the process.
    let work = Task { await spawn(in: group, onOutput: onOutput) }
    let (end, log) = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      Task { await group.stop(.cancelled, grace: grace) }
    }
    return Report(end: end, log: log, seconds: (clock.now - start) / .seconds(1))
  }

  private func spawn(
    in group: ProcessGroup, onOutput: @escaping @Sendable ([UInt8]) -> Void
  ) async -> (ProcessEnd, String) {
    if let problem = startProblem() { return (.couldNotStart(problem), "") }
    var options = PlatformOptions()
    options.processGroupID = 0
    do {
      let result = try await Subprocess.run(
        program.contains("/") ? .path(literal(program)) : .name(program), arguments: Arguments(arguments),
        environment: .custom(
          Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })),
        workingDirectory: literal(workingDirectory), platformOptions: options, input: .none, output: .sequence,
        error: .sequence
      ) { execution in
        await follow(execution, in: group, onOutput: onOutput)
      }
      return (end(result.terminationStatus, group.reason), result.closureResult)
    } catch {
      return (.couldNotStart(startProblem(error)), "")
    }
  }

  private func end(_ status: TerminationStatus, _ reason: StopReason?) -> ProcessEnd {
    switch (reason, status) {
    case (.timedOut, _): .timedOut
    case (.cancelled, _): .cancelled
    case (nil, .exited(let code)): .exited(code)
    case (nil, .signaled(let number)): .signalled(number)
    }
  }
}

// MARK: - While it runs

extension ExternalProcess {
  /// Reads both streams until the process has ended, then ends its group. Returns the log.
  private func follow(
    _ execution: Execution<NoInput, SequenceOutput, SequenceOutput>, in group: ProcessGroup,
    onOutput: @escaping @Sendable ([UInt8]) -> Void
  ) async -> String {
    let leader = execution.processIdentifier.value
    group.begin(leader: leader)
    let guardian = Task { await guardGroup(of: leader) }
    // From here, not from the call: on a busy machine a process may wait for its start.
    let limit = Task {
      guard (try? await Task.sleep(for: timeLimit)) != nil else { return }
      await group.stop(.timedOut, grace: grace)
    }
    // A child that outlives the leader may hold the streams open, or flood them; its group ends with the leader.
    let watch = Task {
      if await waitForEnd(of: leader, longestPause: .milliseconds(50), shortestPause: .milliseconds(50)) {
        group.finish()
      }
    }
    async let log = readLog(execution.standardError, group)
    await read(execution.standardOutput, group) { onOutput($0) }
    let text = await log.text
    watch.cancel()
    _ = await waitForEnd(of: leader, longestPause: .milliseconds(50), shortestPause: .milliseconds(1))
    group.finish()
    limit.cancel()
    guardian.cancel()
    await guardian.value
    return text
  }

  private func readLog(_ stream: SubprocessOutputSequence, _ group: ProcessGroup) async -> BoundedLog {
    var log = BoundedLog()
    await read(stream, group) { log.append($0) }
    return log
  }

  private func read(
    _ stream: SubprocessOutputSequence, _ group: ProcessGroup, _ consume: ([UInt8]) -> Void
  ) async {
    // What the pipe still holds when the group has ended; more than that comes from a process that left the group.
    var allowance = 1 << 20
    do {
      for try await buffer in stream {
        let bytes = buffer.withUnsafeBytes { Array($0) }
        consume(bytes)
        if group.isFinished {
          allowance -= bytes.count
          if allowance <= 0 { return }
        }
      }
    } catch {
      // A stream that breaks ends like one that is closed; the exit status tells the rest.
    }
  }

  /// False when the calling task was cancelled first.
  private func waitForEnd(of child: pid_t, longestPause: Duration, shortestPause: Duration) async -> Bool {
    var pause = shortestPause
    while !hasEnded(child) {
      guard (try? await Task.sleep(for: pause)) != nil else { return false }
      pause = min(pause * 2, longestPause)
    }
    return true
  }
}

// MARK: - When this process dies first

/// Kills the group when this process dies, even by SIGKILL: the guard's standard input is a pipe whose other end only
/// this process holds, so the end of that stream is the end of this process. The parent-death signal of Linux would
/// reach the leader alone, not its children. Ends (by SIGKILL to the guard) when the calling task is cancelled.
private func guardGroup(of leader: pid_t) async {
  let script = #"read -r _; kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1""#
  var options = PlatformOptions()
  options.processGroupID = 0
  _ = try? await Subprocess.run(
    .path(literal("/bin/sh")), arguments: ["-c", script, "callsheet-guard", String(leader)],
    environment: .custom(["PATH": "/usr/bin:/bin"]), workingDirectory: literal("/"), platformOptions: options,
    input: .inputWriter, output: .discarded, error: .discarded
  ) { execution in
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    // Before its stream is closed: the group it would signal is gone, and the number may soon be another's.
    try? execution.send(signal: .kill)
  }
}

// MARK: - When it does not start

extension ExternalProcess {
  /// What can be told before trying, with a better sentence than the system's.
  private func startProblem() -> String? {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    if !files.fileExists(atPath: workingDirectory, isDirectory: &isFolder) || !isFolder.boolValue {
      return "the working directory \(workingDirectory) is not there"
    }
    guard program.contains("/") else { return nil }
    if !files.fileExists(atPath: program, isDirectory: &isFolder) { return "\(program) is not there" }
    if isFolder.boolValue { return "\(program) is a folder" }
    if !files.isExecutableFile(atPath: program) {
      return "\(program) may not be executed: chmod +x \(program)"
    }
    return nil
  }

  private func startProblem(_ error: any Error) -> String {
    guard let error = error as? SubprocessError else { return "\(program): \(error)" }
    if error.code == .executableNotFound {
      return program.contains("/")
        ? "\(program) cannot be run: is the program in its first line (#!) installed?"
        : "\(program) is not in \(environment["PATH"] ?? "PATH")"
    }
    return "\(program) cannot be run: \(error)"
  }
}

/// A value of a type that is only known by its literals: the library's path type comes from a package this one does not
/// depend on.
private func literal<Value: ExpressibleByStringLiteral>(_ text: Value.StringLiteralType) -> Value {
  Value(stringLiteral: text)
}

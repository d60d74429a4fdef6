import Foundation
import Testing

/// How a process ended and what it said.
package struct Ending: Sendable {
  /// The exit code; 128 and the signal's number when a signal ended it.
  package var status: Int32
  package var output: String
  package var errors: String

  /// Standard output as one JSON value.
  package func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
  }

  /// Standard output as an array of objects.
  package func rows() throws -> [[String: Any]] { try #require(try json() as? [[String: Any]]) }
}

/// A process that a test started. What it writes goes to files, so that it never waits for a reader.
package final class Invocation: Sendable {
  private let process: ChildProcess
  private let words: [String]
  private let input: Descriptor
  /// A second reader of its standard input, so that what is typed at a process that has ended is no SIGPIPE for the tests.
  private let reader: Descriptor
  private let outputFile: String
  private let errorsFile: String

  package init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String, files: String
  ) throws {
    words = [program] + arguments
    outputFile = files + ".out"
    errorsFile = files + ".err"
    let pipe = try PipeEnds()
    (input, reader) = (Descriptor(pipe.writing), Descriptor(pipe.reading))
    let (output, errors) = (try Self.file(outputFile), try Self.file(errorsFile))
    process = try ChildProcess(
      program, arguments, environment: environment, folder: folder, input: pipe.reading, output: output.value,
      errors: errors.value)
  }

  private static func file(_ path: String) throws -> Descriptor {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    return Descriptor(descriptor)
  }

  package var id: pid_t { process.id }
  package var isRunning: Bool { process.status == nil }
  package var output: String { Self.text(outputFile) }
  package var errors: String { Self.text(errorsFile) }

  private static func text(_ path: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self)
  }

  /// Puts at most 64 KiB on its standard input, which a pipe takes at once.
  package func type(_ bytes: [UInt8]) { _ = write(input.value, bytes, bytes.count) }

  package func type(_ text: String) { type(Array(text.utf8)) }

  package func endInput() { input.close() }

  package func signal(_ number: Int32) { process.signal(number) }

  /// Waits for its end. One that takes longer than the limit is killed, and the test fails.
  @discardableResult
  package func ended(within seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation) async -> Ending {
    if await !eventually(within: seconds, { !self.isRunning }) {
      Issue.record(
        "\(words) goes on after \(seconds) s; it said:\n\(output)\(errors)", sourceLocation: sourceLocation)
    }
    stop()
    return Ending(status: process.status ?? -1, output: output, errors: errors)
  }

  /// Ends it for good if it still runs.
  package func stop() {
    process.kill()
    input.close()
    reader.close()
  }
}

/// Looks again and again until it holds, for a time that is only ever used up when something is broken: at first after a
/// millisecond, then more and more rarely, up to every ten.
package func eventually(within seconds: Double = 60, _ condition: () async throws -> Bool) async rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  var pause = Duration.milliseconds(1)
  while true {
    if try await condition() { return true }
    if ContinuousClock.now > deadline { return false }
    try? await Task.sleep(for: pause)
    pause = min(pause * 1.5, .milliseconds(10))
  }
}

/// Whether no such process runs; one that ended but was not reaped by its new parent counts as gone.
package func isGone(_ process: pid_t) -> Bool {
  guard kill(process, 0) == 0 else { return true }
  let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
  return state?.split(separator: ")").last?.hasPrefix(" Z") ?? true
}

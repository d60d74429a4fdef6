import Foundation
import Testing

/// How a process ended and what it said.
struct Ending: Sendable {
  /// The exit code; 128 and the signal's number when a signal ended it.
  var status: Int32
  var output: String
  var errors: String

  /// Standard output as one JSON value.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
  }

  /// Standard output as an array of objects.
  func rows() throws -> [[String: Any]] { try #require(try json() as? [[String: Any]]) }
}

/// A process that a test started. What it writes goes to files, so that it never waits for a reader.
final class Invocation: @unchecked Sendable {
  // Unchecked: `Process` answers from any thread, and only `close` and `type` change anything, which the one test calls.
  private let process = Process()
  private let input = Pipe()
  /// A second reader of its standard input, so that what is typed at a process that has ended is no SIGPIPE for the tests.
  private let reader: Int32
  private let outputFile: String
  private let errorsFile: String

  deinit { close(reader) }

  init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String, files: String
  ) throws {
    outputFile = files + ".out"
    errorsFile = files + ".err"
    reader = fcntl(input.fileHandleForReading.fileDescriptor, F_DUPFD_CLOEXEC, 3)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = input
    process.standardOutput = try Self.file(outputFile)
    process.standardError = try Self.file(errorsFile)
    try process.run()
  }

  private static func file(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try #require(FileHandle(forWritingAtPath: path))
  }

  var id: pid_t { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var output: String { Self.text(outputFile) }
  var errors: String { Self.text(errorsFile) }

  private static func text(_ path: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self)
  }

  /// Puts at most 64 KiB on its standard input, which a pipe takes at once.
  func type(_ bytes: [UInt8]) { try? input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

  func type(_ text: String) { type(Array(text.utf8)) }

  func endInput() { try? input.fileHandleForWriting.close() }

  func signal(_ number: Int32) { kill(id, number) }

  /// Waits for its end. One that takes longer than the limit is killed, and the test fails.
  @discardableResult
  func ended(within seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation) async -> Ending {
    if await !eventually(within: seconds, { !self.isRunning }) {
      Issue.record(
        "\(process.arguments ?? []) goes on after \(seconds) s; it said:\n\(output)\(errors)",
        sourceLocation: sourceLocation)
      stop()
    }
    let signalled = !isRunning && process.terminationReason == .uncaughtSignal
    let code = isRunning ? -1 : process.terminationStatus
    return Ending(status: signalled ? 128 + code : code, output: output, errors: errors)
  }

  /// Ends it for good if it still runs.
  func stop() {
    if isRunning {
      signal(SIGKILL)
      process.waitUntilExit()
    }
    endInput()
  }
}

/// Looks again and again until it holds, for a time that is only ever used up when something is broken.
func eventually(within seconds: Double = 60, _ condition: () async throws -> Bool) async rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while true {
    if try await condition() { return true }
    if ContinuousClock.now > deadline { return false }
    try? await Task.sleep(for: .milliseconds(10))
  }
}

/// Whether no such process runs; one that ended but was not reaped by its new parent counts as gone.
func isGone(_ process: pid_t) -> Bool {
  guard kill(process, 0) == 0 else { return true }
  let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
  return state?.split(separator: ")").last?.hasPrefix(" Z") ?? true
}

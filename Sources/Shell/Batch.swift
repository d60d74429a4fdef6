import Diagnostics
import Foundation
import QueryLanguage
import Session
import Synchronization
import Terminal

/// Where statements come from when nobody types them.
public enum BatchSource: Equatable, Sendable {
  case statement(String)
  case file(String)
  case standardInput
}

/// Runs statements from the command line, files and standard input, in that order of the list, as they arrive.
public struct Batch {
  let sources: [BatchSource]
  /// Go on after a statement that failed.
  let goesOn: Bool

  public init(sources: [BatchSource], goesOn: Bool) {
    self.sources = sources
    self.goesOn = goesOn
  }

  /// Returns false when it stopped at a failure.
  /// - Throws: as `StatementRunner.run`.
  @discardableResult
  public func run(_ runner: StatementRunner) async throws -> Bool {
    for source in sources {
      let isFine: Bool
      switch source {
      case .statement(let text):
        isFine = try await runner.run([SourceText(name: "-c", text: text)], goesOn: goesOn)
      case .file(let path):
        isFine = try await runner.run(ScriptCall(file: path), goesOn: goesOn)
      case .standardInput:
        isFine = try await read(FileHandle.standardInput, name: "<stdin>", runner)
      }
      if !isFine && !goesOn { return false }
    }
    return true
  }

  func read(file path: String, name: String, _ runner: StatementRunner) async throws -> Bool {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard isThere, !isFolder.boolValue, let file = FileHandle(forReadingAtPath: path) else {
      try runner.presenter.show([
        Diagnostic(
          code: "unreadable_file",
          message: isFolder.boolValue ? "\(path) is a folder" : "the file \(path) cannot be read",
          hints: ["check the path and its permissions"])
      ])
      runner.record(.statementFailed)
      return false
    }
    defer { try? file.close() }
    return try await read(file, name: name, runner)
  }

  private func read(_ file: FileHandle, name: String, _ runner: StatementRunner) async throws -> Bool {
    var reader = StatementReader(name: name, mode: .stream)
    var isFine = true
    for try await chunk in Chunks(descriptor: file.fileDescriptor) {
      isFine = try await runner.run(reader.feed(chunk), goesOn: goesOn) && isFine
      if !isFine && !goesOn { return false }
    }
    // What stands unfinished when somebody interrupts is not to be run.
    try Task.checkCancellation()
    return try await runner.run(reader.finish(), goesOn: goesOn) && isFine
  }

  func read(text: String, name: String, _ runner: StatementRunner) async throws -> Bool {
    var reader = StatementReader(name: name, mode: .stream)
    return try await runner.run(reader.feed(text) + reader.finish(), goesOn: goesOn)
  }
}

/// The bytes of a descriptor as they arrive, read on a thread that may wait.
private struct Chunks: AsyncSequence {
  let descriptor: Int32

  struct Iterator: AsyncIteratorProtocol {
    let descriptor: Int32

    /// nil at the end, and when the task is cancelled while nothing comes.
    /// - Throws: `DiagnosticError` when it cannot be read on.
    mutating func next() async throws -> [UInt8]? {
      let descriptor = descriptor
      let flag = Flag()
      let bytes = try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          Thread.detachNewThread { continuation.resume(with: Result { try Self.read(descriptor, flag) }) }
        }
      } onCancel: {
        flag.set()
      }
      return bytes.isEmpty ? nil : bytes
    }

    /// Looks at the flag ten times a second while nothing comes.
    private static func read(_ descriptor: Int32, _ flag: Flag) throws -> [UInt8] {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      while poll(&waiting, 1, 100) <= 0 {
        if flag.isSet { return [] }
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      var count = -1
      repeat { count = Foundation.read(descriptor, &buffer, buffer.count) } while count < 0 && errno == EINTR
      if count < 0 {
        let cause = String(cString: strerror(errno))
        throw DiagnosticError(
          Diagnostic(
            code: "unreadable_file", message: "the rest cannot be read: \(cause)", hints: ["what came before was run"]))
      }
      return Array(buffer[..<count])
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(descriptor: descriptor) }
}

/// Set once, from any thread.
private final class Flag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }
}

import Glibc

/// Shows text that is taller than the screen through the user's pager.
public struct Pager: Sendable {
  /// The command, as a shell reads it; nil when nothing is to be paged.
  public let command: String?
  private let environment: [String: String]

  /// `PAGER`, else `less`; an empty `PAGER`, or `cat`, pages nothing. `LESS` is set to `FRSX` unless it is set: colours
  /// pass, long lines scroll sideways, and what fits on the screen is only printed.
  public init(environment: [String: String]) {
    self.init(command: environment["PAGER"] ?? "less", environment: environment)
  }

  /// With a command instead of `PAGER`; nil pages nothing.
  public init(command named: String?, environment: [String: String]) {
    let named = named.map { $0.filter { $0 != "\n" } } ?? ""
    command = named.allSatisfy(\.isWhitespace) || named == "cat" ? nil : named
    // What is typed ahead for the prompt must not become a command of the pager.
    self.environment = environment.merging(["LESS": "FRSX", "LESSSECURE": "1"]) { own, _ in own }
  }

  /// Writes `text` through the pager when it has more lines than the screen has rows, or is wider (`width` is the
  /// columns of its widest line), else directly to `sink`. Returns when the pager is left. A pager that cannot be started
  /// is no reason to lose the text.
  ///
  /// - Throws: `OutputError` when the text can be written nowhere.
  public func show(_ text: String, width: Int, to sink: OutputSink) async throws(OutputError) {
    guard let command, let size = TerminalSize.of(sink.descriptor), isTaller(text, width, size) else {
      return try sink.write(text)
    }
    sink.gate?.pass()
    let environment = environment
    let wasShown = await withCheckedContinuation { continuation in
      let started = startDetachedThread {
        continuation.resume(returning: PagerProcess.run(command, environment, text, output: sink.descriptor))
      }
      if !started { continuation.resume(returning: false) }
    }
    if !wasShown { try sink.write(text) }
  }

  private func isTaller(_ text: String, _ width: Int, _ size: TerminalSize) -> Bool {
    // The next prompt takes a row as well.
    width > size.columns || text.utf8.count { $0 == 0x0A } >= size.rows
  }
}

private enum PagerProcess {
  /// False when it could not be started, or the shell did not find the command.
  static func run(_ command: String, _ environment: [String: String], _ text: String, output: Int32) -> Bool {
    guard let pipe = openPipe() else { return false }
    let process = ChildProcess.spawn(command, environment, input: pipe.readEnd, output: output)
    close(pipe.readEnd)
    guard let process else {
      close(pipe.writeEnd)
      return false
    }
    // Ctrl-C is the pager's own; a request to end is passed on to it, so that this wait ends too.
    let claim = SignalRelay.shared.claim([.interrupt, .terminate, .hangUp]) { signal in
      if signal != .interrupt { kill(process, SIGTERM) }
    }
    defer { claim.release() }
    // Leaving the pager before the end of the text closes the pipe: that is no error.
    try? OutputSink(pipe.writeEnd).write(text)
    close(pipe.writeEnd)
    let exitCode = ChildProcess.exitCode(of: process)
    return exitCode != 126 && exitCode != 127
  }
}

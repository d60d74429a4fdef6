import Foundation
import Testing

/// The one connection over which a window's keys and looks go. Starting a program for each look costs more than the look.
final class TmuxConnection {
  private let process: ChildProcess
  private let commands: Descriptor
  private let replies: Descriptor
  private var unread: [UInt8] = []

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// To a server that runs.
  init(_ home: TestHome, socket: String) throws {
    let (input, output) = (try PipeEnds(), try PipeEnds())
    (commands, replies) = (Descriptor(input.writing), Descriptor(output.reading))
    let (itsInput, itsOutput) = (Descriptor(input.reading), Descriptor(output.writing))
    process = try ChildProcess(
      "/usr/bin/env", ["tmux", "-u", "-S", socket, "-C", "attach-session", "-f", "no-output,ignore-size"],
      environment: home.environment, folder: home.path, input: itsInput.value, output: itsOutput.value,
      errors: itsOutput.value)
    EndOfRun.note(process.id, of: home.path)
    _ = fcntl(replies.value, F_SETFL, O_NONBLOCK)
  }

  deinit { process.kill() }

  /// What a command of tmux prints; it is one line.
  @discardableResult
  func ask(_ command: String) async throws -> String {
    let line = Array((command + "\n").utf8)
    // A server that has gone is noticed when no reply comes; its client's end of the pipe is closed then.
    guard process.status == nil, write(commands.value, line, line.count) == line.count else {
      throw Failed(description: "tmux has gone before: \(command)")
    }
    var reply: [Substring]?
    let came = try await eventually(within: 30) {
      receive()
      reply = takeReply()
      if reply == nil, process.status != nil { throw Failed(description: "tmux has gone: \(command)") }
      return reply != nil
    }
    guard came, let lines = reply else { throw Failed(description: "no reply to: \(command)") }
    if lines.last?.hasPrefix("%error") == true { throw Failed(description: "\(command): \(lines.dropLast())") }
    return lines.dropLast().joined(separator: "\n")
  }

  /// Waits until the server and so this connection has ended.
  func ended() async -> Bool { await eventually(within: 30) { self.process.status != nil } }

  private func receive() {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = read(replies.value, &bytes, bytes.count)
      if count <= 0 { return }
      unread += bytes.prefix(count)
    }
  }

  /// The lines of the first whole reply to a command of ours, its end line last; `%begin TIME NUMBER 1` stands before it.
  /// What tmux says unasked, or to itself (its flag is 0), is passed over.
  private func takeReply() -> [Substring]? {
    let text = String(decoding: unread, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard let begin = lines.firstIndex(where: { $0.hasPrefix("%begin ") && $0.hasSuffix(" 1") }) else { return nil }
    let marks = ["%end", "%error"].map { $0 + lines[begin].dropFirst("%begin".count) }
    guard let end = lines[(begin + 1)...].firstIndex(where: { marks.contains(String($0)) }) else { return nil }
    unread.removeFirst(lines[...end].reduce(0) { $0 + $1.utf8.count + 1 })
    return Array(lines[(begin + 1)...end])
  }
}

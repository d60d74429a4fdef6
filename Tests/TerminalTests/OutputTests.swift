import Foundation
import Glibc
import Terminal
import Testing

@Suite(.timeLimit(.minutes(2)))
struct OutputTests {
  private func openPipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  @Test func `A reader that has gone is told as closed`() throws {
    SignalRelay.ignoreBrokenPipe()
    let ends = try openPipe()
    close(ends.read)
    defer { close(ends.write) }
    #expect(throws: OutputError.closed) { try OutputSink(ends.write).write("text") }
  }

  @Test func `Everything arrives in order at a slow reader, though the descriptor does not block`() async throws {
    let ends = try openPipe()
    _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
    let text = (0..<60_000).map { "line \($0)\n" }.joined()
    let reading = Task.detached { () -> Data in
      var all = Data()
      var bytes = [UInt8](repeating: 0, count: 3000)
      while true {
        let count = read(ends.read, &bytes, bytes.count)
        if count <= 0 { return all }
        all += bytes.prefix(count)
        usleep(20)
      }
    }
    try OutputSink(ends.write).write(text)
    close(ends.write)
    #expect(await reading.value == Data(text.utf8))
    close(ends.read)
  }

  @Test func `A reader that takes nothing is not waited for without end`() throws {
    let ends = try openPipe()
    defer {
      close(ends.read)
      close(ends.write)
    }
    _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
    #expect(throws: OutputError.failed(errno: ETIMEDOUT)) {
      try OutputSink(ends.write, patience: .milliseconds(50)).write(String(repeating: "x", count: 1_000_000))
    }
  }

  @Test func `A pipe is no terminal, a terminal knows its size`() throws {
    let ends = try openPipe()
    #expect(TerminalSize.of(ends.read) == nil)
    let terminal = try TypistTerminal(columns: 97, rows: 31)
    #expect(TerminalSize.of(terminal.slave) == TerminalSize(columns: 97, rows: 31))
    close(ends.read)
    close(ends.write)
  }

  @Test func `Raw mode is given back at the end of its life`() throws {
    let terminal = try TypistTerminal()
    func echoes() -> Bool {
      var attributes = termios()
      tcgetattr(terminal.slave, &attributes)
      return attributes.c_lflag & tcflag_t(ECHO) != 0
    }
    do {
      let mode = try #require(RawMode(terminal.slave))
      #expect(!echoes())
      _ = mode
    }
    #expect(echoes())
  }

  @Test func `What is taller than the screen goes through the pager`() async throws {
    let terminal = try TypistTerminal(columns: 80, rows: 5)
    let sink = OutputSink(terminal.slave)
    let pager = Pager(environment: ["PAGER": "sed s/^/paged:/", "PATH": "/usr/bin:/bin"])
    try await pager.show("a\nb\n", width: 1, to: sink)
    await terminal.waitFor("a\nb")
    try await pager.show("1\n2\n3\n4\n5\n", width: 1, to: sink)
    await terminal.waitFor("paged:1\npaged:2\npaged:3\npaged:4\npaged:5")
  }

  @Test func `A pager that is left early is no error, one that is missing loses no text`() async throws {
    let terminal = try TypistTerminal(columns: 80, rows: 5)
    let sink = OutputSink(terminal.slave)
    SignalRelay.ignoreBrokenPipe()
    let environment = ["PATH": "/usr/bin:/bin"]
    let long = (0..<100_000).map { "line \($0)\n" }.joined()
    try await Pager(environment: environment.merging(["PAGER": "head -n 1"]) { $1 }).show(long, width: 10, to: sink)
    await terminal.waitFor("line 0")
    try await Pager(environment: environment.merging(["PAGER": "no-such-pager 2>/dev/null"]) { $1 })
      .show("1\n2\n3\n4\nlast\n", width: 4, to: sink)
    await terminal.waitFor("\nlast")
  }

  @Test func `An empty PAGER and cat page nothing`() {
    #expect(Pager(environment: ["PAGER": ""]).command == nil)
    #expect(Pager(environment: ["PAGER": "cat"]).command == nil)
    #expect(Pager(environment: [:]).command == "less")
  }
}

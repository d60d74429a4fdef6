import Foundation
import Glibc
import Synchronization
import Terminal
import Testing

/// In a process of their own, whose controlling terminal is the test's: keys become signals as they do for a person.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SignalTests {
  private static func controlling() throws -> TypistTerminal {
    let terminal = try TypistTerminal()
    try #require(setsid() > 0)
    try #require(ioctl(terminal.slave, UInt(TIOCSCTTY), 0) == 0)
    return terminal
  }

  @Test func `Ctrl-C drops the line and keeps the shell`() async {
    await #expect(processExitsWith: .success) {
      let terminal = try SignalTests.controlling()
      let editor = try terminal.editor()
      let dropped = try await terminal.read(editor) {
        await terminal.waitFor(">")
        terminal.type("half a state")
        await terminal.waitFor("> half a state")
        terminal.type("\u{3}")
      }
      #expect(dropped == .interrupted)
      let next = try await terminal.read(editor) {
        await terminal.waitUntil("a fresh prompt") { terminal.screen.hasSuffix("> half a state^C\n>") }
        terminal.type("whole\r")
      }
      #expect(next == .line("whole"))
    }
  }

  @Test func `Ctrl-C inside a search of the history drops the line`() async {
    await #expect(processExitsWith: .success) {
      let terminal = try SignalTests.controlling()
      let editor = try terminal.editor()
      let dropped = try await terminal.read(editor) {
        await terminal.waitFor(">")
        terminal.type("\u{12}ce")
        await terminal.waitUntil("the search") { terminal.screen.contains("bck") }
        terminal.type("\u{3}")
      }
      #expect(dropped == .interrupted)
      let next = try await terminal.read(editor) {
        await terminal.waitUntil("a fresh prompt") { terminal.screen.hasSuffix("\n>") }
        terminal.type("whole\r")
      }
      #expect(next == .line("whole"))
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `A request to end ends the read, so that the shell can save`(signal: Int32) async {
    await #expect(processExitsWith: .success) { [signal] in
      let terminal = try SignalTests.controlling()
      let editor = try terminal.editor()
      let result = try await terminal.read(editor) {
        await terminal.waitFor(">")
        terminal.type("half")
        await terminal.waitFor("> half")
        kill(getpid(), signal)
      }
      #expect(result == .hangUp)
      var attributes = termios()
      tcgetattr(terminal.slave, &attributes)
      #expect(attributes.c_lflag & tcflag_t(ECHO) != 0)
    }
  }

  @Test func `Outside a read Ctrl-C goes to whoever claimed it before`() async {
    await #expect(processExitsWith: .success) {
      let terminal = try SignalTests.controlling()
      let received = Mutex<[TerminalSignal]>([])
      let claim = SignalRelay.shared.claim([.interrupt]) { signal in received.withLock { $0.append(signal) } }
      let editor = try terminal.editor()
      _ = try await terminal.read(editor) {
        await terminal.waitFor(">")
        terminal.type("\u{3}")
      }
      #expect(received.withLock { $0 }.isEmpty)
      terminal.type("\u{3}")
      await terminal.waitUntil("the signal") { received.withLock { $0 } == [.interrupt] }
      claim.release()
    }
  }

  @Test func `Without a claim a signal has its ordinary effect`() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      SignalRelay.shared.claim([.terminate]) { _ in }.release()
      kill(getpid(), SIGTERM)
      sleep(10)
    }
  }

  @Test(arguments: [
    "bind -v", "bind ^J ed-newline\nbind ^M ed-newline", "callsheet:bind ^I ed-insert\nothers:nonsense",
  ])
  func `The user's editrc is read, and cannot take away what Enter and a paste mean`(editrc: String) async {
    await #expect(processExitsWith: .success) { [editrc] in
      let home = NSTemporaryDirectory() + "callsheet-home-\(getpid())"
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: home) }
      try (editrc + "\nbind -s ^T typed\n").write(toFile: home + "/.editrc", atomically: true, encoding: .utf8)
      let terminal = try SignalTests.controlling()
      setenv("HOME", home, 1)
      let editor = try terminal.editor { settings in
        settings.readsEditrc = true
        settings.isComplete = { !$0.hasSuffix("|") }
      }
      let result = try await terminal.read(editor) {
        await terminal.waitUntil("the prompt") { terminal.screen.hasSuffix(">") }
        terminal.type("\u{14} |\r\u{1B}[200~a\rb\u{1B}[201~")
        await terminal.waitFor("> typed |\na\nb")
        terminal.type("\r")
      }
      #expect(result == .line("typed |\na\nb"))
    }
  }

  @Test func `In the C locale UTF-8 is read all the same`() async {
    await #expect(processExitsWith: .success) {
      setenv("LC_ALL", "C", 1)
      prepareLocale()
      #expect(String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8")
    }
  }
}

import Foundation
import Glibc
import Synchronization
import Terminal
import Testing

/// A terminal with someone typing at it: the test holds the one end, a line editor reads at the other.
final class TypistTerminal: Sendable {
  let master: Int32
  let slave: Int32
  private let seen: Mutex<(screen: Screen, raw: String)>

  private let isGone = Atomic(false)

  /// As a window that is closed.
  func hangUp() { isGone.store(true, ordering: .relaxed) }

  private static let environment: Void = {
    setenv("TERM", "xterm", 1)
    unsetenv("EDITRC")
    prepareLocale()
    if String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
  }()

  init(columns: Int = 80, rows: Int = 24) throws {
    _ = TypistTerminal.environment
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var number: Int32 = 0
    var lock: Int32 = 0
    let isOpen = ioctl(master, UInt(0x4004_5431), &lock) == 0  // TIOCSPTLCK
    let isNamed = ioctl(master, UInt(0x8004_5430), &number) == 0  // TIOCGPTN
    try #require(isOpen && isNamed)
    slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    seen = Mutex((Screen(columns: columns), ""))
    setSize(columns: columns, rows: rows)
    let collector = Thread { [self] in collect() }
    collector.start()
  }

  private func collect() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    var rest: [UInt8] = []
    while true {
      // A blocked read would keep the terminal alive after `hangUp`.
      var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, 20) == 0 {
        if !isGone.load(ordering: .relaxed) { continue }
        close(master)
        return
      }
      let count = Glibc.read(master, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest += bytes.prefix(count)
      // The end of a read may cut a character in two.
      var whole = rest.count
      while whole > 0, rest.count - whole < 4, String(validating: rest.prefix(whole), as: UTF8.self) == nil {
        whole -= 1
      }
      let text = String(decoding: rest.prefix(whole), as: UTF8.self)
      rest.removeFirst(whole)
      seen.withLock { seen in
        seen.screen.feed(text)
        seen.raw += text
      }
    }
  }

  func editor(_ change: (inout LineEditor.Settings) -> Void = { _ in }) throws -> LineEditor {
    var settings = LineEditor.Settings(input: slave, output: slave, readsEditrc: false)
    change(&settings)
    return try LineEditor(settings)
  }

  func type(_ keys: String) {
    try? OutputSink(master).write(keys)
  }

  var screen: String { seen.withLock { $0.screen.text } }
  var raw: String { seen.withLock { $0.raw } }

  func setSize(columns: Int, rows: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    seen.withLock { $0.screen.resize(columns: columns) }
  }

  /// Waits until the screen ends in `text`: what was typed and drawn is then complete.
  func waitFor(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async {
    await waitUntil("the screen to end in \(text.debugDescription)", sourceLocation) { self.screen.hasSuffix(text) }
  }

  func waitUntil(
    _ what: String, _ sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
  ) async {
    for _ in 0..<1500 {
      if condition() { return }
      try? await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited 15 s for \(what); the screen is:\n\(screen)", sourceLocation: sourceLocation)
  }

  /// Reads a line while `typing` goes on, in both orders the two may finish.
  func read(
    _ editor: LineEditor, prompt: String = "> ", _ typing: @Sendable () async throws -> Void
  ) async throws -> LineResult {
    async let result = editor.readLine(prompt: prompt)
    try await typing()
    return await result
  }
}

import Foundation
import TestFixtures
import Testing

/// A real terminal with a person at it, played by tmux on a socket of the test's own.
package struct TerminalWindow {
  package let home: TestHome
  private let tmux: TmuxConnection

  /// Callsheet, and with which exit code it left. An interrupt at the terminal reaches the script as well.
  package static let callsheet = "trap : INT; \"$callsheet\"; echo \"left with $?\"; exec cat"
  /// A shell from which callsheet is started by hand, and which has job control.
  package static let shell = "PS1='$ ' exec bash --norc --noprofile -i"

  /// Opens a window in which a script runs.
  package init(
    _ home: TestHome, columns: Int = 100, rows: Int = 30, script: String = Self.callsheet, socket: String = "tmux"
  ) async throws {
    self.home = home
    try home.write("window.sh", script)
    let opened = try await home.bash(
      "exec tmux -u -S \(socket) -f /dev/null new-session -d -x \(columns) -y \(rows) 'exec sh window.sh'")
    try #require(opened.status == 0, "\(opened.errors)")
    tmux = try TmuxConnection(home, socket: socket)
  }

  /// Closes the window, whatever runs in it.
  package func close() async throws {
    // The server may be gone before it has answered.
    _ = try? await tmux.ask("kill-server")
    #expect(await tmux.ended())
  }

  /// Presses keys, in tmux's names: `Enter`, `Up`, `C-c`.
  package func press(_ keys: String...) async throws {
    for key in keys { try await tmux.ask("send-keys \(key)") }
  }

  package func type(_ text: String) async throws {
    try await tmux.ask("send-keys -l -- '" + text.replacing("'", with: #"'\''"#) + "'")
  }

  /// What is to be seen, without empty lines at the end.
  package func screen() async throws -> String {
    let text = try await tmux.ask("capture-pane -p")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    return lines.joined(separator: "\n").trimmingCharacters(in: .newlines)
  }

  /// Everything that can be seen, scrolled back to or not, and where the cursor is.
  package struct Look: Equatable {
    /// Without trailing blanks, and without empty rows at the end.
    package var rows: [String]
    /// Counted from the first of the rows.
    package var cursor: LineOnScreen.Place

    package init(rows: [String], cursor: LineOnScreen.Place) { (self.rows, self.cursor) = (rows, cursor) }

    package var text: String { rows.joined(separator: "\n") }
  }

  package func look() async throws -> Look {
    let place = try await tmux.ask("display-message -p '#{history_size} #{cursor_y} #{cursor_x}'")
    let numbers = place.split(separator: " ").compactMap { Int($0) }
    let text = try await tmux.ask("capture-pane -p -S -")
    var rows = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).trimmingTrailingBlanks() }
    while rows.last == "" { rows.removeLast() }
    return Look(rows: rows, cursor: LineOnScreen.Place(row: numbers[0] + numbers[1], column: numbers[2]))
  }

  /// Waits until the screen holds a text; returns the screen.
  @discardableResult
  package func shows(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    var last = ""
    let found = try await eventually(within: 30) {
      last = try await screen()
      return last.contains(text)
    }
    if !found {
      Issue.record("\(text.debugDescription) never came; the screen is:\n\(last)", sourceLocation: sourceLocation)
    }
    return last
  }

  /// Waits until the last line is this.
  package func endsIn(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    var last = ""
    let found = try await eventually(within: 30) {
      last = try await screen()
      return last.split(separator: "\n").last.map(String.init) == line
    }
    if !found {
      Issue.record("the screen never ended in \"\(line)\"; it is:\n\(last)", sourceLocation: sourceLocation)
    }
  }
}

extension TerminalWindow {
  /// A window in which a shell stands ready; with a production applied and a run created in it, unless it is nil.
  package static func with(
    columns: Int = 100, rows: Int = 30, _ production: Production? = Production(),
    _ body: @Sendable (TerminalWindow) async throws -> Void
  ) async throws {
    try await TestHome.with { home in
      if let production {
        try await home.say("apply \"\(try await production.write(to: home))\"", "create run spring")
      }
      let window = try await TerminalWindow(home, columns: columns, rows: rows)
      do {
        try await body(window)
        try await window.close()
      } catch {
        try await window.close()
        throw error
      }
    }
  }

  /// Returns when the programs in the window can know it: tmux shows the new size at once, and tells of it up to a quarter
  /// of a second later.
  package func resize(columns: Int, rows: Int) async throws {
    try await rests()
    try await tmux.ask("resize-window -x \(columns) -y \(rows)")
    let terminal = Descriptor(open(try await tmux.ask("display-message -p '#{pane_tty}'"), O_RDONLY | O_NOCTTY))
    var size = winsize()
    _ = await eventually(within: 30) {
      ioctl(terminal.value, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col == columns && size.ws_row == rows
    }
  }

  /// Sends what a keyboard sends, control characters and all.
  package func send(_ bytes: String) async throws {
    let numbers = bytes.utf8.map { String($0, radix: 16) }.joined(separator: " ")
    try await tmux.ask("send-keys -H \(numbers)")
  }

  /// Pastes a file of the home, as a terminal does on which that was asked for.
  package func paste(_ name: String) async throws {
    try await tmux.ask("load-buffer \(home(name))")
    try await tmux.ask("paste-buffer -p")
  }

  /// Waits until callsheet has nothing left to do but wait, and so to draw.
  private func rests() async throws {
    guard let shell = try? await shell() else { return }
    let tasks = "/proc/\(shell)/task"
    var restful = 0
    _ = await eventually {
      let numbers = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
      let isBusy = numbers.contains { number in
        let state = try? String(contentsOfFile: "\(tasks)/\(number)/stat", encoding: .utf8)
        return state?.split(separator: ")").last?.hasPrefix(" R") ?? false
      }
      restful = isBusy ? 0 : restful + 1
      return restful == 4
    }
  }

  /// The process of callsheet in the window.
  package func shell() async throws -> pid_t {
    let script = try await tmux.ask("display-message -p '#{pane_pid}'")
    let output = try await home.bash("pgrep -P \(script)").output.trimmingCharacters(in: .whitespacesAndNewlines)
    return try #require(pid_t(output))
  }

  /// Types a line and presses Enter.
  package func enter(_ line: String) async throws {
    try await type(line)
    try await press("Enter")
  }
}

import Foundation
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

  package func resize(columns: Int, rows: Int) async throws {
    try await tmux.ask("resize-window -x \(columns) -y \(rows)")
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

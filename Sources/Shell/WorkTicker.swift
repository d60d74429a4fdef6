import Diagnostics
import Foundation
import Rendering
import Synchronization
import Terminal

/// Says that work goes on, from 300 ms on, in a line of the terminal that is gone as soon as anything else is written.
public final class WorkTicker: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var began = ContinuousClock.now
    var meter: WorkMeter
    /// Columns of the line that stands there; 0: none does.
    var shown = 0
  }

  private let sink: OutputSink
  private let glyphs: GlyphSet
  /// Nobody looks: standard error is no terminal, or the output goes through a pipe to somebody who may draw on it.
  private let isSilent: Bool
  private let remedy: String
  private let state: Mutex<State>

  private static let patience = Duration.milliseconds(300)

  /// On standard error.
  public init(glyphs: GlyphSet, remedy: String = "Ctrl-C cancels") {
    sink = OutputSink(2)
    self.glyphs = glyphs
    self.remedy = remedy
    state = Mutex(State(meter: WorkMeter(remedy: remedy)))
    var output = stat()
    isSilent = !isTerminal(2) || (fstat(1, &output) == 0 && output.st_mode & S_IFMT == S_IFIFO)
  }

  public func start() {
    if isSilent { return }
    stop()
    let task = Task { [weak self] in
      try? await Task.sleep(for: Self.patience)
      var turn = 0
      while !Task.isCancelled {
        self?.show(turn)
        turn += 1
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    state.withLock { $0 = State(task: task, meter: WorkMeter(remedy: remedy)) }
  }

  /// So much of the work is done.
  public func note(_ done: Int, of total: Int, _ what: String) {
    state.withLock { $0.meter.note(done, of: total, what, at: ContinuousClock.now - $0.began) }
  }

  /// Lets somebody else write lines where this one stands; it comes back below them.
  public func makingRoom(_ write: () -> Void) {
    state.withLock { state in
      if state.shown > 0 { try? sink.write(Self.erased(state.shown)) }
      state.shown = 0
      write()
    }
  }

  /// Takes the line away; it does not come back before the next start.
  public func stop() {
    state.withLock { state in
      state.task?.cancel()
      state.task = nil
      if state.shown > 0 { try? sink.write(Self.erased(state.shown)) }
      state.shown = 0
    }
  }

  /// Takes the line away, also when it takes more than a row since the window was made narrower.
  private static func erased(_ width: Int) -> String {
    let rows = max(0, width - 1) / max(1, TerminalSize.of(2)?.columns ?? 80)
    return (rows > 0 ? "\u{1B}[\(rows)A" : "") + "\r\u{1B}[J"
  }

  private func show(_ turn: Int) {
    let columns = TerminalSize.of(2)?.columns ?? 80
    state.withLock { state in
      guard let task = state.task, !task.isCancelled else { return }
      let line = state.meter.line(
        at: ContinuousClock.now - state.began, turn: turn, columns: columns, glyphs: glyphs)
      try? sink.write(Self.erased(state.shown) + line)
      state.shown = displayWidth(line)
    }
  }
}

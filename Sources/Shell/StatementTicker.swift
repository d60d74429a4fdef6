import Foundation
import Synchronization
import Terminal

/// Says that a statement goes on, from 300 ms on, in a line of the terminal that is gone as soon as anything else is written.
public final class StatementTicker: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isShown = false
  }

  private let sink: OutputSink
  private let state = Mutex(State())

  private static let patience = Duration.milliseconds(300)
  private static let glyphs = ["|", "/", "-", "\\"]

  /// On standard error, which has to be a terminal.
  public init(_ sink: OutputSink = OutputSink(2)) { self.sink = sink }

  func start() {
    stop()
    let task = Task { [weak self] in
      let began = ContinuousClock.now
      try? await Task.sleep(for: Self.patience)
      var turn = 0
      while !Task.isCancelled {
        self?.show(turn, ContinuousClock.now - began)
        turn += 1
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    state.withLock { $0.task = task }
  }

  /// Takes the line away; it does not come back before the next start.
  public func stop() {
    state.withLock { state in
      state.task?.cancel()
      state.task = nil
      if state.isShown { try? sink.write("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  private func show(_ turn: Int, _ time: Duration) {
    state.withLock { state in
      guard state.task?.isCancelled == false else { return }
      state.isShown = true
      let seconds = (time / .seconds(1)).formatted(
        .number.precision(.fractionLength(1)).locale(Locale(identifier: "C")))
      try? sink.write("\r\u{1B}[K\(Self.glyphs[turn % 4]) \(seconds) s; Ctrl-C cancels")
    }
  }
}

import Diagnostics
import Foundation
import QueryLanguage
import Rendering
import Session
import Terminal

/// Shows a pipeline again whenever something happens, until its condition holds or somebody presses a key.
struct WatchLoop {
  let session: ProducerSession
  let presenter: Presenter
  let statement: Statement
  let watching: Watching

  private enum Wake: Sendable {
    case happened
    case time
    case key(UInt8)
    case resized
  }

  /// However much happens, no more than ten frames a second.
  private static let shortestPause = Duration.milliseconds(100)

  /// - Throws: as `ProducerSession.frame`, `OutputError`, `CancellationError`.
  func run() async throws {
    let (wakes, tell) = AsyncStream.makeStream(of: Wake.self, bufferingPolicy: .bufferingNewest(8))
    let pulse = await session.pulse()
    let listening = Task { for await _ in pulse { tell.yield(.happened) } }
    defer { listening.cancel() }
    let pause = watching.shortestPause
    let ticking = Task {
      while let pause, (try? await Task.sleep(for: pause)) != nil { tell.yield(.time) }
    }
    defer { ticking.cancel() }
    let size = isTerminal(0) ? TerminalSize.of(presenter.output.descriptor) : nil
    let keys = size == nil ? nil : KeyWatch(0) { tell.yield(.key($0)) }
    defer { keys?.stop() }
    let claim = SignalRelay.shared.claim([.resize]) { _ in tell.yield(.resized) }
    defer { claim.release() }
    try await withTaskCancellationHandler {
      if let size { try await draw(wakes, size) } else { try await print(wakes) }
    } onCancel: {
      tell.finish()
    }
  }

  // MARK: On a terminal

  private func draw(_ wakes: AsyncStream<Wake>, _ size: TerminalSize) async throws {
    var screen = WatchScreen(columns: size.columns, rows: size.rows, color: presenter.viewport.color)
    var presenter = presenter
    do {
      try await follow(wakes) { frame in
        let size = TerminalSize.of(presenter.output.descriptor) ?? size
        (screen.columns, screen.rows) = (size.columns, size.rows)
        presenter.viewport.width = size.columns - WatchScreen.gutter
        let footer = "  any key ends; \(Wording.count(screen.frames, "changes")) so far"
        let text = try presenter.text(of: frame.outcome, presenter.format, presenter.viewport)
        if let output = screen.draw(text, footer: footer) {
          try presenter.output.write(output)
        }
      }
    } catch {
      try presenter.output.write(screen.last())
      throw error
    }
    try presenter.output.write(screen.last())
  }

  // MARK: In a pipe

  private func print(_ wakes: AsyncStream<Wake>) async throws {
    var last = ""
    try await follow(wakes) { frame in
      let text = try presenter.text(of: frame.outcome, presenter.format, presenter.viewport)
      if text == last { return }
      if !last.isEmpty, presenter.format == .table { try presenter.output.write("\n") }
      try presenter.output.write(text)
      last = text
    }
  }

  // MARK: Looking

  /// Shows a frame now and after every wake, until it is over, a key is pressed or the task is cancelled.
  private func follow(_ wakes: AsyncStream<Wake>, _ show: (WatchFrame) throws -> Void) async throws {
    if try await look(show) { return }
    var looked = ContinuousClock.now
    for await wake in wakes {
      if case .key = wake { return }
      if case .happened = wake {
        let next = looked + (watching.shortestPause ?? Self.shortestPause)
        // A look to come will see it.
        if watching.shortestPause != nil, .now < next { continue }
        try await Task.sleep(until: next, clock: .continuous)
      }
      if try await look(show) { return }
      looked = .now
    }
    try Task.checkCancellation()
  }

  private func look(_ show: (WatchFrame) throws -> Void) async throws -> Bool {
    let frame = try await session.frame(of: statement)
    try show(frame)
    return frame.isOver
  }
}

import Foundation
import Rendering
import Session
import Synchronization
import Terminal

/// Where this user's small files lie, by the XDG rules.
struct UserFolders {
  let state: String
  let rc: String

  init(environment: [String: String]) {
    let home = environment["HOME"] ?? NSHomeDirectory()
    func folder(_ variable: String, _ usual: String) -> String {
      environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/\(usual)"
    }
    state = folder("XDG_STATE_HOME", ".local/state") + "/callsheet"
    rc = folder("XDG_CONFIG_HOME", ".config") + "/callsheet/rc"
  }
}

/// Asks at the terminal; anything but a yes is a no, and so is an interrupt.
enum Question {
  static func ask(_ confirmation: Confirmation) async -> Bool {
    var text = ""
    if let plan = confirmation.plan { text += OutputFormat.table.render(plan, viewport: viewport) }
    text += "\(confirmation.question)? [y/N] "
    try? OutputSink(2).write(text)
    guard let answer = await line() else {
      // The cursor stands behind the question.
      try? OutputSink(2).write("\n")
      return false
    }
    return ["y", "yes"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased())
  }

  private static var viewport: Viewport {
    Viewport.decide(
      environment: ProcessInfo.processInfo.environment,
      size: TerminalSize.of(2).map { (columns: $0.columns, rows: $0.rows) })
  }

  /// A line from the terminal; nil at its end and when the task is cancelled.
  private static func line() async -> String? {
    let interruption = Interruption()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: line(until: interruption)) }
      }
    } onCancel: {
      interruption.cameAbout.store(true, ordering: .releasing)
    }
  }

  private final class Interruption: Sendable {
    let cameAbout = Atomic(false)
  }

  /// Looks twenty times a second whether it is to give up.
  private static func line(until interruption: Interruption) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      var waiting = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, 50)
      if interruption.cameAbout.load(ordering: .acquiring) { return nil }
      if ready <= 0 { continue }
      let count = read(0, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      // An answer is short; what comes beyond is read and dropped.
      if bytes.count < 100 { bytes.append(byte) }
    }
  }
}

/// Shows how far long work is, from 300 ms on, in one line of the terminal that is gone when the work is done.
final class ProgressMeter: Sendable {
  private struct State {
    var started: ContinuousClock.Instant?
  }

  private let isShown: Bool
  private let state = Mutex(State())

  init(isShown: Bool) { self.isShown = isShown }

  func show(_ done: Int, of total: Int, _ what: String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    let started = state.withLock { state in
      if done == 0 { state.started = state.started ?? now }
      return state.started ?? now
    }
    if now - started < .milliseconds(300) { return }
    let text = done < total ? "\r\u{1B}[K\(what) \(done) of \(total)" : "\r\u{1B}[K"
    try? OutputSink(2).write(text)
    if done >= total { state.withLock { $0.started = nil } }
  }
}

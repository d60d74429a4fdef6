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

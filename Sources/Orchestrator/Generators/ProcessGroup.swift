import Foundation
import Synchronization

/// Why a process was made to end.
enum StopReason: Sendable {
  case timedOut, cancelled
}

/// A process group and the right to signal it.
///
/// Its number is only sure to mean this group while the leader runs or waits to be reaped, so `finish` comes before the
/// reaping and takes the right away.
final class ProcessGroup: Sendable {
  private enum Phase {
    case notStarted
    case running(leader: pid_t)
    case finished
  }

  private struct State {
    var phase = Phase.notStarted
    var reason: StopReason?
  }

  private let state = Mutex(State())

  var reason: StopReason? { state.withLock { $0.reason } }
  var isFinished: Bool { state.withLock { if case .finished = $0.phase { true } else { false } } }

  func begin(leader: pid_t) {
    state.withLock {
      $0.phase = .running(leader: leader)
      // The order to stop came while it was being started, and nobody waits for it to end gracefully any more.
      if $0.reason != nil { killpg(leader, SIGKILL) }
    }
  }

  /// Asks the whole group to end, and ends it when the grace is over.
  func stop(_ reason: StopReason, grace: Duration) async {
    let asked = state.withLock { state -> Bool in
      if case .finished = state.phase { return false }
      guard state.reason == nil else { return false }
      state.reason = reason
      signal(state, SIGTERM)
      return true
    }
    guard asked else { return }
    try? await Task.sleep(for: grace)
    state.withLock { signal($0, SIGKILL) }
  }

  /// Ends what the leader left behind; later signals go nowhere.
  func finish() {
    state.withLock {
      signal($0, SIGKILL)
      $0.phase = .finished
    }
  }

  private func signal(_ state: State, _ number: Int32) {
    if case .running(let leader) = state.phase { killpg(leader, number) }
  }
}

/// Whether a child has ended; it stays to be reaped.
func hasEnded(_ child: pid_t) -> Bool {
  var info = siginfo_t()
  let result = waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT)
  return result != 0 ? errno == ECHILD : info.si_signo != 0
}

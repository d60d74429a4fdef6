import Glibc
import Synchronization

/// A signal that a person or the system sends to a program at a terminal.
public enum TerminalSignal: Sendable, CaseIterable {
  case interrupt, terminate, hangUp, resize, suspend, resume

  var number: Int32 {
    switch self {
    case .interrupt: SIGINT
    case .terminate: SIGTERM
    case .hangUp: SIGHUP
    case .resize: SIGWINCH
    case .suspend: SIGTSTP
    case .resume: SIGCONT
    }
  }
}

/// The end of the pipe that the signal handler writes to. A plain global with a constant: the handler may run at any
/// moment and must not initialise anything.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// Hands the process's signals to whoever claimed them last: the line editor while it reads, else the shell (for which
/// an interrupt means "cancel the statement"). A signal that nobody claims has its ordinary effect.
///
/// The handler only writes a byte to a pipe; a thread of the relay reads it and calls the claimant there.
public final class SignalRelay: Sendable {
  public static let shared = SignalRelay()

  private struct Claimant {
    let id: Int
    let signals: [TerminalSignal]
    let receive: @Sendable (TerminalSignal) -> Void
  }

  private struct State {
    var claimants: [Claimant] = []
    var nextID = 0
    var isRunning = false
  }

  private let state = Mutex(State())

  private init() {}

  /// A place in the line of claimants; ends with `release` or with its life.
  public final class Claim: Sendable {
    private let id: Int

    fileprivate init(id: Int) { self.id = id }

    public func release() { SignalRelay.shared.release(id) }

    deinit { release() }
  }

  /// From now on `receive` gets the signals, on the relay's thread, until the claim ends or another claims them. It must
  /// return soon.
  public func claim(
    _ signals: [TerminalSignal], receive: @escaping @Sendable (TerminalSignal) -> Void
  ) -> Claim {
    state.withLock { state in
      if !state.isRunning { state.isRunning = startThread() }
      state.nextID += 1
      state.claimants.append(Claimant(id: state.nextID, signals: signals, receive: receive))
      for signal in signals { install(signal) }
      return Claim(id: state.nextID)
    }
  }

  /// A closed pipe is an error of the write (`OutputError.closed`), never the death of the process.
  public static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }

  private func release(_ id: Int) {
    state.withLock { state in
      guard let index = state.claimants.firstIndex(where: { $0.id == id }) else { return }
      for signal in state.claimants.remove(at: index).signals
      where !state.claimants.contains(where: { $0.signals.contains(signal) }) {
        uninstall(signal)
      }
    }
  }

  private func deliver(_ number: UInt8) {
    guard let signal = TerminalSignal.allCases.first(where: { $0.number == Int32(number) }) else { return }
    let claimant = state.withLock { $0.claimants.last { $0.signals.contains(signal) } }
    if let claimant {
      claimant.receive(signal)
    } else {
      // The claim ended between the signal and here: its ordinary effect is back in place.
      kill(getpid(), signal.number)
    }
  }

  private func install(_ signal: TerminalSignal) {
    // What the parent told us to ignore, as nohup does, stays ignored.
    if disposition(signal) == unsafeBitCast(SIG_IGN, to: Int.self) { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let saved = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = Glibc.write(signalPipe, &byte, 1)
      errno = saved
    }
    action.sa_flags = Int32(SA_RESTART)
    sigaction(signal.number, &action, nil)
  }

  private func uninstall(_ signal: TerminalSignal) {
    if disposition(signal) == unsafeBitCast(SIG_IGN, to: Int.self) { return }
    Glibc.signal(signal.number, SIG_DFL)
  }

  private func disposition(_ signal: TerminalSignal) -> Int {
    var current = sigaction()
    guard sigaction(signal.number, nil, &current) == 0 else { return 0 }
    return unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
  }

  /// The pipe does not block the handler: when 64 kB of signals wait, one more changes nothing.
  private func startThread() -> Bool {
    guard let (readEnd, writeEnd) = openPipe() else { return false }
    setNonBlocking(writeEnd)
    signalPipe = writeEnd
    return startDetachedThread {
      var byte: UInt8 = 0
      while true {
        let count = Glibc.read(readEnd, &byte, 1)
        if count == 1 { SignalRelay.shared.deliver(byte) }
        if count == 0 || (count < 0 && errno != EINTR) { return }
      }
    }
  }
}

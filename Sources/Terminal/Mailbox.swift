import Glibc
import Synchronization

/// What other threads tell the thread that edits. A byte in a pipe wakes it, so that it can wait for the keyboard and
/// for its mail at once.
final class Mailbox: Sendable {
  struct Request: Sendable {
    let id: Int
    let prompt: String
    let right: String
    /// The answer to a question, not a statement.
    let isAnswer: Bool
    let finish: @Sendable (LineResult) -> Void
  }

  enum Event: Equatable, Sendable {
    case message(String)
    case prompt(String, right: String)
    case historyLoaded
    case signal(TerminalSignal)
    case cancelled(request: Int)
  }

  private struct State {
    var events: [Event] = []
    var dropped = 0
    var requests: [Request] = []
    var nextID = 0
    var isClosed = false
  }

  /// More messages than fit a few screens tell nobody anything: the newest are kept and the rest counted.
  static let mostMessages = 500

  private let state = Mutex(State())
  let wakeEnd: Int32
  private let writeEnd: Int32

  /// nil when the process has no descriptor left.
  init?() {
    guard let pipe = openPipe() else { return nil }
    (wakeEnd, writeEnd) = pipe
    setNonBlocking(wakeEnd)
    setNonBlocking(writeEnd)
  }

  deinit {
    close(wakeEnd)
    close(writeEnd)
  }

  func post(_ event: Event) {
    state.withLock { state in
      // The newest prompt is the one that counts.
      if case .prompt = event { state.events.removeAll { if case .prompt = $0 { true } else { false } } }
      state.events.append(event)
      if state.events.count > Mailbox.mostMessages,
        let oldest = state.events.firstIndex(where: { if case .message = $0 { true } else { false } })
      {
        state.events.remove(at: oldest)
        state.dropped += 1
      }
    }
    wake()
  }

  /// A number that no other request has.
  func newID() -> Int {
    state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
  }

  /// False when the editor is closed; then `finish` is never called.
  func post(_ request: Request) -> Bool {
    let isOpen = state.withLock { state in
      if !state.isClosed { state.requests.append(request) }
      return !state.isClosed
    }
    wake()
    return isOpen
  }

  func closeForGood() {
    state.withLock { $0.isClosed = true }
    wake()
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  func takeEvents() -> [Event] {
    state.withLock { state in
      var events = state.events
      if state.dropped > 0 { events.insert(.message("(\(state.dropped) earlier messages are not shown)"), at: 0) }
      state.dropped = 0
      state.events = []
      return events
    }
  }

  func takeRequest() -> Request? {
    state.withLock { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
  }

  /// Empties the pipe; to be called before the mail is looked at, so that none is missed.
  func clearWake() {
    var bytes: (UInt64, UInt64) = (0, 0)
    while read(wakeEnd, &bytes, 16) > 0 {}
  }

  /// A full pipe will wake the reader as well.
  private func wake() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }
}

/// Who may use a connection now. A call belongs to the innermost open transaction it was made in, or to none; only calls
/// of the connection's innermost transaction get through, one at a time, the others wait in order. It only decides; the
/// connection suspends and resumes.
struct TransactionGate {
  typealias Scope = UInt64

  private struct Waiter {
    let id: UInt64
    let path: [Scope]
  }

  /// The open transactions, outermost first; those within the first are savepoints.
  private(set) var scopes: [Scope] = []
  private(set) var isBusy = false
  /// The scope whose body is reading a stream, which nothing else may interrupt.
  private(set) var streaming: Scope?
  private var waiters: [Waiter] = []

  var waiting: Int { waiters.count }

  /// The innermost transaction of the path that is still open here. A task that outlives its transaction falls back to
  /// the ones around it.
  func scope(of path: [Scope]) -> Scope? { path.last { scopes.contains($0) } }

  /// True when the call was made by the very code that a stream is waiting for.
  func wouldWaitForItself(_ path: [Scope]) -> Bool { streaming.map(path.contains) ?? false }

  /// True when the caller goes ahead; otherwise it waits under its id until `leave` or `close` names it.
  mutating func enter(_ path: [Scope], id: UInt64) -> Bool {
    if !isBusy, scope(of: path) == scopes.last {
      isBusy = true
      return true
    }
    waiters.append(Waiter(id: id, path: path))
    return false
  }

  /// The call is done. Whoever is named goes ahead now.
  mutating func leave() -> UInt64? {
    isBusy = false
    streaming = nil
    guard let next = waiters.firstIndex(where: { scope(of: $0.path) == scopes.last }) else { return nil }
    isBusy = true
    return waiters.remove(at: next).id
  }

  /// The waiter gives up. False when it has already been let through.
  mutating func abandon(_ id: UInt64) -> Bool {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
    waiters.remove(at: index)
    return true
  }

  /// A transaction begins; called between `enter` and `leave`.
  mutating func open(_ scope: Scope) { scopes.append(scope) }

  /// A transaction has ended; called between `enter` and `leave`.
  mutating func close(_ scope: Scope) {
    if let index = scopes.firstIndex(of: scope) { scopes.removeSubrange(index...) }
  }

  /// The current call hands rows to a body that must not call this connection.
  mutating func beginStreaming(_ scope: Scope) { streaming = scope }
}

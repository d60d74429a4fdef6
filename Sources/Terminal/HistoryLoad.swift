import Dispatch
import Glibc
import Synchronization

/// What can be recalled, read on a thread of its own: a long history takes longer than a key may.
final class HistoryLoad: Sendable {
  private let statements = Mutex<[String]?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  /// How long a key that needs the history waits for it.
  private static let patience = DispatchTimeInterval.seconds(2)

  /// Begins at once; `finished` is called on the thread. nil when the system has no thread left.
  init?(_ recall: @escaping @Sendable () -> [String], finished: @escaping @Sendable () -> Void) {
    let started = startDetachedThread { [self] in
      let recalled = recall()
      statements.withLock { $0 = recalled }
      isDone.signal()
      finished()
    }
    if !started { return nil }
  }

  /// nil when it takes too long.
  func result() -> [String]? {
    if let statements = statements.withLock({ $0 }) { return statements }
    _ = isDone.wait(timeout: .now() + Self.patience)
    return statements.withLock { $0 }
  }
}

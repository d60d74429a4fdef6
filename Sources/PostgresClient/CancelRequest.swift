import CLibPQ
import Dispatch
import Foundation
import Synchronization

/// What it takes to cancel on the server; usable from any thread for as long as it lives.
///
/// `@unchecked Sendable`: PQcancel only reads the object, and libpq documents it as safe from any thread.
final class CancelKey: @unchecked Sendable {
  private let key: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let key = PQgetCancel(connection) else { return nil }
    self.key = key
  }

  deinit { PQfreeCancel(key) }

  /// Blocks until the server has taken the request; it connects anew, so this can take as long as a connection does.
  func send() {
    var complaint = [CChar](repeating: 0, count: 256)
    // A request that fails needs no word: the caller's time limit covers a server that does not stop.
    _ = PQcancel(key, &complaint, Int32(complaint.count))
  }

  /// As `send()`, on a thread of its own; returns when it is done or the limit has passed.
  func sendOffPool(atMost limit: Duration) async {
    let (finished, finish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    Thread.detachNewThread {
      self.send()
      finish.finish()
    }
    let expiry = Task {
      try? await Task.sleep(for: limit)
      finish.finish()
    }
    for await _ in finished {}
    expiry.cancel()
  }
}

/// A request on its own thread, because PQcancel blocks.
final class CancelRequest: Sendable {
  private let done = DispatchSemaphore(value: 0)

  init(_ key: CancelKey) {
    let done = done
    Thread.detachNewThread {
      key.send()
      done.signal()
    }
  }

  /// Blocks until the server has taken the request, so that it cannot hit the next statement.
  func wait(atMost limit: Duration) -> Bool {
    let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) * 1e-18
    return done.wait(timeout: .now() + seconds) == .success
  }
}

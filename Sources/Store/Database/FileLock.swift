import Foundation
import Glibc

/// A lock between processes that ends with its holder, however that ends.
final class FileLock: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Waits for the lock.
  /// - Throws: `ClusterError` when the file cannot be made, or when another process holds the lock beyond the limit.
  static func acquire(_ path: String, timeLimit: Duration) async throws -> FileLock {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw ClusterFolder.failure("open the lock file", path) }
    let lock = FileLock(descriptor)
    let deadline = ContinuousClock.now + timeLimit
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw ClusterFolder.failure("lock", path) }
      if ContinuousClock.now > deadline {
        throw ClusterError(
          "another process has been starting or stopping the embedded database for over \(timeLimit)",
          hint: "fuser \(path) shows which")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    return lock
  }
}

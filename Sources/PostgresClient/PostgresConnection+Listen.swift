import CLibPQ
import Glibc
import SQLText

/// A wake-up from the server. A hint to look, never the data: notifications are lost while nobody listens.
public struct PostgresNotification: Sendable, Equatable {
  public let channel: String
  public let payload: String
  /// The server process of the connection that sent it.
  public let backendProcessID: Int32
}

/// The streams that want a connection's notifications, by channel.
struct NotificationListeners {
  /// As many wake-ups wait for a slow reader; older ones are dropped, since the newest says all there is to say.
  static let bufferLimit = 256

  private var streams: [UInt64: (channel: String, continuation: AsyncStream<PostgresNotification>.Continuation)] = [:]

  var isEmpty: Bool { streams.isEmpty }

  mutating func add(_ id: UInt64, _ channel: String, _ stream: AsyncStream<PostgresNotification>.Continuation) {
    streams[id] = (channel, stream)
  }

  mutating func remove(_ id: UInt64) { streams[id] = nil }

  func deliver(_ notification: PostgresNotification) {
    for stream in streams.values where stream.channel == notification.channel {
      stream.continuation.yield(notification)
    }
  }

  mutating func finishAll() {
    for stream in streams.values { stream.continuation.finish() }
    streams = [:]
  }
}

extension PostgresConnection {
  /// Notifications of a channel from now on, for as long as the stream is read. The stream ends when the connection is
  /// lost or closed; what happened meanwhile has to be looked up. Best on a connection that does little else: while a
  /// statement runs or a transaction is open, notifications wait.
  public func listen(_ channel: String) async throws -> AsyncStream<PostgresNotification> {
    let id = Self.newID()
    let (stream, continuation) = AsyncStream.makeStream(
      of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(NotificationListeners.bufferLimit))
    listeners.add(id, channel, continuation)
    continuation.onTermination = { [weak self] _ in
      Task { await self?.removeListener(id) }
    }
    do {
      try await execute("listen \(identifier: channel)")
    } catch {
      removeListener(id)
      throw error
    }
    return stream
  }

  private func removeListener(_ id: UInt64) {
    listeners.remove(id)
    rearmWatch()
  }

  func stopListening() {
    listeners.finishAll()
    thread.setWatch(nil)
  }

  /// Hands out what has come; called after every call and when the idle socket can be read.
  func deliverNotifications() {
    if listeners.isEmpty { return }
    guard let link, !link.isLost else {
      stopListening()
      return
    }
    while let notification = PQnotifies(link.connection) {
      listeners.deliver(
        PostgresNotification(
          channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra),
          backendProcessID: notification.pointee.be_pid))
      PQfreemem(notification)
    }
    rearmWatch()
  }

  /// Watches the socket while nothing runs; libpq reads it otherwise.
  private func rearmWatch() {
    guard !listeners.isEmpty, let link, !link.isLost else {
      thread.setWatch(nil)
      return
    }
    thread.setWatch(link.socket) { [weak self] in
      self?.assumeIsolated { $0.readIdleSocket() }
    }
  }

  private func readIdleSocket() {
    guard let link, !link.isLost else { return }
    do { try link.consumeInput() } catch { link.markLost() }
    deliverNotifications()
  }
}

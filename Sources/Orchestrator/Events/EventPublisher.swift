import Logging
import Model
import PostgresClient
import Store

/// Wakes those who listen for events, off the writers' commit path: a notification in every transaction would have them
/// commit one after the other. Every worker and prompt may run one; one of them holds the office, and another takes it
/// over when that one is gone or suspended.
public struct EventPublisher: Sendable {
  private let link: DatabaseLink
  private let logger: Logger

  public init(logger: Logger, connect: @escaping @Sendable () async throws -> PostgresConnection) {
    link = DatabaseLink(logger: logger, open: connect)
    self.logger = logger
  }

  /// Works until its task is cancelled; the database may come and go meanwhile.
  public func run() async {
    while !Task.isCancelled {
      do {
        try await serve(link.connection())
      } catch {
        if !Task.isCancelled { logger.debug("the publisher lost its connection", metadata: ["cause": "\(error)"]) }
      }
      try? await Task.sleep(for: .seconds(1))
    }
    // The office is free at once, not when the server finds out.
    await link.close()
  }

  private func serve(_ connection: PostgresConnection) async throws {
    let publication = EventPublication(connection)
    var pace = PublisherPace()
    while !Task.isCancelled {
      guard try await publication.takeOffice() else {
        try await Task.sleep(for: .seconds(1))
        continue
      }
      var mark: EventPublication.Mark?
      while !Task.isCancelled {
        let now = try await publication.tick(since: mark)
        try await Task.sleep(for: pace.pause(hasNews: now != mark))
        mark = now
      }
    }
  }
}

/// How long to wait for the next look: short while things happen, longer when nothing has for a second.
struct PublisherPace: Equatable {
  private var quiet = 0

  mutating func pause(hasNews: Bool) -> Duration {
    quiet = hasNews ? 0 : quiet + 1
    return quiet < 50 ? .milliseconds(20) : .milliseconds(60)
  }
}

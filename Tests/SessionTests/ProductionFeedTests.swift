import Model
import PostgresClient
import SQLText
import TestDatabase
import Testing

@testable import Session

@Suite struct ProductionFeedTests {
  /// Lets the feed have a connection, or makes it wait for one.
  private actor Door {
    private var isOpen = true

    func set(open: Bool) { isOpen = open }

    func pass() async throws {
      while !isOpen { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what happened while there was no connection is told by the next`() async throws {
    try await Stage.with { stage in
      let door = Door()
      let feed = ProductionFeed(user: "mira") { [target = stage.target] in
        try await door.pass()
        return try await PostgresConnection.connect(to: target, applicationName: "feed")
      }
      await feed.use(
        SessionContext(
          project: .init(id: stage.project.rawValue, name: "neon"), run: .init(id: stage.run.rawValue, name: "spring")))
      let running = Task { await feed.run() }
      defer { running.cancel() }
      var updates = feed.updates.makeAsyncIterator()
      while let update = await updates.next() { if case .values = update { break } }

      await door.set(open: false)
      try await stage.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'feed' and datname = current_database()"
      )
      while let update = await updates.next() { if case .lost = update { break } }
      try await stage.session("zoe", own: true).say("cells where id in (1, 2) | tag hero")
      await door.set(open: true)

      var events: [EventGroup] = []
      while let update = await updates.next() {
        if case .events(let groups) = update { events += groups }
        guard case .actions(let actions) = update else { continue }
        #expect(actions.map { "\($0.user) \($0.verb) \($0.changed)" } == ["zoe tag 2"])
        break
      }
      #expect(events.contains { $0.kind == "tag" && $0.entity == "cells" && $0.count == 2 }, "\(events)")
    }
  }
}

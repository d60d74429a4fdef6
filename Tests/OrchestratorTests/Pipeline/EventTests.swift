import Foundation
import Logging
import Model
import PostgresClient
import SQLText
import Store
import TestDatabase
import TestFixtures
import Testing

@testable import Orchestrator

@Suite struct EventTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private static func tell(_ connection: PostgresConnection, _ kind: String) async throws {
    try await connection.execute("insert into events (kind, entity) values (\(kind), 'cells')")
  }

  @Test func `an event whose transaction commits late is not passed over`() async throws {
    try await TestDatabase.withDatabase { connection, target in
      let late = try await PostgresConnection.connect(to: target, applicationName: "late")
      let start = try await EventReader.fromNow(connection)
      var reader = start
      try await late.transaction {
        var ahead = start
        try await Self.tell(late, "late")
        try await Self.tell(connection, "early")
        // Younger than one that still runs: it has to wait.
        #expect(try await ahead.next().events == [])
      }
      #expect(try await reader.next().events.map(\.kind) == ["late", "early"])
      #expect(try await reader.next().events == [])
      await late.close()
    }
  }

  @Test(arguments: [1, 2, 3])
  func `a reader beside many writers sees every event once`(_ seed: Int) async throws {
    try await TestDatabase.withDatabase { connection, target in
      let start = EventPosition.beginning
      let (writers, each) = (6, 40)
      let all = try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<writers {
          group.addTask {
            var random = SeededGenerator(seed: seed &* 31 &+ writer)
            let mine = try await PostgresConnection.connect(to: target, applicationName: "writer \(writer)")
            for number in 0..<each {
              let (first, second) = (
                Double.random(in: 0...0.003, using: &random), Double.random(in: 0...0.003, using: &random)
              )
              try await mine.transaction {
                try await mine.execute("select pg_sleep(\(first))")
                try await Self.tell(mine, "\(writer) \(number)")
                try await mine.execute("select pg_sleep(\(second))")
              }
            }
            await mine.close()
          }
        }
        var reader = EventReader(connection, from: start)
        var all: [Event] = []
        while all.count < writers * each {
          all += try await reader.next(limit: 7).events
          if all.count > writers * each { break }
        }
        try await group.waitForAll()
        all += try await reader.next().events
        return all
      }
      #expect(all.count == writers * each)
      #expect(Set(all.map(\.id)).count == all.count)
      // Those of one writer in the order in which it wrote them.
      for writer in 0..<writers {
        #expect(all.map(\.kind).filter { $0.hasPrefix("\(writer) ") } == (0..<each).map { "\(writer) \($0)" })
      }
    }
  }

  @Test func `a reader that was away too long is told that some are gone`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      try await Self.tell(connection, "first")
      var reader = EventReader(connection, from: .beginning)
      #expect(try await reader.next().events.count == 1)
      try await Self.tell(connection, "gone")
      try await connection.execute("update events set at = now() - interval '31 days'")
      try await Self.tell(connection, "kept")
      try await Retention(connection).apply()
      let batch = try await reader.next()
      #expect(batch.isIncomplete && batch.events.map(\.kind) == ["kept"])
      let after = try await reader.next()
      #expect(after.events == [] && !after.isIncomplete)
      var newcomer = EventReader(connection, from: .beginning)
      #expect(try await newcomer.next().isIncomplete == false)
    }
  }

  @Test func `one publisher wakes listeners, and another takes over when it is gone`() async throws {
    try await TestDatabase.withDatabase { connection, target in
      let ear = try await PostgresConnection.connect(to: target, applicationName: "ear")
      let wakes = try await ear.listen(EventReader.channel)
      let connect = { @Sendable in try await PostgresConnection.connect(to: target, applicationName: "publisher") }
      let publishers = (0..<2).map { _ in EventPublisher(logger: Self.quiet, connect: connect) }
      let first = Task { await publishers[0].run() }
      var iterator = wakes.makeAsyncIterator()
      try await Self.tell(connection, "one")
      let holder = await iterator.next()?.backendProcessID
      let second = Task { await publishers[1].run() }
      first.cancel()
      await first.value
      try await Self.tell(connection, "two")
      var next = await iterator.next()
      // Wake-ups of the first may still be on their way.
      while next?.backendProcessID == holder { next = await iterator.next() }
      #expect(next != nil)
      second.cancel()
      await second.value
      await ear.close()
    }
  }

  @Test func `a publisher that says nothing for long loses its office`() async throws {
    try await TestDatabase.withDatabase { connection, target in
      let frozen = try await PostgresConnection.connect(to: target, applicationName: "frozen")
      #expect(try await EventPublication(frozen).takeOffice())
      #expect(try await EventPublication(connection).takeOffice() == false)
      // As a suspended process, it says nothing more; the server ends it.
      while try await EventPublication(connection).takeOffice() == false {
        try await connection.execute("select pg_sleep(0.05)")
      }
      await frozen.close()
    }
  }
}

import Foundation
import PostgresClient
import SQLText
import Testing

/// The disk under PostgreSQL itself is full: who works says so and how to mend it, nothing acknowledged is lost, and all
/// goes on when there is room again.
@Suite struct `A database disk that is full` {
  private static let folder = "data/callsheet/postgres"

  /// The cluster's data on a small disk of its own.
  private static func with(_ body: @Sendable (Inspection) async throws -> Void) async throws {
    try #require(geteuid() == 0, "only root may mount the small disk of this test: run it as root")
    try await Inspection.withServer { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 5)
      #expect(try await home.run("db", "stop").status == 0)
      let moved = try await home.bash(
        """
        set -e
        data=$(readlink -f \(folder))/data
        mv $data $data.before
        mkdir $data
        mount -t tmpfs -o size=160m tmpfs $data
        chown --reference=$data.before $data
        chmod 700 $data
        cp -a $data.before/. $data/
        rm -r $data.before
        """)
      try #require(moved.status == 0, "\(moved.errors)")
      do {
        #expect(try await home.run("db", "start").status == 0)
        try await body(try await inspection.again())
        try await unmount(home)
      } catch {
        try await unmount(home)
        throw error
      }
    }
  }

  private static func unmount(_ home: TestHome) async throws {
    try await home.run("db", "stop")
    let moved = try await home.bash(
      """
      set -e
      data=$(readlink -f \(folder))/data
      rm -f $data/filler
      cp -a $data $data.after
      umount --lazy $data
      rmdir $data
      mv $data.after $data
      """)
    #expect(moved.status == 0, "\(moved.errors)")
  }

  /// Leaves no room at all.
  private func fill(_ home: TestHome) async throws {
    try await home.bash("cat /dev/zero > $(readlink -f \(Self.folder))/data/filler")
  }

  private func makeRoom(_ home: TestHome) async throws {
    #expect(try await home.bash("rm $(readlink -f \(Self.folder))/data/filler").status == 0)
  }

  /// Until the server finds no room for its log, and gives up.
  private func fillLog(_ inspection: Inspection) async -> Bool {
    await eventually(within: 60) {
      do {
        try await inspection.connection.execute("select pg_logical_emit_message(true, 'fill', 'up')")
        try await inspection.connection.execute("select pg_switch_wal()")
        return false
      } catch {
        return true
      }
    }
  }

  private func expectRefused(_ home: TestHome, _ arguments: [String]) async throws {
    let invocation = try home.start(program: TestHome.binary, arguments)
    invocation.endInput()
    let ending = await invocation.ended()
    #expect(ending.status == 2)
    #expect(ending.errors.contains("disk is full") && ending.errors.contains("free some space"), "\(ending.errors)")
  }

  /// While tables cannot grow every statement that writes is refused, and one that reads is answered.
  private func tagUntilFull(_ home: TestHome) async throws -> Int {
    let tags = (1...200).map { "cells where id=\($0 % 24 + 1) | tag t\($0);" }.joined(separator: "\n") + "\n"
    let ending = try await home.run("-o", "jsonl", "--on-error", "continue", input: tags)
    #expect(ending.status == 3)
    #expect(ending.errors.contains("the disk of the database is full, nothing was changed"))
    #expect(ending.errors.contains("free some space there and say it again"))
    #expect(try await home.count("cells") == 24)
    return ending.output.split(separator: "\n").count
  }

  @Test func `is named with its remedy, and nothing that was acknowledged is lost`() async throws {
    try await Self.with { inspection in
      let home = inspection.home
      try await home.openProduction(
        Production(
          sceneTypes: (1...24).map { "scene\($0)" }, segments: 2, attempts: 100,
          clip: `Workers that are killed`.briefClip))
      try await home.say("variants where status=review | approve")
      let workers = try (1...2).map { _ in try home.start("worker") }
      try await fill(home)
      let told = try await tagUntilFull(home)
      #expect(await eventually { workers.contains { $0.errors.contains("full: free some space there, trying again") } })

      try #require(await fillLog(inspection), "the server goes on without any room")
      try await expectRefused(home, ["-c", "cells | count"])
      try await expectRefused(home, ["db", "start"])

      try await makeRoom(home)
      let began = ContinuousClock.now
      #expect(try await home.run("db", "start").status == 0)
      let fresh = try await inspection.again()
      try #require(
        try await eventually(within: 120) { try await fresh.number("select count(*) from live_jobs") == 0 })
      let recovery = ContinuousClock.now - began
      for worker in workers { worker.signal(SIGTERM) }
      for worker in workers { #expect(await worker.ended().status == 0) }
      try await fresh.expectWhole()
      let tagged = try await fresh.number("select count(*) from cells, unnest(tags)")
      #expect(tagged == told)
      let lost = try await fresh.number("select count(*) from attempts where outcome = 'lost'")
      await fresh.connection.close()
      inspection.tell(
        """
        \(told) of 200 tags acknowledged before the disk was full, all there after the server had given up and \
        recovered; \(recovery.inWords) from room to the end of all work, by the same workers; \(lost) attempts lost
        """)
    }
  }
}

import Foundation
import PostgresClient
import SQLText
import TestFixtures
import Testing

/// `pg_ctl stop -m immediate`: the server gives up everything at once and recovers from its log when it starts again.
@Suite struct `A server that is stopped at once` {
  @Test func `under load, again and again, and what was acknowledged is there`() async throws {
    let rounds = figure("CALLSHEET_FAULT_STOPS", or: 5)
    try await Inspection.withServer { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 5)
      try await home.openProduction(
        Production(
          sceneTypes: (1...24).map { "scene\($0)" }, segments: 2, attempts: 100,
          clip: `Workers that are killed`.briefClip))
      try await home.say("variants where status=review | approve")
      let workers = try (1...3).map { _ in try home.start("worker") }
      var figures: [String] = []
      var acknowledged = 0
      for round in 1...rounds {
        let (recovery, told) = try await stopAndStart(inspection, round: round)
        figures.append(recovery.inWords)
        acknowledged += told
      }
      let fresh = try await inspection.again()
      let finished = try await eventually(within: 120) {
        try await fresh.number("select count(*) from live_jobs") == 0
      }
      try #require(finished)
      #expect(!workers.contains { !$0.isRunning }, "a worker gave up")
      for worker in workers { worker.signal(SIGTERM) }
      for worker in workers { #expect(await worker.ended().status == 0) }
      try await fresh.expectWhole()
      let lost = try await fresh.number("select count(*) from attempts where outcome = 'lost'")
      await fresh.connection.close()
      inspection.tell(
        """
        \(rounds) immediate stops; from the start of the server to the next finished job: \
        \(figures.joined(separator: ", ")); \(acknowledged) acknowledged tags all there; \(lost) attempts lost
        """)
    }
  }

  /// One stop while workers work and a shell tags cells, and one start. Returns how long it took until a job was finished
  /// again, and how many tags the shell had been told of.
  private func stopAndStart(_ inspection: Inspection, round: Int) async throws -> (Duration, Int) {
    let home = inspection.home
    let tags = (1...24).map { "cells where id=\($0) | tag round\(round);" }.joined(separator: "\n") + "\n"
    let shell = try home.start("-o", "jsonl")
    shell.type(tags)
    shell.endInput()
    #expect(await eventually { shell.output.split(separator: "\n").count >= round || !shell.isRunning })
    let server = try #require(home.processes("data/callsheet/postgres/data/postmaster.pid").first)
    kill(server, SIGQUIT)
    try #require(await eventually { isGone(server) })
    let told = await shell.ended().output.split(separator: "\n").count
    let began = ContinuousClock.now
    #expect(try await home.run("db", "start").status == 0)
    let fresh = try await inspection.again()
    let tagged = try await fresh.number("select count(*) from cells where \("round\(round)") = any (tags)")
    // One more may have been committed whose answer never came.
    #expect(tagged == told || tagged == told + 1, "\(tagged) tags, \(told) acknowledged")
    let done = try await fresh.number("select count(*) from job_results")
    try #require(
      try await eventually(within: 90) {
        if try await fresh.number("select count(*) from job_results") > done { return true }
        return try await fresh.number("select count(*) from live_jobs") == 0
      })
    let recovery = ContinuousClock.now - began
    await fresh.connection.close()
    return (recovery, told)
  }
}

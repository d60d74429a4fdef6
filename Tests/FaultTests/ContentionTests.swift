import Foundation
import Model
import SQLText
import Store
import TestFixtures
import Testing

/// Two producers and four workers at the same thousand cells.
@Suite struct `Two shells and four workers` {
  @Test func `contend for a thousand cells, and everything stays whole`() async throws {
    let statements = figure("CALLSHEET_FAULT_STATEMENTS", or: 60)
    try await Inspection.with { inspection in
      let home = inspection.home
      let letters = (0..<10).map { "Person\($0)" }
      try await home.openProduction(
        Production(
          characters: letters.map { ($0, "face.png") }, sceneTypes: (1...100).map { "scene\($0)" }, segments: 1,
          attempts: 20, clip: `Workers that are killed`.briefClip))
      try await home.say("variants where status=review | approve")
      let workers = try (1...4).map { _ in try home.start("worker") }
      let began = ContinuousClock.now
      let shells = try [11, 12].map { seed in try start(home, statements, seed: seed) }
      var audits = 0
      while shells.contains(where: \.isRunning) {
        #expect(try await MatrixCheck(inspection.connection).differences() == [])
        audits += 1
        try await Task.sleep(for: .milliseconds(200))
      }
      let duration = ContinuousClock.now - began
      for shell in shells { try await expectOnlyRefusals(shell) }
      try await settle(inspection)
      for worker in workers { worker.signal(SIGTERM) }
      for worker in workers { #expect(await worker.ended().status == 0) }
      try await inspection.expectWhole(["qa_review", "approved", "not_started", "rejected"])
      let ends = try await inspection.lines(
        "select count(*) || ' ' || status from cells group by status order by status::text")
      let done = try await inspection.number("select count(*) from segments where status_id = 4")
      let actions = try await inspection.number("select count(*) from actions")
      inspection.tell(
        """
        \(actions) actions on up to 1000 cells beside four workers in \(duration.inWords), \(audits) audits meanwhile, \
        \(done) segments made once; cells: \(ends.joined(separator: ", "))
        """)
    }
  }

  private func start(_ home: TestHome, _ count: Int, seed: Int) throws -> Invocation {
    var random = SeededGenerator(seed: seed)
    let actions = [
      "submit", "submit", "cancel", "approve", "hold", "release", "reject reason=dull", "resubmit", "skip reason=cut",
      "unskip", "prioritize 70", "submit take=new",
    ]
    let lines = (0..<count).map { _ -> String in
      if Int.random(in: 0..<12, using: &random) == 0 { return "undo" }
      let low = Int.random(in: 1...1000, using: &random)
      let action = actions[Int.random(in: 0..<actions.count, using: &random)]
      return "cells where id >= \(low) and id < \(low + Int.random(in: 1...600, using: &random)) | \(action)"
    }
    let shell = try home.start("--errors", "json", "--on-error", "continue", "-y")
    shell.type(lines.joined(separator: "\n") + "\n")
    shell.endInput()
    return shell
  }

  /// An undo may find that the other shell or a worker was there before; nothing else may go wrong.
  private func expectOnlyRefusals(_ shell: Invocation) async throws {
    let ending = await shell.ended()
    let known: Set = ["moved_on", "undone_already", "nothing_to_undo", "unknown_action", "not_undoable"]
    for line in ending.errors.split(separator: "\n") where line.hasPrefix("{") {
      let error = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(known.contains(error["code"] as? String ?? ""), "\(line)")
    }
    #expect([0, 3, 4].contains(ending.status), "\(ending.errors)")
  }

  /// A few cells are finished, all others let go.
  private func settle(_ inspection: Inspection) async throws {
    try await inspection.home.say(
      "cells where id > 12 | cancel", "cells where skipped | unskip", "cells where held | release",
      "cells where id > 12 and status in (blocked, queued, generating) | cancel",
      "cells where id <= 12 and status in (not_started, failed, rejected) | submit",
      "cells where id > 12 and status=failed | submit",
      "cells where id > 12 and status in (queued, generating) | cancel")
    try #require(
      try await eventually(within: 120) { try await inspection.number("select count(*) from live_jobs") == 0 })
  }
}

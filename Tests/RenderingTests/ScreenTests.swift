import Foundation
import Model
import Rendering
import Testing

struct ScreenTests {
  @Test func `Progress in words and bars`() throws {
    for (name, viewport) in [
      ("80", Viewport(width: 80)), ("40", Viewport(width: 40)), ("ascii", Viewport(width: 80, glyphs: .ascii)),
      ("colour", Viewport(width: 100, color: .ansi)), ("no-terminal", Viewport()),
    ] {
      try expectSnapshot(OutputFormat.table.render(Productions.progress, viewport: viewport), "progress-\(name)")
    }
    try expectSnapshot(OutputFormat.json.render(Productions.progress, viewport: Viewport()), "progress-json")
  }

  @Test func `Progress says why there is no ETA`() {
    var progress = Productions.progress
    progress.etaSeconds = nil
    #expect(ProgressScreen(progress).eta == "unknown until a first job of each kind has finished")
    progress.liveSlots = 0
    #expect(ProgressScreen(progress).eta == "unknown: no worker runs; start one with  callsheet worker")
    progress.jobsReady = 0
    progress.jobsRunning = 0
    #expect(ProgressScreen(progress).eta == "nothing is queued or running")
    progress.approved.done = progress.approved.total
    #expect(ProgressScreen(progress).eta == "done")
  }

  @Test func `Progress promises no time for what stands still, and speaks of the slots that may be used`() {
    var progress = Productions.progress
    progress.etaSlots = 1
    #expect(ProgressScreen(progress).eta.hasSuffix("on 1 slot"))
    progress.etaSeconds = nil
    progress.standstill = .paused
    #expect(ProgressScreen(progress).eta == "none: the run is paused")
    progress.standstill = .limit(kind: "segment")
    #expect(ProgressScreen(progress).eta == "none: no segment job may run, since their limit is 0")
    progress.standstill = .noWorker(kind: "segment")
    #expect(ProgressScreen(progress).eta == "unknown: no live worker takes segment jobs")
  }

  @Test func `A run without cells, and a budget overrun`() throws {
    var progress = Productions.progress
    for part in [\Model.Progress.scenes, \.segments, \.approved, \.qaPassed, \.variantsApproved] {
      progress[keyPath: part] = .init(done: 0, total: 0)
    }
    progress.counts = [:]
    progress.gpuBudget = .init(limit: 1, reserved: 0.5, spent: 1.25)
    progress.diskBudget = nil
    try expectSnapshot(OutputFormat.table.render(progress, viewport: Viewport(width: 80)), "progress-empty")
  }

  @Test func `Why names each cause with what clears it`() throws {
    for (name, viewport) in [
      ("80", Viewport(width: 80)), ("50", Viewport(width: 50)), ("colour", Viewport(width: 100, color: .ansi)),
    ] {
      try expectSnapshot(OutputFormat.table.render(Productions.why, viewport: viewport), "why-\(name)")
    }
    try expectSnapshot(OutputFormat.json.render(Productions.why, viewport: Viewport()), "why-json")
    #expect(try OutputFormat.ids.render(Productions.why, viewport: Viewport()).hasPrefix("1\n2\n3\n"))
  }

  @Test func `What comes next is never said to be past`() {
    let now = Date(timeIntervalSince1970: 1_000_000)
    func line(_ seconds: TimeInterval) -> String {
      let blockage = Blockage(
        cells: 1, cellIDs: [], cause: "retry_later", explanation: "try 2 of 2 waits", since: nil, until: now + seconds,
        remedies: [])
      return WhyScreen(WhyReport(blockages: [blockage], unblocked: [], asOf: now)).lines(Viewport())[0].text
    }
    #expect(line(2).hasSuffix("(again in a moment)") && line(-1).hasSuffix("(again in a moment)"))
    #expect(line(60).hasSuffix("(again in 1 min)"))
  }

  @Test(arguments: [24, 33, 47, 64, 100])
  func `Only what is there to be copied may be wider than the terminal`(width: Int) {
    let viewport = Viewport(width: width)
    let remedies = Productions.why.blockages.flatMap(\.remedies)
    for line in WhyScreen(Productions.why).lines(viewport)
    where !remedies.contains(where: { line.text.hasSuffix($0.line) }) {
      #expect(line.width <= width, "\(line.text)")
    }
    for line in ProgressScreen(Productions.progress).lines(viewport) + ActionScreen(Productions.action).lines(viewport)
    {
      #expect(line.width <= width, "\(line.text)")
    }
  }

  @Test func `An action says what it did and what it left alone`() throws {
    let viewport = Viewport(width: 120)
    func line(_ report: ActionReport) -> String { OutputFormat.table.render(report, viewport: viewport) }
    #expect(
      line(Productions.action) == "submit: 46 of 48 cells submitted · 96 jobs queued · 2 left alone: approved\n")
    let undo = ActionReport(action: "undo", id: nil, entity: "runs", selected: 1, changed: 1, isRemoval: true)
    #expect(line(undo) == "undo: 1 run removed\n")
    let elsewhere = ActionReport(
      action: "undo", id: ActionID(8), entity: "cells", selected: 2, changed: 2,
      undone: UndoneNote(action: ActionID(7), verb: "approve", run: "summer"))
    #expect(line(elsewhere) == "undo of 7 (approve, run summer): 2 cells restored\n")
    #expect(ActionScreen(elsewhere).json.hasSuffix("\"remarks\":[],\"undoes\":7}\n"))
    #expect(
      line(ActionReport(action: "approve", id: nil, entity: "variants", selected: 1, changed: 1))
        == "approve: 1 variant approved\n")
    #expect(
      line(ActionReport(action: "skip", id: nil, entity: "cells", selected: 0, changed: 0))
        == "skip: no cells selected\n")
    let partly = ActionReport(
      action: "resubmit", id: nil, entity: "cells", selected: 1200, changed: 0,
      leftAlone: [.init(reason: "approved", count: 1000), .init(reason: "queued", count: 196)],
      notDone: [.init(reason: "the GPU budget of neon-city holds no more", count: 4)])
    #expect(
      line(partly) == """
        resubmit: none of 1,200 cells resubmitted · 1,196 left alone: 1,000 approved, 196 queued
        4 not done: the GPU budget of neon-city holds no more\n
        """)
  }

  @Test(arguments: [
    ("submit", "submitted"), ("cancel", "cancelled"), ("skip", "skipped"), ("unskip", "unskipped"),
    ("approve", "approved"), ("reject", "rejected"), ("retry", "retried"), ("prioritize", "prioritized"),
    ("hold", "held"), ("release", "released"), ("tag", "tagged"), ("untag", "untagged"), ("resubmit", "resubmitted"),
  ])
  func `Every action has its participle`(action: String, participle: String) {
    let report = ActionReport(action: action, id: nil, entity: "cells", selected: 2, changed: 2)
    #expect(OutputFormat.table.render(report, viewport: Viewport()) == "\(action): 2 cells \(participle)\n")
  }

  @Test func `An action for programs is one object`() throws {
    let text = OutputFormat.json.render(Productions.action, viewport: Viewport())
    #expect(
      text == """
        {"action":"submit","id":17,"entity":"cells","selected":48,"changed":46,\
        "left_alone":[{"reason":"approved","count":2}],"not_done":[],"jobs_queued":96,"remarks":[]}\n
        """)
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }
}

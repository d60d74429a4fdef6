import Foundation
import Model
import Testing

@testable import Rendering

@Suite struct PlanScreenTests {
  private static func plan(
    _ report: ActionReport, name: String? = "p1", queued: ActionPlan.Work = .init(), later: ActionPlan.Work = .init(),
    gpu: ActionPlan.Budget? = nil, disk: ActionPlan.Budget? = nil, slots: Int = 4, eta: Double? = nil
  ) -> ActionPlan {
    ActionPlan(
      action: report.action, name: name, statement: "cells where true | \(report.action)", report: report,
      queued: queued, later: later, gpuBudget: gpu, diskBudget: disk, slots: slots, etaSeconds: eta,
      expiresAt: name.map { _ in Date(timeIntervalSince1970: 1_795_345_200) })
  }

  private static func report(
    _ action: String, _ changed: Int, of selected: Int, leftAlone: [ActionReport.LeftAlone] = [],
    notDone: [ActionReport.LeftAlone] = [], jobs: Int = 0
  ) -> ActionReport {
    ActionReport(
      action: action, id: nil, entity: "cells", selected: selected, changed: changed, leftAlone: leftAlone,
      notDone: notDone, jobsQueued: jobs)
  }

  private static let takes = ActionPlan.Work(takes: 2, segments: 10, takeNumber: 2, gpuHours: 0.4, diskGB: 0.3)

  private static let cases: [(plan: ActionPlan, text: String)] = [
    (
      plan(
        report("submit", 2, of: 2, jobs: 2), queued: takes, gpu: .init(left: 11.2, after: 10.8),
        disk: .init(left: 40, after: 39.7), eta: 180),
      """
      p1: 2 cells get take 2 · 10 segments · 0.4 GPU h of 11.2 left · 0.3 GB of 40 left · about 3 min on 4 slots
          apply p1 to do exactly this
      """
    ),
    (
      plan(
        report("submit", 12, of: 14, leftAlone: [.init(reason: "approved", count: 2)], jobs: 5), name: nil,
        queued: .init(looks: 3, takes: 2, segments: 10, gpuHours: 0.5),
        later: .init(takes: 10, segments: 50, gpuHours: 2), slots: 0),
      "would submit 12 of 14 cells · 2 takes · 10 segments · 3 looks · 0.5 GPU h · 2 GPU h more for 10 takes that wait"
        + " · no worker is running · 2 left alone: approved"
    ),
    (
      plan(report("cancel", 1, of: 1), gpu: .init(left: 1, after: 1.4)),
      "p1: cancel 1 cell · gives back 0.4 GPU h, 1.4 left then\n    apply p1 to do exactly this"
    ),
    (
      plan(report("approve", 0, of: 3, leftAlone: [.init(reason: "queued", count: 3)])),
      "p1: approve none of 3 cells · 3 left alone: queued"
    ),
    (plan(report("approve", 0, of: 0), name: nil), "would approve nothing: no cells selected"),
    (
      plan(
        report("submit", 1, of: 1, notDone: [.init(reason: "the GPU budget does not hold them", count: 1)]), name: "x"),
      "x: submit 1 cell · 1 not done: the GPU budget does not hold them\n    apply x to do exactly this"
    ),
  ]

  @Test(arguments: cases.indices)
  func `a plan says what it would do in a line or two`(_ index: Int) {
    let (plan, text) = Self.cases[index]
    #expect(OutputFormat.table.render(plan, viewport: Viewport()) == text + "\n")
  }

  @Test func `where a format has rows only, a plan is one, and its id is the name it is applied by`() {
    let plan = Self.cases[5].plan
    #expect(
      OutputFormat.csv.render(plan, viewport: Viewport()) == """
        plan,action,statement,entity,selected,changed,left_alone,not_done,jobs_queued,gpu_hours,disk_gb,eta,expires_at
        x,submit,cells where true | submit,cells,1,1,[],"[""1 the GPU budget does not hold them""]",0,0,0,,\
        2026-11-22T11:00:00Z

        """)
    #expect(OutputFormat.ids.render(plan, viewport: Viewport()) == "x\n")
    #expect(OutputFormat.ids.render(Self.cases[4].plan, viewport: Viewport()).isEmpty)
  }

  @Test func `a plan for programs is one object, with null for what is not known`() throws {
    let named = OutputFormat.json.render(Self.cases[0].plan, viewport: Viewport())
    #expect(
      named == """
        {"plan":"p1","action":"submit","statement":"cells where true | submit","entity":"cells","selected":2,"changed":2,\
        "left_alone":[],"not_done":[],"jobs_queued":2,"remarks":[],"queued":{"looks":0,"takes":2,"segments":10,"gpu_hours":0.4,\
        "disk_gb":0.3},"later":{"looks":0,"takes":0,"segments":0,"gpu_hours":0,"disk_gb":0},"gpu_hours_left":11.2,\
        "gpu_hours_after":10.8,"disk_gb_left":40,"disk_gb_after":39.7,"slots":4,"eta":180,\
        "expires_at":"2026-11-22T11:00:00Z"}

        """)
    let tried = OutputFormat.jsonl.render(Self.cases[4].plan, viewport: Viewport())
    #expect(tried.hasPrefix(#"{"plan":null,"action":"approve""#) && tried.hasSuffix("\"expires_at\":null}\n"))
    #expect(tried.contains(#""gpu_hours_left":null,"gpu_hours_after":null"#))
    #expect(try JSONSerialization.jsonObject(with: Data(tried.utf8)) is [String: Any])
  }

  @Test(arguments: [24, 40, 70])
  func `no line of a plan is wider than the terminal`(_ width: Int) {
    for (plan, _) in Self.cases {
      let lines = PlanScreen(plan).lines(Viewport(width: width))
      #expect(lines.dropLast().allSatisfy { $0.width <= width || !$0.text.contains(" · ") })
    }
  }
}

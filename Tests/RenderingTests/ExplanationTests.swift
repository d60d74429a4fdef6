import Foundation
import Model
import Rendering
import Testing

struct ExplanationTests {
  static let read = Explanation(
    place: "project neon-city (1), run spring (1)",
    steps: ["cells", "where status = failed and character = 1 (Aria Vale)", "take 5"],
    sql: "select q.\"id\"\nfrom \"query_cells\" as q\nwhere q.run_id = 1\nand q.\"status\" = 'failed'\nlimit 5;",
    bindings: ["1", "'failed'", "5"], estimatedRows: 3)

  @Test func `All but the statement stands behind two dashes`() throws {
    var explanation = Self.read
    try expectSnapshot(OutputFormat.table.render(explanation, viewport: Viewport(width: 80)), "explanation")
    explanation.rows = 2
    explanation.timings = [
      .init(stage: "parse", milliseconds: 0.0312), .init(stage: "server", milliseconds: 12.5),
      .init(stage: "render", milliseconds: 0.2),
    ]
    try expectSnapshot(OutputFormat.table.render(explanation, viewport: Viewport(width: 60)), "explanation-analyzed")
    try expectSnapshot(OutputFormat.json.render(explanation, viewport: Viewport()), "explanation-json")
    let text = OutputFormat.table.render(explanation, viewport: Viewport(width: 30))
    let sql = text.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
    #expect(sql == explanation.sql)
  }

  @Test func `A name cannot break out of its comment`() {
    var explanation = Self.read
    explanation.place = "project x\ndrop table cells; (1)"
    explanation.steps.append("where name = \"a\u{2028}b\r\nc\"")
    let text = OutputFormat.table.render(explanation, viewport: Viewport())
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    #expect(lines.filter { !$0.hasPrefix("--") }.joined(separator: "\n") == explanation.sql)
  }

  @Test func `What an action would touch`() throws {
    var explanation = Self.read
    let report = ActionReport(
      action: "submit", id: nil, entity: "cells", selected: 3, changed: 2,
      leftAlone: [.init(reason: "approved", count: 1)], jobsQueued: 2)
    explanation.touch = .init(
      statuses: [.init(status: "failed", count: 2), .init(status: "approved", count: 1)],
      plan: ActionPlan(
        action: "submit", name: nil, statement: "x", report: report,
        queued: .init(takes: 2, segments: 4, gpuHours: 0.4, diskGB: 0.3), later: .init(),
        gpuBudget: .init(left: 11.2, after: 10.8), diskBudget: nil, slots: 4, etaSeconds: 180, expiresAt: nil))
    try expectSnapshot(OutputFormat.table.render(explanation, viewport: Viewport(width: 100)), "explanation-action")
    try expectSnapshot(OutputFormat.json.render(explanation, viewport: Viewport()), "explanation-action-json")
  }
}

struct MatrixValueTests {
  private static func matrix(_ column: ResultColumn, _ values: [Value]) -> Matrix {
    let matrix = Productions.matrix(4, 3, 2)
    let ids = matrix.cells.compactMap { $0?.id }
    return matrix.showing(
      column, Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, values[$0 % values.count]) }))
  }

  @Test func `The matrix shows values in place of glyphs`() throws {
    let numbers = Self.matrix(ResultColumn("take", .int), [.int(1), .int(12), .null])
    try expectSnapshot(OutputFormat.table.render(numbers, viewport: Viewport(width: 100)), "matrix-show-numbers")
    try expectSnapshot(OutputFormat.table.render(numbers, viewport: Viewport(width: 40)), "matrix-show-narrow")
    let times = Self.matrix(ResultColumn("gpu_seconds", .duration), [.duration(12.5), .duration(4000)])
    try expectSnapshot(OutputFormat.table.render(times, viewport: Viewport(width: 120)), "matrix-show-durations")
    try expectSnapshot(OutputFormat.csv.render(times, viewport: Viewport()), "matrix-show-csv")
  }

  @Test func `A long value is cut, and where it can be read is said`() throws {
    let long = Value.text("CUDA out of memory: tried to allocate 2 GiB\nsecond line")
    let notes = Self.matrix(ResultColumn("error", .text), [long, .text("ok")])
    let text = try OutputFormat.table.render(notes, viewport: Viewport(width: 120))
    try expectSnapshot(text, "matrix-show-long")
    #expect(text.contains("cells | pick id, error"))
    for line in text.split(separator: "\n") { #expect(line.count <= 120) }
    let short = Self.matrix(ResultColumn("error", .text), [.text("ok")])
    #expect(try !OutputFormat.table.render(short, viewport: Viewport(width: 120)).contains("pick id"))
  }
}

import Diagnostics
import Model
import QueryLanguage
import Testing

@testable import Session

@Suite struct `views of a part of a run` {
  private static func outcome(_ text: String, _ session: ProducerSession) async throws -> Outcome {
    try await session.execute(try World.statement(text)).outcome
  }

  @Test func `the matrix shows a field's values in its cells`() async throws {
    try await World.with { world in
      let session = try await world.session()
      guard case .matrix(let matrix, _) = try await Self.outcome("matrix show progress where character=1", session)
      else {
        Issue.record("no matrix")
        return
      }
      #expect(matrix.rows.map(\.name) == ["Aria Vale"])
      #expect(matrix.shown == ResultColumn("progress", .double))
      #expect(matrix.values == [.double(1), .double(1), .double(0), .double(1)])
      for (field, value) in [
        ("note", Value.text("eyes off model")), ("blocked_by", .null), ("take", .int(1)), ("status", .text("rejected")),
      ] {
        guard case .matrix(let matrix, _) = try await Self.outcome("cells where id=4 | matrix show \(field)", session)
        else {
          continue
        }
        #expect(matrix.values == [value], "\(field)")
      }
    }
  }

  @Test func `axes can be turned, and a part has only its own`() async throws {
    try await World.with { world in
      let session = try await world.session()
      guard
        case .matrix(let matrix, let axes) = try await Self.outcome(
          "cells where status in (failed, rejected) | matrix scene_types x variant_types", session)
      else {
        Issue.record("no matrix")
        return
      }
      #expect(axes == [.sceneTypes, .variantTypes, .characters])
      #expect(matrix.rows.map(\.name) == ["rooftop_walk"] && matrix.columns.map(\.name) == ["coat", "suit"])
      #expect(matrix.cells.map { $0?.id } == [CellID(3), CellID(4)])
    }
  }

  @Test func `another run's cells are shown as that run`() async throws {
    try await World.with { world in
      let session = try await world.session()
      guard case .matrix(let matrix, _) = try await Self.outcome("cells where run=autumn | matrix", session) else {
        Issue.record("no matrix")
        return
      }
      #expect(matrix.run == "autumn" && matrix.cells.count { $0 != nil } == 4)
      await #expect {
        _ = try await session.execute(try World.statement("cells where run in (spring, autumn) | progress"))
      } throws: { error in
        (error as? DiagnosticError)?.diagnostics.map(\.code) == ["several_runs"]
      }
    }
  }

  @Test func `the progress of the parts adds up to that of the whole`() async throws {
    try await World.with { world in
      let session = try await world.session()
      func progress(_ text: String) async throws -> Progress? {
        if case .progress(let progress) = try await Self.outcome(text, session) { progress } else { nil }
      }
      let whole = try #require(try await progress("progress"))
      var parts: [Progress] = []
      for id in 1...3 { parts.append(try #require(try await progress("cells where character=\(id) | progress"))) }
      #expect(whole.part == nil && parts.map(\.part) == [4, 4, 4])
      #expect(parts.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) } == whole.counts)
      #expect(parts.reduce(0) { $0 + $1.segments.done } == whole.segments.done)
      #expect(parts.reduce(0) { $0 + $1.segments.total } == whole.segments.total)
      #expect(parts.reduce(0) { $0 + $1.qaPassed.total } == whole.qaPassed.total)
      #expect(parts.reduce(0) { $0 + $1.variantsApproved.total } == whole.variantsApproved.total)
      #expect(parts.reduce(0) { $0 + $1.jobsReady } == 1 && parts.reduce(0) { $0 + $1.jobsRunning } == 1)
      #expect(abs(parts.reduce(0) { $0 + $1.gpuHoursUsed } - whole.gpuHoursUsed) < 1e-9)
      #expect(abs(parts.reduce(0) { $0 + $1.diskGBUsed } - whole.diskGBUsed) < 1e-9)
      let none = try #require(try await progress("cells where id = 999 | progress"))
      #expect(none.part == 0 && none.run == "spring" && none.counts.isEmpty)
    }
  }

  @Test func `why names each root cause once with its cells`() async throws {
    try await World.with { world in
      let session = try await world.session()
      guard case .why(let report) = try await Self.outcome("cells where submitted | why", session) else { return }
      let causes = report.blockages.map { "\($0.cause) \($0.cellIDs.map(\.rawValue))" }
      #expect(
        causes == [
          "variant_approval [6, 8]", "stale [2]", "take_failed [3]", "take_rejected [4]", "no_worker [7]",
          "source_qa_failed [9]",
        ])
    }
  }
}

import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store

/// Views: ways of looking at cells that are no table.
extension ProducerSession {
  func look(
    _ view: View, at pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> Outcome {
    let part = pipeline.isUnfiltered ? nil : compiler.idSet(pipeline)
    switch view {
    case .why:
      let report = try await WhyReads(connection).report(
        ProjectID(compiler.scope.projectID), compiler.heldUpCells(pipeline),
        from: FileManager.default.currentDirectoryPath, naming: isForPrograms(pipeline),
        spelling(for: pipeline, compiler))
      return .why(report)
    case .progress:
      let run = try await run(of: part, pipeline, compiler, statement)
      return .progress(try await ProgressReads(connection).progress(run, of: part))
    case .matrix(let rows, let columns, let field):
      let run = try await run(of: part, pipeline, compiler, statement)
      let axes = Self.axes(rows, columns)
      let cells = compiler.matrixCells(pipeline, axes: axes.map(\.column))
      let matrix = try await MatrixReads(connection).matrix(run, values: cells.values, cells: cells.copy, axes: axes)
      guard let field else { return .matrix(matrix, axes) }
      return .matrix(try await showing(field, of: pipeline, in: matrix, compiler), axes)
    }
  }

  private func spelling(for pipeline: CheckedPipeline, _ compiler: PipelineCompiler) -> RemedySpelling {
    let chosen = pipeline.chosen
    return RemedySpelling(
      findsByID: context.run == nil || compiler.onlyRun(of: pipeline) != nil, value: Literal.spelled,
      text: Literal.quoted
    ) {
      chosen?.narrowed(to: $0) ?? "cells where \($0)"
    }
  }

  /// People read how many cells there are; programs are told each.
  private func isForPrograms(_ pipeline: CheckedPipeline) -> Bool {
    pipeline.export != nil || settings.ofShell[.format].map { $0 != "table" } ?? false
  }

  /// The axes in the order that was asked for; the one not named comes last.
  private static func axes(_ rows: String?, _ columns: String?) -> [MatrixAxis] {
    let named = [rows, columns].compactMap { $0.flatMap(MatrixAxis.init) }
    return named + MatrixAxis.allCases.filter { !named.contains($0) }
  }

  /// The run whose cells were chosen; the run in use when there are none.
  private func run(
    of part: SQL?, _ pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> RunHeading {
    guard let part, compiler.onlyRun(of: pipeline) == nil else { return try await runHeading(nil, statement) }
    let runs = try await MatrixReads(connection).runs(of: part)
    guard runs.count < 2 else {
      throw failure(
        "several_runs", "these cells belong to \(runs.count) runs, and this view shows one", statement,
        hints: ["choose one:  cells where run=\(Literal.quoted(runs[0].name)) and ..."])
    }
    return try await runHeading(runs.first.map { .id($0.id, name: $0.name) }, statement)
  }

  private func showing(
    _ field: Field, of pipeline: CheckedPipeline, in matrix: Matrix, _ compiler: PipelineCompiler
  ) async throws -> Matrix {
    let query = compiler.values(of: field, in: pipeline)
    let column = ResultColumn(field.name, query.columns[1].columnKind)
    var values: [CellID: Value] = [:]
    for row in try await connection.query(query.sql).rows {
      values[CellID(try row.decode(column: 0, as: Int64.self))] = try Value(row, column: 1, kind: column.kind)
    }
    return matrix.showing(column, values)
  }
}

extension MatrixAxis {
  /// The field with the ids of its members.
  fileprivate var column: String {
    switch self {
    case .characters: "character_id"
    case .sceneTypes: "scene_type_id"
    case .variantTypes: "variant_id"
    }
  }
}

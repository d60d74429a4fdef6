import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import Store

extension ProducerSession {
  func carryOut(_ pipeline: CheckedPipeline, _ statement: Statement) async throws -> Outcome {
    try await loadHistory(for: pipeline)
    if let watch = pipeline.watch {
      return .watch(Watching(shortestPause: watch.every.map { .seconds($0) }))
    }
    let compiler = try compiler(for: pipeline, statement)
    if let action = pipeline.action { return try await act(action, on: pipeline, compiler, statement) }
    if let view = pipeline.view {
      let outcome = try await look(view, at: pipeline, compiler, statement)
      return pipeline.export.map { .export(outcome, path: $0.path, format: $0.format) } ?? outcome
    }
    return try await read(pipeline, compiler, statement)
  }

  /// The history is the shell's: the server has it only for as long as a statement asks for it.
  func loadHistory(for pipeline: CheckedPipeline) async throws {
    guard pipeline.entity.name == "history" else { return }
    let history = settings.history()
    try await HistoryRows(connection).load(history.records, session: history.session)
  }

  func compiler(for pipeline: CheckedPipeline, _ statement: Statement) throws -> PipelineCompiler {
    let isGlobal = pipeline.entity.scope == .shared && context.project == nil
    let project = isGlobal ? nil : try projectInUse(statement)
    return PipelineCompiler(scope: QueryScope(projectID: project?.id ?? 0, runID: context.run?.id))
  }

  func ids(_ pipeline: CheckedPipeline, _ compiler: PipelineCompiler) async throws -> [Int64] {
    try await connection.query(compiler.ids(pipeline)).rows.map { try $0.decode(column: 0, as: Int64.self) }
  }

  // MARK: Reading

  func read(
    _ pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws -> Outcome {
    if let expectation = pipeline.expectation {
      try await require(expectation, of: pipeline, compiler, statement)
      return .nothing
    }
    let limit = settings.rowLimit
    let compiled = compiler.rows(pipeline, limit: limit)
    let result = try await connection.query(compiled.sql)
    let table = try await table(compiled, result, limit: limit, total: compiler.total(pipeline))
    return .table(table, noun: pipeline.noun)
  }

  /// How many rows an expectation does not hold of; the server counts them, however many there are.
  func unmet(
    _ expectation: Expectation, of pipeline: CheckedPipeline, _ compiler: PipelineCompiler
  ) async throws -> (unmet: Int, total: Int) {
    let (unmet, total) = try await connection.query(compiler.tally(expectation, of: pipeline)).rows[0].decode(
      (Int, Int).self)
    return (unmet, total)
  }

  private func table(
    _ compiled: CompiledQuery, _ result: QueryResult, limit: Int?, total: SQL
  ) async throws -> ResultTable {
    let kinds = compiled.columns.map(\.columnKind)
    let rows = try result.rows.map { row in
      try kinds.indices.map { try Value(row, column: $0, kind: kinds[$0]) }
    }
    var count = rows.count
    if let limit, rows.count >= limit { count = try await connection.query(total).rows[0].decode(column: 0) }
    return ResultTable(
      columns: compiled.columns.map { ResultColumn($0.name, $0.columnKind) }, rows: rows, total: count)
  }

  private func require(
    _ expectation: Expectation, of pipeline: CheckedPipeline, _ compiler: PipelineCompiler, _ statement: Statement
  ) async throws {
    let (unmet, total) = try await unmet(expectation, of: pipeline, compiler)
    if unmet == 0 { return }
    let compiled = compiler.firstUnmet(expectation, in: pipeline)
    let found = try await connection.query(compiled.sql).rows.first.map { row in
      zip(compiled.columns, 0...).prefix(4).map { "\($0.name)=\(row[$1] ?? "null")" }.joined(separator: " ")
    }
    let message =
      expectation == .none
      ? "expected no rows, found \(unmet)" : "the expectation does not hold for \(unmet) of \(total) rows"
    throw ExpectationUnmet(
      diagnostic: Diagnostic(
        code: "expectation_unmet", message: message, source: statement.source, span: statement.expectationSpan,
        hints: found.map { ["the first is \($0)"] } ?? []))
  }
}

extension CheckedPipeline {
  /// The plural of what its rows are, for a person.
  var noun: String {
    if !shape.isEntity { return "rows" }
    return entity.name == "history" ? "statements" : entity.name.replacing("_", with: " ")
  }
}

extension OutputColumn {
  var columnKind: ColumnKind { ColumnKind(rawValue: kind.rawValue) ?? .text }
}

extension Value {
  init(_ row: Row, column: Int, kind: ColumnKind) throws {
    func read<T: PostgresDecodable>(_ type: T.Type, _ make: (T) -> Value) throws -> Value {
      try row.decode(column: column, as: T?.self).map(make) ?? .null
    }
    self =
      switch kind {
      case .bool: try read(Bool.self, Value.bool)
      case .int: try read(Int64.self, Value.int)
      case .double: try read(Double.self, Value.double)
      case .text, .status: try read(String.self, Value.text)
      case .time: try read(Date.self, Value.time)
      case .duration: try read(Double.self, Value.duration)
      case .list: try read([String].self) { .list($0.map(Value.text)) }
      }
  }
}

extension ProducerAction {
  /// nil: not carried out yet.
  init?(_ action: CheckedAction) {
    let options = action.options
    switch action.name {
    case .submit: self = .submit(takeNew: options.take == .new, priority: options.priority, fit: options.fit == true)
    case .resubmit: self = .resubmit(priority: options.priority, fit: options.fit == true)
    case .cancel: self = .cancel
    case .skip: self = .skip(reason: options.reason)
    case .unskip: self = .unskip
    case .approve:
      let note = options.note
      if case .number(let take) = options.take {
        self = .approve(note: note, take: take)
      } else {
        self = .approve(note: note)
      }
    case .reject: self = .reject(reason: options.wording)
    case .hold: self = .hold
    case .release: self = .release
    case .prioritize: self = .prioritize(options.priority ?? 50)
    case .tag: self = .tag(options.tag ?? "")
    case .untag: self = .untag(options.tag ?? "")
    case .retry: self = .retry
    }
  }
}

extension ActionOptions {
  /// Why, in all the words that were given: `eyes off model: see the sheet`.
  var wording: String? {
    let words = [reason, note].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: ": ")
  }
}

extension ActionSubject {
  init?(entity: String, ids: [Int64]) {
    switch entity {
    case "cells": self = .cells(ids)
    case "variants": self = .variants(ids)
    case "sources": self = .sources(ids)
    case "jobs": self = .jobs(ids)
    default: return nil
    }
  }
}

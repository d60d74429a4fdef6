import Diagnostics
import Model
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText

/// A statement that only reads rows, checked and compiled and ready to be sent.
public struct Reading: Sendable {
  public let statement: Statement
  public let columns: [ResultColumn]
  /// The plural of what a row is.
  public let noun: String
  public let warnings: [Diagnostic]
  /// Where the rows go, when they are not to be shown.
  public let export: Export?
  let sql: SQL
  fileprivate let pipeline: CheckedPipeline
  fileprivate let compiler: PipelineCompiler
}

/// Rows of one of several readings that were sent at once.
public struct ReadingRows: Sendable {
  /// Of the reading, from 0.
  public let index: Int
  /// In the order of its columns.
  public let rows: [[Value]]
  /// It has no more.
  public let isLast: Bool
}

/// The formats that the server can write by itself.
public enum ServerFormat: Sendable {
  case csv, tsv

  fileprivate var copyFormat: CopyFormat {
    switch self {
    case .csv: .csv
    case .tsv: .tsv
    }
  }
}

/// What became of one of several readings.
public struct ReadingFailure: Error, Sendable {
  /// Those before it went well, those behind it were not run.
  public let index: Int
  public let diagnostics: [Diagnostic]
}

/// Reads that stream: rows are handed over as they come and never held as a whole.
extension ProducerSession {
  /// The statement as a reading; nil for everything else, which `execute` carries out, and for rows that are capped,
  /// since their total is to be told.
  /// - Throws: `DiagnosticError`, `DatabaseAway`.
  public func reading(of statement: Statement) async throws -> Reading? {
    guard statement.mayBeReading, settings.rowLimit == nil || statement.exports else { return nil }
    return try await connected(for: statement) {
      var (checked, diagnostics) = try await check(statement)
      diagnostics += try await refusedPatterns(of: statement)
      guard case .pipeline(let pipeline) = checked, !diagnostics.contains(where: { $0.severity == .error }) else {
        throw DiagnosticError(diagnostics)
      }
      // A macro may hold what the statement itself does not.
      if pipeline.action != nil || pipeline.view != nil || pipeline.expectation != nil || pipeline.watch != nil
        || (settings.rowLimit != nil && pipeline.export == nil)
      {
        return nil
      }
      try await loadHistory(for: pipeline)
      let compiler = try compiler(for: pipeline, statement)
      let compiled = compiler.rows(pipeline)
      return Reading(
        statement: statement, columns: compiled.columns.map { ResultColumn($0.name, $0.columnKind) },
        noun: pipeline.noun,
        warnings: diagnostics.map { $0.reached(by: trail) }, export: pipeline.export,
        sql: compiled.sql, pipeline: pipeline, compiler: compiler)
    }
  }

  /// Sends all readings at once and hands their rows over in order. nil when all went well.
  /// - Throws: `DatabaseAway`, and what `receive` throws; then what still runs is cancelled.
  public func send(
    _ readings: [Reading], to receive: @Sendable (ReadingRows) async throws -> Void
  ) async throws -> ReadingFailure? {
    guard let first = readings.first else { return nil }
    do {
      return try await connected(for: first.statement, repeats: false) {
        try await sendAll(readings, receive)
        return nil
      }
    } catch let failure as ReadingFailure {
      return failure
    }
  }

  /// - Throws: `ReadingFailure`, so that whatever is around it ends as after any failure.
  private func sendAll(
    _ readings: [Reading], _ receive: @Sendable (ReadingRows) async throws -> Void
  ) async throws {
    let kinds = readings.map { $0.columns.map(\.kind) }
    let failure = try await connection.readAhead(readings.map(\.sql)) { part in
      let kinds = kinds[part.index]
      let rows = try part.rows.map { row in try kinds.indices.map { try Value(row, column: $0, kind: kinds[$0]) } }
      try await receive(ReadingRows(index: part.index, rows: rows, isLast: part.isLast))
    }
    let index = failure.map { $0.statementIndex ?? 0 } ?? readings.count
    for reading in readings[..<index] { note(reading) }
    guard let failure else { return }
    if failure.isConnectionTrouble { throw failure }
    let diagnostic = failure.diagnostic(readings[index].statement).reached(by: trail)
    throw ReadingFailure(index: index, diagnostics: [diagnostic])
  }

  /// Lets the server write the rows as text, header first, and hands that over in pieces. The result is the number of
  /// rows.
  /// - Throws: `DiagnosticError`, `DatabaseAway`, and what `receive` throws; then the statement is cancelled.
  public func copy(
    _ reading: Reading, as format: ServerFormat, to receive: @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Int {
    let query = reading.compiler.copy(reading.pipeline, as: format.copyFormat)
    return try await connected(for: reading.statement, repeats: false) {
      do {
        if let values = query.values { try await connection.execute(values) }
        let count = try await connection.copyOut(query.copy) { piece in
          try await receive(piece)
          return .next
        }
        note(reading)
        return count
      } catch let error as PostgresError where !error.isConnectionTrouble {
        throw DiagnosticError([error.diagnostic(reading.statement)])
      }
    }
  }

  private func note(_ reading: Reading) {
    record.note(reading.statement, isOwn: frames.allSatisfy { !$0.isCalled })
  }
}

extension Statement {
  /// False for what certainly is none, so that it need not be checked twice.
  fileprivate var mayBeReading: Bool {
    guard case .pipeline(let pipeline) = kind, pipeline.action == nil else { return false }
    return pipeline.stages.allSatisfy { stage in
      switch stage.value {
      case .filter, .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .combine, .sample, .export: true
      case .why, .matrix, .progress, .watch, .expectNone, .expect: false
      }
    }
  }

  /// By itself or, maybe, in a macro.
  fileprivate var exports: Bool {
    guard case .pipeline(let pipeline) = kind else { return false }
    if case .macro = pipeline.source { return true }
    return pipeline.stages.contains { if case .export = $0.value { true } else { false } }
  }
}

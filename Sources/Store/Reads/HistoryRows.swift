import Foundation
import Model
import PostgresClient
import SQLText

/// The user's history as rows that the language can ask.
public struct HistoryRows: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  private struct Row: Encodable {
    var id: Int
    var at: Double
    var statement: String
    var project: String?
    var run: String?
    var took: Double?
    var result: String?
    var action: Int64?
    var here: Bool
  }

  /// Puts the records, oldest first, where `query_history` finds them: in a temporary table of this connection.
  public func load(_ records: [HistoryRecord], session: String) async throws {
    let rows = zip(records, 1...).map { record, id in
      Row(
        id: id, at: record.at.timeIntervalSince1970, statement: record.statement.replacing("\0", with: ""),
        project: record.project, run: record.run, took: record.seconds, result: record.result?.rawValue,
        action: record.action, here: record.session == session)
    }
    let json = String(decoding: try JSONEncoder().encode(rows), as: UTF8.self)
    try await connection.execute(
      """
      create temporary table if not exists query_history (
        id bigint, project_id bigint, at timestamptz, statement text, project text, run text, took double precision,
        result text, action bigint, here boolean)
      """)
    try await connection.execute("truncate pg_temp.query_history")
    try await connection.execute(
      """
      insert into pg_temp.query_history (id, at, statement, project, run, took, result, action, here)
      select id, to_timestamp(at), statement, project, run, took, result, action, here
      from jsonb_to_recordset(\(SQLValue.json(json))) as r (
        id bigint, at double precision, statement text, project text, run text, took double precision, result text,
        action bigint, here boolean)
      """)
  }
}

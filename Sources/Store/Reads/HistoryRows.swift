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

  /// Puts the records, oldest first, where statements about the history find them: into a setting of this connection's
  /// session. A table would have to be written, which a standby refuses.
  public func load(_ records: [HistoryRecord], session: String) async throws {
    let rows = zip(records, 1...).map { record, id in
      Row(
        id: id, at: record.at.timeIntervalSince1970, statement: record.statement.replacing("\0", with: ""),
        project: record.project, run: record.run, took: record.seconds, result: record.result?.rawValue,
        action: record.action, here: record.session == session)
    }
    let json = String(decoding: try JSONEncoder().encode(rows), as: UTF8.self)
    try await connection.execute("select set_config('callsheet.history', \(json), false)")
  }
}

import Foundation
import PostgresClient
import SQLText

/// What the server's planner says of a statement.
public struct PlanReads: Sendable {
  public struct Estimate: Equatable, Sendable {
    public var rows: Double
  }

  /// Times on the server, in milliseconds.
  public struct Measurement: Equatable, Sendable {
    public var rows: Int
    public var planning: Double
    public var execution: Double
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  public func estimate(_ sql: SQL) async throws -> Estimate {
    Estimate(rows: try await document("explain (format json) \(sql)").plan.rows)
  }

  /// Runs the statement, which must only read.
  public func measure(_ sql: SQL) async throws -> Measurement {
    let document = try await document("explain (analyze, timing off, format json) \(sql)")
    return Measurement(
      rows: Int(document.plan.actualRows ?? 0), planning: document.planning ?? 0, execution: document.execution ?? 0)
  }

  /// How many rows there are with each status, in the order of statuses. `statuses` gives a row for each, its status as text.
  public func counts(byStatus statuses: SQL) async throws -> [(status: String, count: Int)] {
    try await connection.query(
      "select s.status, count(*) from (\(statuses)) as s (status) group by s.status order by count(*) desc, s.status"
    ).rows.map { row in
      let (status, count) = try row.decode((String, Int).self)
      return (status, count)
    }
  }

  private func document(_ sql: SQL) async throws -> Document {
    let text = try await connection.query(sql).rows[0].decode(String.self)
    guard let document = try JSONDecoder().decode([Document].self, from: Data(text.utf8)).first else {
      throw PostgresError(.decoding, "the server gave no plan")
    }
    return document
  }

  private struct Document: Decodable {
    struct Plan: Decodable {
      let rows: Double
      let actualRows: Double?

      enum CodingKeys: String, CodingKey {
        case rows = "Plan Rows"
        case actualRows = "Actual Rows"
      }
    }

    let plan: Plan
    let planning: Double?
    let execution: Double?

    enum CodingKeys: String, CodingKey {
      case plan = "Plan"
      case planning = "Planning Time"
      case execution = "Execution Time"
    }
  }
}

import Model
import PostgresClient
import SQLText

@testable import Store

extension WhyReads {
  /// Of cells by their ids; names in remedies stand as they are.
  func report(_ ids: [Int64], from folder: String = "/") async throws -> WhyReport {
    let project = try await connection.query(
      """
      select coalesce(max(r.project_id), (select max(id) from projects)) from production_runs r
      where r.id in (select c.run_id from cells c where c.id = any (\(ids)))
      """
    ).rows[0].decode(Int64.self)
    return try await report(
      ProjectID(project),
      """
      select c.id, c.run_id, c.character_id, c.scene_type_id, c.variant_type_id as variant_id,
        s.current_take_id as take_id, c.status, c.stale, c.held, c.submitted_at
      from cells c join scenes s on s.id = c.scene_id where c.id = any (\(ids))
      """, from: folder,
      RemedySpelling {
        $0
      } text: {
        "\"\($0)\""
      } chosen: {
        "cells where \($0)"
      })
  }
}

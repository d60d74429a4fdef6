import Foundation
import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import TestDatabase
import TestFixtures

/// A value as it came from the database.
enum Cell: Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case text(String)
  case time(Date)
  case list([String])
}

/// A row of an entity: its fields by name, and the ids of its references as `<name>_id`.
typealias RowOfCells = [String: Cell]

/// A run of 180 cells whose facts are drawn by lot: nothing follows from anything, so every combination is there.
enum RandomRows {
  static let texts = [
    "CUDA out of memory", "cuda OUT of Memory", "it's 50% done", "a_b", "axb", "\\d+", "line one\nline two", "", "ÅSA",
    "åsa", "[draft]",
    "eyes off model",
  ]

  static func fill(_ connection: PostgresConnection, seed: Int) async throws {
    try await connection.executeScript(String(decoding: try Snapshot.fixture("random.sql"), as: UTF8.self))
    var random = SeededGenerator(seed: seed)
    let statuses = [
      "not_started", "blocked", "queued", "generating", "qa_review", "approved", "failed", "rejected", "skipped",
    ]
    try await connection.execute("set session_replication_role = replica")
    for id in Int64(1)...180 {
      let status = random.any(statuses)
      let moment = World.now.addingTimeInterval(Double(Int.random(in: -400_000...0, using: &random)))
      let tags = ["hero", "night", "Night shoot", "b_c"].filter { _ in random.isOne(in: 4) }
      let reason: String? = random.isOne(in: 3) ? random.any(texts) : nil
      let total = Int.random(in: 0...3, using: &random)
      try await connection.execute(
        """
        update cells set status = \(status)::cell_status, submitted = \(random.isOne(in: 2)), stale = \(random.isOne(in: 3)),
          held = \(random.isOne(in: 4)), skipped = \(status == "skipped"), skip_reason = \(reason.sqlValue)::text,
          priority = \(Int.random(in: 0...9, using: &random) * 10), tags = \(tags), updated_at = \(moment),
          segments_total = \(total), segments_done = \(Int.random(in: 0...total, using: &random))
        where id = \(id)
        """)
      if random.isOne(in: 3) { continue }
      try await take(of: id, connection, &random)
    }
  }

  private static func take(
    of scene: Int64, _ connection: PostgresConnection, _ random: inout SeededGenerator
  ) async throws {
    let reviewer: Int64? = random.isOne(in: 2) ? Int64.random(in: 1...3, using: &random) : nil
    let note: String? = random.isOne(in: 2) ? random.any(texts) : nil
    let check = random.any(["pending", "passed", "failed", "waived"])
    let reason: String? = check == "failed" || random.isOne(in: 4) ? random.any(texts) : nil
    let made = World.now.addingTimeInterval(Double(Int.random(in: -400_000...0, using: &random)))
    try await connection.execute(
      """
      with made as (
        insert into takes (id, scene_id, number, run_id, variant_id, input_path, input_sha256, seed, qa_status, qa_reason, note,
          reviewer_id, created_at)
        values (\(scene), \(scene), \(Int.random(in: 1...4, using: &random)), 1, 1, '/v', repeat('1', 64), 1,
          \(check)::qa_status, \(reason.sqlValue)::text, \(note.sqlValue)::text,
          \(reviewer.sqlValue)::bigint, \(made)))
      update scenes set current_take_id = \(scene) where id = \(scene)
      """)
    for number in 0..<Int.random(in: 0...2, using: &random) {
      let error: String? = random.isOne(in: 3) ? random.any(texts) : nil
      let began: Date? = random.isOne(in: 4) ? nil : made.addingTimeInterval(60)
      let ended: Date? =
        random.isOne(in: 3) ? nil : made.addingTimeInterval(Double(Int.random(in: 60...90_000, using: &random)))
      try await connection.execute(
        """
        insert into segments (take_id, number, status_id, gpu_seconds, error, started_at, finished_at)
        values (\(scene), \(number + 1), 1, \(Double(Int.random(in: 0...400, using: &random)) / 8), \(error.sqlValue)::text,
          \(began.sqlValue)::timestamptz, \(ended.sqlValue)::timestamptz)
        """)
    }
  }

  /// Every row of a run's cells, as the view has them, in the order of ids.
  static func read(_ connection: PostgresConnection, _ entity: Entity) async throws -> [RowOfCells] {
    let result = try await connection.query(
      "select q.* from \(identifier: "query_\(entity.name)") q where q.run_id = 1 order by q.id")
    let places = Dictionary(uniqueKeysWithValues: zip(result.columns.map(\.name), 0...))
    return try result.rows.map { row in
      var values: RowOfCells = [:]
      for field in entity.fields {
        guard let place = places[field.name] else { continue }
        values[field.name] = try cell(row, place, field.type)
        if case .reference = field.type, let id = places[field.name + "_id"] {
          values[field.name + "_id"] = try row.decode(column: id, as: Int64?.self).map(Cell.int) ?? .null
        }
      }
      return values
    }
  }

  private static func cell(_ row: Row, _ column: Int, _ type: FieldType) throws -> Cell {
    switch type {
    case .bool: try row.decode(column: column, as: Bool?.self).map(Cell.bool) ?? .null
    case .int: try row.decode(column: column, as: Int64?.self).map(Cell.int) ?? .null
    case .double, .duration: try row.decode(column: column, as: Double?.self).map(Cell.double) ?? .null
    case .text, .word, .reference: try row.decode(column: column, as: String?.self).map(Cell.text) ?? .null
    case .time: try row.decode(column: column, as: Date?.self).map(Cell.time) ?? .null
    case .list: try row.decode(column: column, as: [String]?.self).map(Cell.list) ?? .null
    }
  }
}

import Model
import PostgresClient
import SQLText

/// Reads a run as a matrix, from the kept statuses.
public struct MatrixReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The matrix of a run, or of those of its cells that are in `ids`. Axes hold only members that have a cell.
  public func matrix(_ run: RunHeading, ids: [Int64]?) async throws -> Matrix {
    let chosen: SQL = ids.map { "c.run_id = \(run.id) and c.id = any (\($0))" } ?? "c.run_id = \(run.id)"
    let results = try await connection.pipeline([
      axis("characters", "character_id", chosen), axis("scene_types", "scene_type_id", chosen),
      axis("variant_types", "variant_type_id", chosen),
      """
      select c.id, c.character_id, c.scene_type_id, c.variant_type_id, c.status::text, c.stale, c.segments_done,
        c.segments_total
      from cells c where \(chosen)
      """,
    ])
    let rows = try results[0].rows.map(member)
    let columns = try results[1].rows.map(member)
    let subcolumns = try results[2].rows.map(member)
    let place = Places(rows: rows, columns: columns, subcolumns: subcolumns)
    var cells = [MatrixCell?](repeating: nil, count: rows.count * columns.count * subcolumns.count)
    for row in results[3].rows {
      let (id, character, scene, variant, status, stale, done, total) = try row.decode(
        (Int64, Int64, Int64, Int64, String, Bool, Int, Int).self)
      // A member that came between the two reads has no place yet.
      guard let index = place.index(character, scene, variant) else { continue }
      cells[index] = MatrixCell(
        id: CellID(id), status: CellStatus(rawValue: status) ?? .notStarted, stale: stale, segmentsDone: done,
        segments: total)
    }
    return Matrix(
      project: run.project, run: run.name, rows: rows, columns: columns, subcolumns: subcolumns, cells: cells)
  }

  private func axis(_ table: String, _ column: String, _ chosen: SQL) -> SQL {
    """
    select a.id, a.name from \(identifier: table) a
    where exists (select 1 from cells c where \(chosen) and c.\(identifier: column) = a.id)
    order by a.position, a.id
    """
  }

  private func member(_ row: Row) throws -> AxisMember {
    let (id, name) = try row.decode((Int64, String).self)
    return AxisMember(id: id, name: name)
  }
}

private struct Places {
  let rows: [Int64: Int]
  let columns: [Int64: Int]
  let subcolumns: [Int64: Int]

  init(rows: [AxisMember], columns: [AxisMember], subcolumns: [AxisMember]) {
    self.rows = Self.indices(rows)
    self.columns = Self.indices(columns)
    self.subcolumns = Self.indices(subcolumns)
  }

  private static func indices(_ members: [AxisMember]) -> [Int64: Int] {
    Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.id, $0) })
  }

  func index(_ row: Int64, _ column: Int64, _ subcolumn: Int64) -> Int? {
    guard let row = rows[row], let column = columns[column], let subcolumn = subcolumns[subcolumn] else { return nil }
    return (row * columns.count + column) * subcolumns.count + subcolumn
  }
}

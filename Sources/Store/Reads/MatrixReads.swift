import Model
import PostgresClient
import SQLText

/// Reads a run as a matrix, from the kept statuses.
public struct MatrixReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The matrix of a run, or of those of its cells whose ids `part` selects. Axes hold only members that have a cell.
  /// - Parameter axes: rows, columns and sub-columns: each axis once.
  public func matrix(_ run: RunHeading, of part: SQL? = nil, axes: [MatrixAxis] = MatrixAxis.allCases) async throws
    -> Matrix
  {
    let chosen: SQL = part.map { "c.run_id = \(run.id) and c.id in (\($0))" } ?? "c.run_id = \(run.id)"
    let columns = SQL.joined(axes.map { "c.\(identifier: $0.column)" }, separator: ", ")
    let results = try await connection.pipeline(
      axes.map { axis($0, chosen) } + [
        """
        select c.id, \(columns), c.status::text, c.stale, c.segments_done, c.segments_total
        from cells c where \(chosen)
        """
      ])
    let members = try results.prefix(3).map { try $0.rows.map(member) }
    let places = members.map { Dictionary(uniqueKeysWithValues: zip($0.map(\.id), 0...)) }
    var cells = [MatrixCell?](repeating: nil, count: members.reduce(1) { $0 * $1.count })
    for row in results[3].rows {
      let (id, first, second, third, status, stale, done, total) = try row.decode(
        (Int64, Int64, Int64, Int64, String, Bool, Int, Int).self)
      // A member that came between the two reads has no place yet.
      guard let row = places[0][first], let column = places[1][second], let sub = places[2][third] else { continue }
      cells[(row * members[1].count + column) * members[2].count + sub] = MatrixCell(
        id: CellID(id), status: CellStatus(rawValue: status) ?? .notStarted, stale: stale, segmentsDone: done,
        segments: total)
    }
    return Matrix(
      project: run.project, run: run.name, rows: members[0], columns: members[1], subcolumns: members[2], cells: cells)
  }

  /// The runs that these cells belong to, at most ten.
  public func runs(of part: SQL) async throws -> [AxisMember] {
    try await connection.query(
      """
      select r.id, r.name from production_runs r
      where r.id in (select c.run_id from cells c where c.id in (\(part))) order by r.id limit 10
      """
    ).rows.map(member)
  }

  private func axis(_ axis: MatrixAxis, _ chosen: SQL) -> SQL {
    """
    select a.id, a.name from \(identifier: axis.rawValue) a
    where exists (select 1 from cells c where \(chosen) and c.\(identifier: axis.column) = a.id)
    order by a.position, a.id
    """
  }

  private func member(_ row: Row) throws -> AxisMember {
    let (id, name) = try row.decode((Int64, String).self)
    return AxisMember(id: id, name: name)
  }
}

extension MatrixAxis {
  var column: String {
    switch self {
    case .characters: "character_id"
    case .sceneTypes: "scene_type_id"
    case .variantTypes: "variant_type_id"
    }
  }
}

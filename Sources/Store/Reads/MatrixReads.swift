import Model
import PostgresClient
import SQLText
import Synchronization

/// Reads a run as a matrix, from the kept statuses.
public struct MatrixReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The matrix of a run, or of some of its cells. Axes hold only members that have a cell.
  /// - Parameters:
  ///   - values: to be run before the cells are asked for; nil when there is nothing.
  ///   - cells: a COPY to standard output whose lines are as `MatrixRows` reads them. COPY costs the server the least for each
  ///     row, and it is read while the server still writes: a run may have a million.
  ///   - axes: rows, columns and sub-columns, in the order of the lines.
  public func matrix(_ run: RunHeading, values: SQL?, cells: SQL, axes: [MatrixAxis]) async throws -> Matrix {
    let rows = try await rows(values, cells)
    let present = [rows.rows.ids, rows.columns.ids, rows.subcolumns.ids]
    let members = try await connection.pipeline(zip(axes, present).map(members)).map { try $0.rows.map(member) }
    return Matrix(
      project: run.project, run: run.name, rows: members[0], columns: members[1], subcolumns: members[2],
      cells: rows.cells(members))
  }

  private func rows(_ values: SQL?, _ cells: SQL) async throws -> MatrixRows {
    if let values { try await connection.execute(values) }
    let rows = Mutex(MatrixRows())
    try await connection.copyOut(cells) { piece in
      rows.withLock { $0.append(piece) }
      return .next
    }
    return rows.withLock { $0 }
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

  private func members(_ axis: MatrixAxis, _ ids: [Int64]) -> SQL {
    "select a.id, a.name from \(identifier: axis.rawValue) a where a.id = any (\(ids)) order by a.position, a.id"
  }

  private func member(_ row: Row) throws -> AxisMember {
    let (id, name) = try row.decode((Int64, String).self)
    return AxisMember(id: id, name: name)
  }
}

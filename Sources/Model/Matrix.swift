/// One of the three axes; the raw value is its plural in the language.
public enum MatrixAxis: String, CaseIterable, Sendable {
  case characters
  case sceneTypes = "scene_types"
  case variantTypes = "variant_types"
}

/// A member of one of the three axes.
public struct AxisMember: Equatable, Sendable {
  public let id: Int64
  public let name: String

  public init(id: Int64, name: String) {
    self.id = id
    self.name = name
  }
}

public struct MatrixCell: Equatable, Sendable {
  public let id: CellID
  public let status: CellStatus
  public let stale: Bool
  public let segmentsDone: Int
  public let segments: Int
  /// Of the field that is shown in place of the status; nil when none is.
  public let value: Value?

  public init(
    id: CellID, status: CellStatus, stale: Bool = false, segmentsDone: Int = 0, segments: Int = 0, value: Value? = nil
  ) {
    self.value = value
    self.id = id
    self.status = status
    self.stale = stale
    self.segmentsDone = segmentsDone
    self.segments = segments
  }
}

/// The whole of a run (or the part that was asked for) as a screen shows it.
///
/// `cells` is row-major: the cell of row r, column c and sub-column v is at `(r * columns.count + c) * subcolumns.count + v`;
/// `nil` is a position the selection left out.
public struct Matrix: Equatable, Sendable {
  public let project: String
  public let run: String
  public let rows: [AxisMember]
  public let columns: [AxisMember]
  public let subcolumns: [AxisMember]
  public let cells: [MatrixCell?]
  /// The field whose values stand in the cells; nil: the status does.
  public let shown: ResultColumn?

  public init(
    project: String, run: String, rows: [AxisMember], columns: [AxisMember], subcolumns: [AxisMember],
    cells: [MatrixCell?], shown: ResultColumn? = nil
  ) {
    self.shown = shown
    precondition(cells.count == rows.count * columns.count * subcolumns.count, "one place per position")
    self.project = project
    self.run = run
    self.rows = rows
    self.columns = columns
    self.subcolumns = subcolumns
    self.cells = cells
  }

  /// How many of the shown cells have each status; statuses nobody has are absent.
  public var counts: [CellStatus: Int] {
    cells.reduce(into: [:]) { counts, cell in
      if let cell { counts[cell.status, default: 0] += 1 }
    }
  }

  public var staleCount: Int { cells.count { $0?.stale == true } }

  /// The same with a field's values in the cells; a cell that has no value shows none.
  public func showing(_ column: ResultColumn, _ values: [CellID: Value]) -> Matrix {
    let cells = cells.map { cell in
      cell.map {
        MatrixCell(
          id: $0.id, status: $0.status, stale: $0.stale, segmentsDone: $0.segmentsDone, segments: $0.segments,
          value: values[$0.id] ?? .null)
      }
    }
    return Matrix(
      project: project, run: run, rows: rows, columns: columns, subcolumns: subcolumns, cells: cells, shown: column)
  }
}

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

/// Nothing but numbers, since a run may have a million of them.
public struct MatrixCell: Equatable, Sendable {
  public let id: CellID
  public let status: CellStatus
  public let stale: Bool
  private let done: Int16
  private let total: Int16

  public var segmentsDone: Int { Int(done) }
  public var segments: Int { Int(total) }

  public init(id: CellID, status: CellStatus, stale: Bool = false, segmentsDone: Int = 0, segments: Int = 0) {
    self.id = id
    self.status = status
    self.stale = stale
    done = Int16(clamping: segmentsDone)
    total = Int16(clamping: segments)
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
  /// Of that field, at the places of the cells; empty when none is shown.
  public let values: [Value]

  public init(
    project: String, run: String, rows: [AxisMember], columns: [AxisMember], subcolumns: [AxisMember],
    cells: [MatrixCell?], shown: ResultColumn? = nil, values: [Value] = []
  ) {
    precondition(values.count == (shown == nil ? 0 : cells.count), "one value per position")
    self.shown = shown
    self.values = values
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
    var counts: [CellStatus: Int] = [:]
    // Neighbours are mostly alike.
    var last: CellStatus?
    var run = 0
    for case .some(let cell) in cells {
      if cell.status == last {
        run += 1
        continue
      }
      if let last { counts[last, default: 0] += run }
      (last, run) = (cell.status, 1)
    }
    if let last { counts[last, default: 0] += run }
    return counts
  }

  public var staleCount: Int { cells.count { $0?.stale == true } }

  /// The same with a field's values in the cells; a cell that has no value shows none.
  public func showing(_ column: ResultColumn, _ values: [CellID: Value]) -> Matrix {
    Matrix(
      project: project, run: run, rows: rows, columns: columns, subcolumns: subcolumns, cells: cells, shown: column,
      values: cells.map { cell in cell.flatMap { values[$0.id] } ?? .null })
  }
}

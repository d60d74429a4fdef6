import Model

/// The matrix for programs.
extension MatrixScreen {
  /// One object `{project, run, rows, columns, subcolumns, counts, stale, cells}`; a cell names its place by the ids of
  /// the three axes. Ends with a newline.
  public var json: String {
    var text = "{\"project\":"
    JSONText.write(matrix.project, &text)
    text += ",\"run\":"
    JSONText.write(matrix.run, &text)
    members("rows", matrix.rows, &text)
    members("columns", matrix.columns, &text)
    members("subcolumns", matrix.subcolumns, &text)
    let counts = matrix.counts
    let present = CellStatus.allCases.compactMap { status in counts[status].map { "\"\(status.rawValue)\":\($0)" } }
    text += ",\"counts\":{\(present.joined(separator: ","))},\"stale\":\(matrix.staleCount)"
    text += ",\"cells\":["
    writeCells(&text)
    text += "\n]}\n"
    return text
  }

  /// The objects of the cells, as `table` has them, but without a table between: there may be a million.
  private func writeCells(_ text: inout String) {
    text.reserveCapacity(text.utf8.count + matrix.cells.count * 112)
    let places = matrix.columns.flatMap { column in
      matrix.subcolumns.map { ",\"column\":\(column.id),\"subcolumn\":\($0.id)" }
    }
    let shown = shownBesides.map { column -> String in
      var name = ""
      JSONText.write(column.name, &name)
      return ",\(name):"
    }
    var row = -1
    var start = ""
    var state: (cell: MatrixCell, text: String)?
    var isFirst = true
    for (index, cell) in matrix.cells.enumerated() {
      guard let cell else { continue }
      if index / places.count != row {
        row = index / places.count
        start = ",\"row\":\(matrix.rows[row].id)"
      }
      if state.map({ $0.cell.looks(like: cell) }) != true { state = (cell, stateText(cell)) }
      text += isFirst ? "\n{\"id\":" : ",\n{\"id\":"
      isFirst = false
      text += String(cell.id.rawValue)
      text += start
      text += places[index % places.count]
      text += state?.text ?? ""
      if let shown {
        text += shown
        JSONText.write(matrix.values[index], &text)
      }
      text += "}"
    }
  }

  private func stateText(_ cell: MatrixCell) -> String {
    """
    ,"status":"\(cell.status.rawValue)","stale":\(cell.stale),"segments_done":\(cell.segmentsDone),\
    "segments":\(cell.segments)
    """
  }

  private static let columns = [
    ResultColumn("id", .int), ResultColumn("row", .int), ResultColumn("column", .int), ResultColumn("subcolumn", .int),
    ResultColumn("status", .status), ResultColumn("stale", .bool), ResultColumn("segments_done", .int),
    ResultColumn("segments", .int),
  ]

  /// A field that is there already stands once.
  private var shownBesides: ResultColumn? {
    matrix.shown.flatMap { shown in Self.columns.contains { $0.name == shown.name } ? nil : shown }
  }

  /// A row for each cell, for the formats that only know rows.
  public var table: ResultTable {
    let shown = shownBesides
    let columns = Self.columns + (shown.map { [$0] } ?? [])
    var rows: [[Value]] = []
    rows.reserveCapacity(matrix.cells.count)
    let inColumn = matrix.subcolumns.count
    let inRow = inColumn * matrix.columns.count
    for (index, cell) in matrix.cells.enumerated() {
      guard let cell else { continue }
      rows.append([
        .int(cell.id.rawValue), .int(matrix.rows[index / inRow].id),
        .int(matrix.columns[index % inRow / inColumn].id), .int(matrix.subcolumns[index % inColumn].id),
        .text(cell.status.rawValue), .bool(cell.stale), .int(Int64(cell.segmentsDone)), .int(Int64(cell.segments)),
      ])
      if shown != nil { rows[rows.count - 1].append(matrix.values[index]) }
    }
    return ResultTable(columns: columns, rows: rows)
  }

  private func members(_ name: String, _ members: [AxisMember], _ text: inout String) {
    text += ",\"\(name)\":["
    for (index, member) in members.enumerated() {
      text += index == 0 ? "{\"id\":\(member.id),\"name\":" : ",{\"id\":\(member.id),\"name\":"
      JSONText.write(member.name, &text)
      text += "}"
    }
    text += "]"
  }
}

extension MatrixCell {
  fileprivate func looks(like other: MatrixCell) -> Bool {
    status == other.status && stale == other.stale && segmentsDone == other.segmentsDone && segments == other.segments
  }
}

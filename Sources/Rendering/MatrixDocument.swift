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
    let table = self.table
    for (index, row) in table.rows.enumerated() {
      text += index == 0 ? "\n" : ",\n"
      JSONText.object(table.columns, row, &text)
    }
    text += "\n]}\n"
    return text
  }

  /// A row for each cell, for the formats that only know rows.
  public var table: ResultTable {
    var columns = [
      ResultColumn("id", .int), ResultColumn("row", .int), ResultColumn("column", .int),
      ResultColumn("subcolumn", .int), ResultColumn("status", .status), ResultColumn("stale", .bool),
      ResultColumn("segments_done", .int), ResultColumn("segments", .int),
    ]
    // A field that is there already stands once.
    let shown = matrix.shown.flatMap { shown in columns.contains { $0.name == shown.name } ? nil : shown }
    if let shown { columns.append(shown) }
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
      if shown != nil { rows[rows.count - 1].append(cell.value ?? .null) }
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

import Model

/// What the glyphs of a matrix mean, with how many cells have each, and what its short titles stand for.
struct MatrixLegend {
  let matrix: Matrix
  let layout: MatrixLayout
  let axes: MatrixAxes
  let viewport: Viewport

  private static let gap = 4
  /// A block beside the rows is not pressed narrower and not spread wider than this.
  private static let narrowest = 14
  private static let widest = 52

  private var entries: [StyledLine] {
    StatusLegend.entries(matrix.counts, stale: matrix.staleCount, glyphs: viewport.glyphs)
  }

  /// The body with the legend to its right, beginning beside the first row; nil when there is no room for it.
  func beside(_ body: [StyledLine], below header: Int) -> [StyledLine]? {
    guard let width = viewport.width, layout.groups.count == 1 else { return nil }
    let room = min(width - layout.bodyWidth - MatrixLegend.gap, MatrixLegend.widest)
    guard room >= MatrixLegend.narrowest, let block = block(room), block.count <= body.count - header else {
      return nil
    }
    var lines = body
    for (index, line) in block.enumerated() {
      lines[header + index].pad(to: layout.bodyWidth + MatrixLegend.gap)
      lines[header + index].append(line)
    }
    return lines
  }

  /// The entries in columns of one width.
  private func block(_ room: Int) -> [StyledLine]? {
    let entries = entries
    let cell = entries.map(\.width).max() ?? 0
    let perLine = min(3, (room + 2) / (cell + 2))
    guard perLine > 0 else { return nil }
    return stride(from: 0, to: entries.count, by: perLine).map { start in
      var line = StyledLine()
      for (place, entry) in entries[start..<min(entries.count, start + perLine)].enumerated() {
        line.pad(to: place * (cell + 2))
        line.append(entry)
      }
      return line
    }
  }

  func below() -> [StyledLine] { flowed(entries, width: viewport.width) }

  /// A line, or a few, for each axis whose names stand shortened.
  func keys() -> [StyledLine] {
    key(axes.rows, layout.rowNames.key) + key(axes.columns, layout.columnKey)
      + key(axes.subcolumns, layout.subcolumnKey)
  }

  private func key(_ axis: String, _ entries: [(short: String, full: String)]) -> [StyledLine] {
    if entries.isEmpty { return [] }
    let items = entries.map { entry in
      StyledLine([Span(entry.short, .strong), Span(" " + entry.full, .dim)])
    }
    let head = StyledLine("\(axis):", .dim)
    return flowed([head] + items, width: viewport.width)
  }
}

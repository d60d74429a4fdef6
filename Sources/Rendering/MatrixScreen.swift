import Diagnostics
import Model

/// The matrix of a run on one screen: rows by columns by sub-columns, a glyph and a colour for each cell, a legend with
/// counts. It fits the viewport's width: names are shortened with a key that tells the whole name, columns give way to
/// their ids, and at last the columns are folded into bands below each other. No column is ever left out; rows are only
/// when the viewport has a height, and then a line says how many and how to see them.
public struct MatrixScreen {
  let matrix: Matrix
  let axes: MatrixAxes

  public init(_ matrix: Matrix, axes: MatrixAxes = .standard) {
    self.matrix = matrix
    self.axes = axes
  }

  public func lines(_ viewport: Viewport) -> [StyledLine] {
    var lines = title(viewport)
    if matrix.cells.isEmpty || matrix.cells.allSatisfy({ $0 == nil }) {
      lines.append(StyledLine("no cells", .dim))
      return lines
    }
    let texts = MatrixCellText.shown(matrix, viewport)
    let layout = MatrixFitting(matrix: matrix, texts: texts, glyphs: viewport.glyphs, width: viewport.width).layout()
    let legend = MatrixLegend(matrix: matrix, layout: layout, axes: axes, viewport: viewport)
    let shown = rowsShown(layout, viewport, legend, above: lines.count)
    var body: [StyledLine] = []
    for (index, band) in layout.groups.enumerated() {
      if index > 0 { body.append(StyledLine()) }
      body += header(band, layout)
      for row in 0..<shown { body.append(self.row(row, band, layout, texts, viewport.glyphs)) }
    }
    lines += legend.beside(body, below: headerHeight(layout)) ?? body + [StyledLine()] + legend.below()
    lines += hiddenRows(shown, viewport)
    return lines + legend.keys() + cutValues(texts, viewport)
  }

  private func title(_ viewport: Viewport) -> [StyledLine] {
    var sizes = [Wording.count(matrix.rows.count, axes.rows), Wording.count(matrix.columns.count, axes.columns)]
    if matrix.subcolumns.count == 1 {
      sizes.append("\(Wording.noun(1, axes.subcolumns)) \(matrix.subcolumns[0].name)")
    } else {
      sizes.append(Wording.count(matrix.subcolumns.count, axes.subcolumns))
    }
    let cells = matrix.cells.count { $0 != nil }
    let times = " \(viewport.glyphs.times) "
    var name = StyledLine("\(matrix.project)/\(matrix.run)", .heading)
    name.append(matrix.shown.map { ": \($0.name)  " } ?? "  ")
    let size = StyledLine("\(sizes.joined(separator: times))  \(Wording.count(cells, "cells"))", .dim)
    guard let width = viewport.width, name.width + size.width > width else {
      name.append(size)
      return [name, StyledLine()]
    }
    let names = wrapped("\(matrix.project)/\(matrix.run)", width: width).map { StyledLine($0, .heading) }
    return names + wrapped(size.text, width: width).map { StyledLine($0, .dim) } + [StyledLine()]
  }

  private func headerHeight(_ layout: MatrixLayout) -> Int { layout.subtitles.isEmpty ? 1 : 2 }

  private func header(_ band: [MatrixLayout.Group], _ layout: MatrixLayout) -> [StyledLine] {
    var titles = StyledLine()
    var subtitles = StyledLine()
    var edge = layout.labelWidth
    for group in band {
      edge += layout.groupGap
      titles.pad(to: edge)
      titles.append(ShortNames.prefix(group.title, columns: group.width), .heading)
      for (place, index) in group.subcolumns.enumerated() where !layout.subtitles.isEmpty {
        let start = edge + place * (layout.slot + layout.slotGap)
        let title = ShortNames.prefix(layout.subtitles[index], columns: layout.slot)
        subtitles.pad(to: start + max(0, min(layout.glyphOffset, layout.slot - displayWidth(title))) / 2)
        let lone = displayWidth(title) == 1
        subtitles.pad(to: lone ? start + layout.glyphOffset : subtitles.width)
        subtitles.append(title, .dim)
      }
      edge += group.width
    }
    return layout.subtitles.isEmpty ? [titles] : [titles, subtitles]
  }

  private func row(
    _ row: Int, _ band: [MatrixLayout.Group], _ layout: MatrixLayout, _ texts: [String]?, _ glyphs: GlyphSet
  ) -> StyledLine {
    var line = StyledLine()
    line.append(leftPadded(String(matrix.rows[row].id), to: layout.idWidth), .dim)
    line.append(" " + layout.rowNames.names[row])
    var places = GlyphRow(line)
    var edge = layout.labelWidth
    for group in band {
      edge += layout.groupGap
      for (place, subcolumn) in group.subcolumns.enumerated() {
        let index = (row * matrix.columns.count + group.column) * matrix.subcolumns.count + subcolumn
        guard let cell = matrix.cells[index] else { continue }
        let column = edge + place * (layout.slot + layout.slotGap) + layout.glyphOffset
        if let texts {
          places.append(texts[index], StatusMark(cell.status).style, at: column, columns: displayWidth(texts[index]))
        } else {
          write(cell, at: column, &places, layout, glyphs)
        }
      }
      edge += group.width
    }
    return places.line()
  }

  private func write(
    _ cell: MatrixCell, at column: Int, _ row: inout GlyphRow, _ layout: MatrixLayout, _ glyphs: GlyphSet
  ) {
    let mark = StatusMark(cell.status)
    row.append(mark.glyph(glyphs), mark.style, at: column, columns: 1)
    if !cell.stale, cell.status != .generating { return }
    let suffix = MatrixCellText.suffix(cell, segments: layout.showsSegments)
    row.append(suffix, cell.stale ? .warning : mark.style, at: column + 1, columns: suffix.utf8.count)
  }

  private func cutValues(_ texts: [String]?, _ viewport: Viewport) -> [StyledLine] {
    guard let shown = matrix.shown, let texts, MatrixCellText.areCut(texts, matrix, viewport) else { return [] }
    return [StyledLine("values longer than \(MatrixCellText.longest) are cut: cells | pick id, \(shown.name)", .hint)]
  }

  /// All rows, or as many as leave room for everything else in the height there is; at least three.
  private func rowsShown(_ layout: MatrixLayout, _ viewport: Viewport, _ legend: MatrixLegend, above: Int) -> Int {
    guard let height = viewport.height else { return matrix.rows.count }
    let bands = layout.groups.count
    let headers = bands * headerHeight(layout) + bands - 1
    let full = above + headers + legend.keys().count
    let plenty = full + bands * matrix.rows.count + 1 + legend.below().count
    if plenty <= height { return matrix.rows.count }
    let besides = full + 2 + legend.below().count
    return min(matrix.rows.count, max(3, (height - besides) / bands))
  }

  private func hiddenRows(_ shown: Int, _ viewport: Viewport) -> [StyledLine] {
    let hidden = matrix.rows[shown...]
    guard let first = hidden.first, let last = hidden.last else { return [] }
    let ids = hidden.map(\.id)
    let isAscending = zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
    let range = first.id == last.id ? "\(first.id)" : "\(first.id)..\(last.id)"
    let condition = isAscending ? range : "\(first.id)"
    let count = Wording.count(hidden.count, axes.rows)
      .replacing(" ", with: " more ", maxReplacements: 1)
    let text = "\(count): cells where \(axes.rowField)=\(condition) | matrix"
    return wrapped(text, width: viewport.width ?? .max).map { StyledLine($0, .hint) }
  }
}

/// The cells of a line. What has one style becomes one span, gaps included, since there may be hundreds on a line. Its text is
/// gathered in UTF-8: a string that grows by a glyph at a time costs three times as much.
private struct GlyphRow {
  private var whole: StyledLine
  private var text: [UInt8] = []
  private var style = Style.plain
  private var start: Int
  private var edge: Int

  init(_ line: StyledLine) {
    whole = line
    start = line.width
    edge = line.width
  }

  /// The text is safe to show, and stands no further left than what is there already.
  mutating func append(_ more: String, _ style: Style, at column: Int, columns: Int) {
    if style != self.style, columns > 0 {
      flush()
      self.style = style
    }
    while edge < column {
      text.append(UInt8(ascii: " "))
      edge += 1
    }
    var more = more
    more.withUTF8 { text.append(contentsOf: $0) }
    edge = max(edge, column) + columns
  }

  private mutating func flush() {
    if !text.isEmpty { whole.append(safe: String(decoding: text, as: UTF8.self), style, columns: edge - start) }
    text.removeAll(keepingCapacity: true)
    start = edge
  }

  func line() -> StyledLine {
    var copy = self
    copy.flush()
    return copy.whole
  }
}

import Diagnostics
import Model

/// The table for people. On a terminal it fits: long texts are wrapped inside their column, and when even that does not
/// help the rows are shown vertically; either is said in the footer. Nothing is ever cut off.
///
/// Widths come from the first thousand rows, or the first megabyte, so a result of any length can stream; a later, wider value is wrapped.
struct TableWriter: RowWriter {
  let columns: [ResultColumn]
  let viewport: Viewport
  let noun: String
  private var sample: [[TableCell]] = []
  private var sampleValues: [[Value]] = []
  private var sampleBytes = 0
  private var layout: TableLayout?
  private var vertical: VerticalWriter?
  private var count = 0

  static let sampleSize = 1000
  static let mostSampleBytes = 1 << 20

  init(columns: [ResultColumn], viewport: Viewport, noun: String) {
    self.columns = columns
    self.viewport = viewport
    self.noun = noun
  }

  mutating func begin(_ output: inout String) {}

  mutating func row(_ values: [Value], _ output: inout String) {
    count += 1
    if layout == nil {
      sampleValues.append(values)
      let cells = cells(values)
      sample.append(cells)
      sampleBytes += cells.reduce(0) { $0 + $1.text.utf8.count }
      if sample.count >= TableWriter.sampleSize || sampleBytes >= TableWriter.mostSampleBytes { settle(&output) }
    } else if vertical != nil {
      vertical?.row(values, &output)
    } else if case .columns(let widths, _) = layout {
      let cells = cells(values)
      write(cells, stretched(widths, for: cells), &output)
    }
  }

  mutating func end(total: Int, _ output: inout String) {
    if layout == nil { settle(&output) }
    let footer = TableFooter(shown: count, total: total, noun: noun, columns: columns, viewport: viewport)
    output += viewport.paint(footer.lines(note: note))
  }

  private var note: String? {
    switch layout {
    case .columns(_, let wrapped) where !wrapped.isEmpty:
      let names = wrapped.map { visible($0) }.joined(separator: ", ")
      return "\(names) wrapped to fit"
    case .vertical(let needed):
      return "shown vertically: side by side needs \(needed) columns"
    case .columns, nil:
      return nil
    }
  }

  private func cells(_ values: [Value]) -> [TableCell] {
    zip(values, columns).map { TableCell($0, $1.kind, viewport) }
  }

  /// Decides the widths from the rows seen so far and writes these.
  private mutating func settle(_ output: inout String) {
    let names = columns.map(\.name)
    let nameWidths = names.map { displayWidth(visible($0)) }
    let natural = columns.indices.map { column in
      max(nameWidths[column], sample.map { $0[column].naturalWidth }.max() ?? 0)
    }
    let least = columns.indices.map { column in
      columns[column].kind.wraps
        ? min(natural[column], max(TableLayout.narrowestText, min(nameWidths[column], 16))) : natural[column]
    }
    let settled = TableLayout.fit(natural: natural, least: least, names: names, width: viewport.width)
    layout = settled
    switch settled {
    case .vertical where !sample.isEmpty:
      var writer = VerticalWriter(columns: columns, viewport: viewport, noun: noun)
      for values in sampleValues { writer.row(values, &output) }
      vertical = writer
    case .vertical:
      break
    case .columns(let widths, _):
      // A result without rows still shows its columns.
      output += viewport.paint(header(widths))
      for cells in sample { write(cells, widths, &output) }
    }
    sample = []
    sampleValues = []
  }

  /// The widths for one late row: a number or a word wider than all before it is not broken as long as the row still
  /// fits; it moves what stands to its right.
  private func stretched(_ widths: [Int], for cells: [TableCell]) -> [Int] {
    let wider = columns.indices.map { column in
      columns[column].kind.wraps ? widths[column] : max(widths[column], cells[column].naturalWidth)
    }
    let total = wider.reduce(TableLayout.gap * max(0, wider.count - 1), +)
    return total <= viewport.width ?? .max ? wider : widths
  }

  private func header(_ widths: [Int]) -> [StyledLine] {
    let names = zip(columns, widths).map { column, width in
      wrapped(column.name, width: width).map { text in
        column.kind.alignsRight ? leftPadded(text, to: width) : text
      }
    }
    let height = names.map(\.count).max() ?? 0
    var result = (0..<height).map { index in
      side(by: widths) { column, line in
        line.append(index < names[column].count ? names[column][index] : "", .heading)
      }
    }
    result.append(
      side(by: widths) { column, line in
        line.append(String(repeating: viewport.glyphs.rule, count: widths[column]), .dim)
      })
    return result
  }

  /// A row whose cells all are short and plain is written straight away; the others are wrapped.
  private func write(_ cells: [TableCell], _ widths: [Int], _ output: inout String) {
    let start = output.endIndex
    var owed = 0
    for (cell, width) in zip(cells, widths) {
      let used = cell.markWidth + cell.text.utf8.count
      guard cell.isPlain, used <= width else {
        output.removeSubrange(start...)
        output += viewport.paint(lines(cells, widths))
        return
      }
      if cell.alignsRight { owed += width - used }
      if used > 0 {
        output.append(spaces(owed))
        viewport.color.paint(cell.mark + cell.text, cell.style, &output)
        owed = 0
      }
      owed += (cell.alignsRight ? 0 : width - used) + TableLayout.gap
    }
    output.append("\n")
  }

  private func lines(_ cells: [TableCell], _ widths: [Int]) -> [StyledLine] {
    let texts = zip(cells, widths).map { wrapped($0.text, width: max(1, $1 - $0.markWidth)) }
    let height = texts.map(\.count).max() ?? 1
    return (0..<height).map { index in
      side(by: widths) { column, line in
        let cell = cells[column]
        let text = index < texts[column].count ? texts[column][index] : ""
        if cell.alignsRight {
          line.append(spaces(widths[column] - displayWidth(text)))
          line.append(text, cell.style)
        } else {
          line.append((index == 0 ? cell.mark : spaces(cell.markWidth)) + text, cell.style)
        }
      }
    }
  }

  private func side(by widths: [Int], _ write: (Int, inout StyledLine) -> Void) -> StyledLine {
    var line = StyledLine()
    var edge = 0
    for column in widths.indices {
      line.pad(to: edge)
      write(column, &line)
      edge += widths[column] + TableLayout.gap
    }
    return line
  }
}

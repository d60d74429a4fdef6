import Diagnostics
import Model

/// One field a line under a rule for each row: for many columns or long texts.
struct VerticalWriter: RowWriter {
  let columns: [ResultColumn]
  let viewport: Viewport
  let noun: String
  private let nameWidth: Int
  private var count = 0

  init(columns: [ResultColumn], viewport: Viewport, noun: String) {
    self.columns = columns
    self.viewport = viewport
    self.noun = noun
    let longest = columns.map { displayWidth(visible($0.name)) }.max() ?? 0
    nameWidth = min(longest, viewport.width.map { $0 / 2 } ?? longest)
  }

  mutating func begin(_ output: inout String) {}

  mutating func row(_ values: [Value], _ output: inout String) {
    count += 1
    let head = "\(viewport.glyphs.rule)\(viewport.glyphs.rule) \(count) "
    let length = min(40, viewport.width ?? 40) - displayWidth(head)
    var lines = [StyledLine(head + String(repeating: viewport.glyphs.rule, count: max(0, length)), .dim)]
    for (column, value) in zip(columns, values) { lines += field(column, value) }
    output += viewport.paint(lines)
  }

  mutating func end(total: Int, _ output: inout String) {
    let footer = TableFooter(shown: count, total: total, noun: noun, columns: columns, viewport: viewport)
    output += viewport.paint(footer.lines(note: nil))
  }

  private func field(_ column: ResultColumn, _ value: Value) -> [StyledLine] {
    let cell = TableCell(value, column.kind, viewport)
    let names = wrapped(column.name, width: nameWidth)
    let room = viewport.width.map { max(1, $0 - nameWidth - 2 - cell.markWidth) } ?? Int.max
    let texts = wrapped(cell.text, width: room)
    return (0..<max(names.count, texts.count)).map { index in
      var line = StyledLine(index < names.count ? names[index] : "", .heading)
      line.pad(to: nameWidth + 2)
      if index == 0 { line.append(cell.mark, cell.style) }
      line.pad(to: nameWidth + 2 + cell.markWidth)
      line.append(index < texts.count ? texts[index] : "", cell.style)
      return line
    }
  }
}

import Diagnostics
import Model

/// One cell as text: its glyph and what follows it, or the value of the field that is shown.
enum MatrixCellText {
  /// Columns that a value takes at most.
  static let longest = 24

  /// Behind the glyph: how many segments are done while generating, and the mark of a stale cell.
  static func suffix(_ cell: MatrixCell, segments: Bool) -> String {
    var text = ""
    if segments, cell.status == .generating, cell.segments > 0 { text = "\(cell.segmentsDone)/\(cell.segments)" }
    return cell.stale ? text + GlyphSet.unicode.stale : text
  }

  /// Columns that a cell takes with its glyph and its suffix.
  static func width(_ cell: MatrixCell, segments: Bool) -> Int {
    var width = cell.stale ? 2 : 1
    if segments, cell.status == .generating, cell.segments > 0 {
      width += 1 + digits(cell.segmentsDone) + digits(cell.segments)
    }
    return width
  }

  private static func digits(_ number: Int) -> Int { number < 10 ? 1 : String(number).count }

  /// The values in the places of the cells, numbers aligned; nil when the matrix shows the status.
  static func shown(_ matrix: Matrix, _ viewport: Viewport) -> [String]? {
    guard let column = matrix.shown else { return nil }
    let texts = zip(matrix.cells, matrix.values).map { cell, value in
      cell == nil ? "" : cut(text(value, viewport), viewport.glyphs)
    }
    guard column.kind.alignsRight else { return texts }
    let widest = texts.map { displayWidth($0) }.max() ?? 0
    return texts.map { leftPadded($0, to: widest) }
  }

  static func areCut(_ texts: [String], _ matrix: Matrix, _ viewport: Viewport) -> Bool {
    texts.contains { $0.hasSuffix(viewport.glyphs.ellipsis) }
      && matrix.values.contains { displayWidth(text($0, viewport)) > longest }
  }

  private static func text(_ value: Value, _ viewport: Viewport) -> String {
    visible(value.readable(viewport).replacing("\n", with: " "))
  }

  private static func cut(_ text: String, _ glyphs: GlyphSet) -> String {
    if displayWidth(text) <= longest { return text }
    return ShortNames.prefix(text, columns: longest - 1) + glyphs.ellipsis
  }
}

import Diagnostics
import Foundation
import Model

/// A value as a cell of a table or a field of the vertical form: its text, its style and, for a status, the glyph that
/// stands before it on a terminal.
struct TableCell {
  let text: String
  let mark: String
  let style: Style
  let alignsRight: Bool

  var markWidth: Int { displayWidth(mark) }

  init(_ value: Value, _ kind: ColumnKind, _ viewport: Viewport) {
    alignsRight = kind.alignsRight
    text = value.readable(viewport)
    if value == .null {
      mark = ""
      style = .dim
    } else if kind == .status, let status = StatusMark(word: text) {
      // In a file or a pipe the word stands alone: a glyph would be one more field to whoever cuts the line up.
      mark = viewport.width == nil ? "" : status.glyph(viewport.glyphs) + " "
      style = status.style
    } else {
      mark = ""
      style = .plain
    }
  }

  /// Whether the text is one line of printable ASCII: what most cells are, and what needs no second look.
  var isPlain: Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  /// The columns it takes when nothing is wrapped; the widest of its lines.
  var naturalWidth: Int {
    if isPlain { return markWidth + text.utf8.count }
    let widest = text.split(separator: "\n", omittingEmptySubsequences: false).map { displayWidth(visible(String($0))) }
    return markWidth + (widest.max() ?? 0)
  }
}

/// The line under a table: how many rows there are, which of them are shown, in which zone its times are.
struct TableFooter {
  let shown: Int
  let total: Int
  let noun: String
  let columns: [ResultColumn]
  let viewport: Viewport

  /// `note` says what was done to make the table fit.
  func lines(note: String?) -> [StyledLine] {
    var parts = [Wording.shown(shown, of: total, noun)]
    if shown > 0, columns.contains(where: { $0.kind == .time }) {
      let zone = viewport.timeZone
      parts.append("times in \(zone.secondsFromGMT() == 0 ? "UTC" : zone.identifier)")
    }
    if let note { parts.append(note) }
    let text = parts.joined(separator: " \(viewport.glyphs.dot) ")
    return wrapped(text, width: viewport.width ?? .max).map { StyledLine($0, .dim) }
  }
}

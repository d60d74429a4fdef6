import Diagnostics
import Rendering

/// The frames of a `watch` on a terminal: what is new in the newest is marked, and how to put it where the last one stands.
struct WatchScreen {
  var columns: Int
  var rows: Int
  let color: ColorMode
  private var shown: [String] = []
  /// The rows of the frame that stands there, as they were written.
  private var drawn: [String] = []
  private(set) var frames = 0
  private var size = (0, 0)

  /// The columns that a frame's own lines must leave to the mark.
  static let gutter = 2

  init(columns: Int, rows: Int, color: ColorMode = .none) {
    self.columns = columns
    self.rows = rows
    self.color = color
  }

  /// What to write to have `text` in the place of the frame before; nil when nothing has changed. A frame that was drawn
  /// for another size has been laid out anew by the terminal.
  mutating func draw(_ text: String, footer: String) -> String? {
    let lines = Self.lines(of: text)
    if frames > 0, lines == shown, size == (columns, rows) { return nil }
    let old = Set(shown)
    let marked = lines.map { line in
      let isNew = frames > 0 && !line.isEmpty && !old.contains(line)
      return (isNew ? color.paint("* ", .strong) : "  ") + line
    }
    let isNew = frames == 0 || lines != shown
    let erased = erased
    drawn = Self.cut(marked, to: rows - 2) + [color.paint(String(footer.prefix(max(0, columns - 1))), .dim)]
    shown = lines
    size = (columns, rows)
    if isNew { frames += 1 }
    return erased + drawn.joined(separator: "\n")
  }

  /// The whole last frame, unmarked, for the scrollback.
  func last() -> String { erased + shown.joined(separator: "\n") + "\n" }

  /// Takes the frame that stands there away.
  private var erased: String {
    if frames == 0 { return "" }
    let height = drawn.reduce(-1) { $0 + max(1, (Self.width($1) + columns - 1) / columns) }
    return "\r" + (height > 0 ? "\u{1B}[\(height)A" : "") + "\u{1B}[J"
  }

  /// Columns of a row without its colours.
  private static func width(_ row: String) -> Int { displayWidth(row.replacing(/\u{1B}\[[0-9;]*m/, with: "")) }

  private static func lines(of text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  private static func cut(_ lines: [String], to most: Int) -> [String] {
    if lines.count <= most { return lines }
    return lines.prefix(most - 1) + ["  ... \(lines.count - most + 1) more lines"]
  }
}

import Rendering

/// The frames of a `watch` on a terminal: what is new in the newest is marked, and how to put it where the last one stands.
struct WatchScreen {
  let columns: Int
  let rows: Int
  let color: ColorMode
  private var shown: [String] = []
  private(set) var frames = 0

  /// The columns that a frame's own lines must leave to the mark.
  static let gutter = 2

  init(columns: Int, rows: Int, color: ColorMode = .none) {
    self.columns = columns
    self.rows = rows
    self.color = color
  }

  /// What to write to have `text` in the place of the frame before; nil when nothing has changed.
  mutating func draw(_ text: String, footer: String) -> String? {
    let lines = Self.lines(of: text)
    if frames > 0, lines == shown { return nil }
    let old = Set(shown)
    let marked = lines.map { line in
      let isNew = frames > 0 && !line.isEmpty && !old.contains(line)
      return (isNew ? color.paint("* ", .strong) : "  ") + line
    }
    let output = erased + Self.cut(marked, to: rows - 2).joined(separator: "\n") + "\n" + color.paint(footer, .dim)
    shown = lines
    frames += 1
    return output
  }

  /// The whole last frame, unmarked, for the scrollback.
  func last() -> String { erased + shown.joined(separator: "\n") + "\n" }

  /// Takes the frame that stands there away.
  private var erased: String {
    if frames == 0 { return "" }
    let height = min(shown.count, rows - 2)
    return "\r" + (height > 0 ? "\u{1B}[\(height)A" : "") + "\u{1B}[J"
  }

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

import Model

/// Tab-separated exactly as PostgreSQL's COPY writes it: `\b`, `\f`, `\n`, `\r`, `\t`, `\v` and `\\` inside a value are
/// escaped, so that a line is always a row and a tab always a boundary; null is `\N`.
struct TSVWriter: RowWriter {
  let columns: [ResultColumn]
  private let onTerminal: Bool

  init(columns: [ResultColumn], viewport: Viewport) {
    self.columns = columns
    onTerminal = viewport.width != nil
  }

  mutating func begin(_ output: inout String) {
    output += columns.map { escaped($0.name) }.joined(separator: "\t") + "\n"
  }

  mutating func row(_ values: [Value], _ output: inout String) {
    output += values.map { $0.exact.map(escaped) ?? "\\N" }.joined(separator: "\t") + "\n"
  }

  mutating func end(total: Int, _ output: inout String) {}

  private func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x5C || $0 >= 0x7F }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\u{08}": result += "\\b"
      case "\u{0B}": result += "\\v"
      case "\u{0C}": result += "\\f"
      case "\\": result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return onTerminal ? visible(result) : result
  }
}

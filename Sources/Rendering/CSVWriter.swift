import Model

/// RFC 4180 with a header line, but lines end in LF as every Unix tool expects (and as psql writes them). Null is an
/// empty field, the empty text is `""`. On a terminal control characters are spelled out; elsewhere a text is kept as it
/// is, byte for byte.
struct CSVWriter: RowWriter {
  let columns: [ResultColumn]
  private let onTerminal: Bool

  init(columns: [ResultColumn], viewport: Viewport) {
    self.columns = columns
    onTerminal = viewport.width != nil
  }

  mutating func begin(_ output: inout String) {
    write(columns.map { .text($0.name) }, &output)
  }

  mutating func row(_ values: [Value], _ output: inout String) { write(values, &output) }

  mutating func end(total: Int, _ output: inout String) {}

  private func write(_ values: [Value], _ output: inout String) {
    for (index, value) in values.enumerated() {
      if index > 0 { output += "," }
      if let text = value.exact { writeField(onTerminal ? visible(text) : text, &output) }
    }
    // A single null would be an empty line, which readers skip.
    if values.count == 1, values[0] == .null { output += "\"\"" }
    output += "\n"
  }

  private func writeField(_ text: String, _ output: inout String) {
    let special = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    if !special, !text.isEmpty {
      output += text
      return
    }
    output += "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { output += "\"" }
      output.unicodeScalars.append(scalar)
    }
    output += "\""
  }
}

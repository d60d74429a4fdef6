import Model

/// One object a line, written as in `json`.
struct JSONLinesWriter: RowWriter {
  let columns: [ResultColumn]

  mutating func begin(_ output: inout String) {}

  mutating func row(_ values: [Value], _ output: inout String) {
    JSONText.object(columns, values, &output)
    output += "\n"
  }

  mutating func end(total: Int, _ output: inout String) {}
}

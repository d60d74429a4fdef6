import Model

/// An array of objects named as the columns, one on each line. Numbers are numbers, times are ISO 8601 in UTC, durations
/// are seconds.
struct JSONWriter: RowWriter {
  let columns: [ResultColumn]
  private var isFirst = true

  init(columns: [ResultColumn]) { self.columns = columns }

  mutating func begin(_ output: inout String) { output += "[" }

  mutating func row(_ values: [Value], _ output: inout String) {
    output += isFirst ? "\n" : ",\n"
    isFirst = false
    JSONText.object(columns, values, &output)
  }

  mutating func end(total: Int, _ output: inout String) { output += isFirst ? "]\n" : "\n]\n" }
}

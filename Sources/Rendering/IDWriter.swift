import Model

/// One id a line, for `xargs` and the like; from the column `id`, or the only column there is.
struct IDWriter: RowWriter {
  private let index: Int

  init(columns: [ResultColumn]) throws {
    if let index = columns.firstIndex(where: { $0.name == "id" }) {
      self.index = index
    } else if columns.count == 1 {
      index = 0
    } else {
      let names = columns.map(\.name).joined(separator: ", ")
      throw FormatError(description: "the format ids needs a column id; the result has \(names)")
    }
  }

  mutating func begin(_ output: inout String) {}

  mutating func row(_ values: [Value], _ output: inout String) {
    if let text = values[index].exact { output += visible(text) + "\n" }
  }

  mutating func end(total: Int, _ output: inout String) {}
}

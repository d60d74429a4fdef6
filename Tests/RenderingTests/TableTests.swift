import Diagnostics
import Foundation
import Model
import Rendering
import TestFixtures
import Testing

struct TableTests {
  @Test(arguments: OutputFormat.allCases)
  func `Each format writes every kind of value`(format: OutputFormat) throws {
    try expectSnapshot(format.render(Productions.awkward, viewport: Viewport(), noun: "cells"), "format-\(format)")
    let none = ResultTable(columns: Productions.awkward.columns, rows: [])
    try expectSnapshot(format.render(none, viewport: Viewport(), noun: "cells"), "format-\(format)-empty")
  }

  @Test(arguments: [40, 80, 120])
  func `A table fits the terminal and says what it did`(width: Int) throws {
    let viewport = Viewport(width: width, color: width == 120 ? .ansi : .none)
    try expectSnapshot(OutputFormat.table.render(Productions.awkward, viewport: viewport), "table-\(width)")
  }

  @Test(arguments: 0..<100)
  func `No line of a table is wider than the terminal and nothing of a text is lost`(seed: Int) throws {
    var random = SeededGenerator(seed: seed)
    let width = Int.random(in: 24...160, using: &random)
    let columns = (0..<Int.random(in: 1...9, using: &random)).map {
      ResultColumn("column_\($0)", [.text, .int, .status, .list][$0 % 4])
    }
    let rows = (0..<Int.random(in: 0...20, using: &random)).map { _ in
      columns.map { column in column.kind == .int ? Value.int(.random(in: -9...9999, using: &random)) : text(&random) }
    }
    let table = ResultTable(columns: columns, rows: rows)
    for format in [OutputFormat.table, .vertical] {
      let output = try format.render(table, viewport: Viewport(width: width))
      for line in output.split(separator: "\n") { #expect(displayWidth(line) <= width, "\(line)") }
      let shown = output.filter { $0.isNumber || $0.isLetter }.count { "qzx".contains($0) }
      let given = rows.joined().reduce(0) { sum, value in
        if case .text(let text) = value { sum + text.count { "qzx".contains($0) } } else { sum }
      }
      #expect(shown == given)
    }
  }

  /// Words of letters that no header, footer or status has.
  private func text(_ random: inout SeededGenerator) -> Value {
    let letters = Array("qzxqzx qzx 田é")
    let count = Int.random(in: 0...70, using: &random)
    return .text(String((0..<count).map { _ in letters.randomElement(using: &random) ?? "q" }))
  }

  @Test func `A long result streams with the widths of its first rows`() throws {
    let columns = [ResultColumn("id", .int), ResultColumn("name", .text)]
    var writer = try OutputFormat.table.writer(columns: columns, viewport: Viewport(width: 30), noun: "cells")
    var output = ""
    writer.begin(&output)
    for id in 0..<5000 {
      writer.row([.int(Int64(id)), .text(id == 4000 ? "much wider than all before" : "Bo")], &output)
    }
    #expect(output.contains(" 4999  Bo\n") || output.contains("4999  Bo\n"))
    writer.end(total: 5000, &output)
    #expect(output.hasSuffix("5,000 cells\n"))
    for line in output.split(separator: "\n") { #expect(displayWidth(line) <= 30) }
  }

  @Test func `The footer counts exactly`() throws {
    let columns = [ResultColumn("id", .int)]
    let some = ResultTable(columns: columns, rows: (1...12).map { [.int($0)] }, total: 340)
    #expect(
      try OutputFormat.table.render(some, viewport: Viewport(), noun: "cells").hasSuffix("12 of 340 cells shown\n"))
    let one = ResultTable(columns: columns, rows: [[.int(1)]])
    #expect(try OutputFormat.table.render(one, viewport: Viewport(), noun: "cells").hasSuffix("\n1 cell\n"))
  }

  @Test(arguments: OutputFormat.allCases)
  func `Results without columns, of one null and of one very long value are written`(format: OutputFormat) throws {
    for viewport in [Viewport(), Viewport(width: 40)] {
      if format != .ids {
        let none = ResultTable(columns: [], rows: [[]])
        #expect(try format.render(none, viewport: viewport).hasSuffix("\n"))
      }
      let column = [ResultColumn("id", .text)]
      let null = try format.render(ResultTable(columns: column, rows: [[.null], [.text("")]]), viewport: viewport)
      #expect(null.isEmpty == false)
      let long = String(repeating: "田qz", count: 5_000)
      let output = try format.render(ResultTable(columns: column, rows: [[.text(long)]]), viewport: viewport)
      #expect(output.filter { "田qz".contains($0) }.count == long.count)
    }
  }

  @Test func `Rows of any size settle the widths after a megabyte of them`() throws {
    var writer = try OutputFormat.table.writer(columns: [ResultColumn("name", .text)], viewport: Viewport())
    var output = ""
    writer.begin(&output)
    for _ in 0..<3 { writer.row([.text(String(repeating: "x", count: 400_000))], &output) }
    #expect(output.utf8.count > 1_200_000)
  }

  @Test func `ids needs a column id and names what there is`() throws {
    let columns = [ResultColumn("name", .text), ResultColumn("status", .status)]
    let error = #expect(throws: FormatError.self) {
      try OutputFormat.ids.writer(columns: columns, viewport: Viewport())
    }
    #expect(error?.description == "the format ids needs a column id; the result has name, status")
  }
}

import Foundation
import Model
import Rendering
import Testing

/// Names and reasons come from people and from generators: none of them may steer the terminal that shows them.
struct SafetyTests {
  private static let attack = "x\u{1B}]0;title\u{07}\u{1B}[2J\u{9B}31m\u{7F}\u{202E}txt"

  private func expectHarmless(_ output: String, _ what: String) {
    for scalar in output.unicodeScalars where scalar != "\n" {
      let isControl = scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
      #expect(!isControl, "\(what): U+\(String(scalar.value, radix: 16))")
    }
  }

  @Test(arguments: OutputFormat.allCases)
  func `Control characters in data never reach a terminal`(format: OutputFormat) throws {
    let attack = SafetyTests.attack
    let viewport = Viewport(width: 80)
    let table = ResultTable(
      columns: [ResultColumn("id", .text), ResultColumn(attack, .list)],
      rows: [[.text(attack), .list([.text(attack)])]])
    if format != .json, format != .jsonl {
      // JSON escapes what JSON must; the direction marks are legal in it.
      let output = try format.render(table, viewport: viewport)
      expectHarmless(format == .tsv ? output.replacing("\t", with: " ") : output, "\(format)")
    }
    let matrix = Matrix(
      project: attack, run: attack, rows: [AxisMember(id: 1, name: attack)], columns: [AxisMember(id: 1, name: attack)],
      subcolumns: [AxisMember(id: 1, name: attack), AxisMember(id: 2, name: "b")],
      cells: [MatrixCell(id: CellID(1), status: .queued), nil])
    let why = WhyReport(
      blockages: [
        Blockage(
          cellIDs: [CellID(1)], cause: attack, explanation: attack, since: nil, chain: [attack, attack, attack],
          remedies: [Remedy(attack, note: attack)])
      ], unblocked: [.init(reason: attack, count: 1)], asOf: Date())
    let action = ActionReport(
      action: "skip", id: nil, entity: "cells", selected: 1, changed: 0, leftAlone: [.init(reason: attack, count: 1)])
    if format == .table {
      expectHarmless(try format.render(matrix, viewport: viewport), "matrix")
      expectHarmless(try format.render(why, viewport: viewport), "why")
      expectHarmless(format.render(action, viewport: viewport), "action")
    }
  }

  @Test func `In a file CSV keeps a text byte for byte`() throws {
    let table = ResultTable(columns: [ResultColumn("id", .text)], rows: [[.text(SafetyTests.attack)]])
    #expect(try OutputFormat.csv.render(table, viewport: Viewport()).contains(SafetyTests.attack))
  }

  @Test func `Colour is decided by NO_COLOR, the terminal and TERM`() {
    #expect(ColorMode.decide(environment: ["TERM": "xterm"], isTerminal: true) == .ansi)
    #expect(ColorMode.decide(environment: ["TERM": "xterm", "NO_COLOR": ""], isTerminal: true) == .ansi)
    #expect(ColorMode.decide(environment: ["TERM": "xterm", "NO_COLOR": "1"], isTerminal: true) == .none)
    #expect(ColorMode.decide(environment: ["TERM": "xterm"], isTerminal: false) == .none)
    #expect(ColorMode.decide(environment: ["TERM": "dumb"], isTerminal: true) == .none)
    #expect(ColorMode.decide(environment: [:], isTerminal: true) == .none)
  }

  @Test func `The locale decides about glyphs, the strongest variable first`() {
    #expect(GlyphSet.decide(environment: [:]) == .ascii)
    #expect(GlyphSet.decide(environment: ["LANG": "de_DE.UTF-8"]) == .unicode)
    #expect(GlyphSet.decide(environment: ["LANG": "de_DE.UTF-8", "LC_ALL": "C"]) == .ascii)
    #expect(GlyphSet.decide(environment: ["LANG": "C", "LC_CTYPE": "C.utf8", "LC_ALL": ""]) == .unicode)
  }
}

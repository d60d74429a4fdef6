import Diagnostics
import Foundation
import Model
import Rendering
import TestFixtures
import Testing

struct MatrixSize: Sendable, CustomTestStringConvertible {
  let rows: Int
  let columns: Int
  let subcolumns: Int

  var testDescription: String { "\(rows)x\(columns)x\(subcolumns)" }

  static let common = [
    MatrixSize(rows: 6, columns: 4, subcolumns: 2), MatrixSize(rows: 12, columns: 3, subcolumns: 2),
    MatrixSize(rows: 20, columns: 10, subcolumns: 2), MatrixSize(rows: 50, columns: 20, subcolumns: 1),
  ]
}

struct MatrixScreenTests {
  private func screen(_ matrix: Matrix, _ viewport: Viewport) -> String {
    viewport.paint(MatrixScreen(matrix).lines(viewport))
  }

  @Test(arguments: MatrixSize.common, [80, 120, 200])
  func `The matrix looks as it should`(size: MatrixSize, width: Int) throws {
    let matrix = Productions.matrix(size.rows, size.columns, size.subcolumns)
    try expectSnapshot(screen(matrix, Viewport(width: width)), "matrix-\(size.testDescription)-\(width)")
  }

  @Test func `The matrix in colour, in ASCII and outside a terminal`() throws {
    let matrix = Productions.matrix(6, 4, 2)
    try expectSnapshot(screen(matrix, Viewport(width: 80, color: .ansi)), "matrix-colour")
    try expectSnapshot(screen(matrix, Viewport(width: 80, glyphs: .ascii)), "matrix-ascii")
    try expectSnapshot(screen(Productions.matrix(6, 12, 3), Viewport()), "matrix-no-terminal")
    try expectSnapshot(screen(Productions.matrix(7, 9, 2), Viewport(width: 40)), "matrix-narrow")
    try expectSnapshot(screen(Productions.matrix(4, 3, 5), Viewport(width: 50)), "matrix-many-variants")
  }

  @Test(arguments: ["columns", "looks", "rows"], [80, 120])
  func `One long name costs the others nothing`(axis: String, width: Int) throws {
    let long = "the_long_way_home_through_the_old_harbour_in_the_rain_at_night"
    func named(_ members: [AxisMember], _ name: String) -> [AxisMember] {
      axis == name ? members.map { $0.id == 2 ? AxisMember(id: 2, name: long) : $0 } : members
    }
    let usual = Productions.matrix(6, 5, 2)
    let matrix = Matrix(
      project: "neon-city", run: "spring", rows: named(usual.rows, "rows"), columns: named(usual.columns, "columns"),
      subcolumns: named(usual.subcolumns, "looks"), cells: usual.cells)
    try expectSnapshot(screen(matrix, Viewport(width: width)), "matrix-long-\(axis)-\(width)")
  }

  @Test func `Rows beyond the height are counted and the statement that shows them is told`() throws {
    let viewport = Viewport(width: 80, height: 24)
    let text = screen(Productions.matrix(50, 10, 2), viewport)
    try expectSnapshot(text, "matrix-height")
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 25)
    #expect(text.contains("more characters: cells where character="))
  }

  @Test func `A matrix that fits its height shows every row`() {
    let text = screen(Productions.matrix(6, 4, 2), Viewport(width: 80, height: 24))
    #expect(!text.contains(" more "))
  }

  @Test(arguments: 0..<150)
  func `No line is wider than the terminal and no cell is missing`(seed: Int) {
    var random = SeededGenerator(seed: seed)
    let matrix = Productions.matrix(
      Int.random(in: 1...24, using: &random), Int.random(in: 1...22, using: &random),
      Int.random(in: 1...5, using: &random), seed: seed)
    let width = Int.random(in: 24...220, using: &random)
    let viewport = Viewport(width: width, glyphs: seed % 2 == 0 ? .unicode : .ascii)
    let lines = MatrixScreen(matrix).lines(viewport)
    for line in lines { #expect(line.width <= width, "\(line.text)") }

    guard viewport.glyphs == .unicode else { return }
    let text = lines.map(\.text).joined(separator: "\n")
    for (status, count) in matrix.counts where status != .notStarted {
      // Each glyph stands once for each cell and once in the legend.
      let glyph = Character(viewport.glyphs.glyph(status))
      #expect(text.count { $0 == glyph } == count + 1, "\(status)")
    }
    for column in matrix.columns { #expect(text.contains(column.name), "\(column.name) is named nowhere") }
    for subcolumn in matrix.subcolumns { #expect(text.contains(subcolumn.name)) }
  }

  @Test func `Statuses differ without colour, and every glyph takes one column`() {
    for set in GlyphSet.allCases {
      let glyphs = CellStatus.allCases.map { set.glyph($0) }
      #expect(Set(glyphs).count == CellStatus.allCases.count)
      for glyph in glyphs { #expect(displayWidth(glyph) == 1, "\(glyph)") }
    }
  }

  @Test func `A matrix without cells says so, and places left out stay empty`() {
    let none = Matrix(project: "p", run: "r", rows: [], columns: [], subcolumns: [], cells: [])
    #expect(screen(none, Viewport(width: 80)).hasSuffix("no cells\n"))
    let one = Matrix(
      project: "p", run: "r", rows: Productions.members(["A", "B"], 2), columns: Productions.members(["x"], 1),
      subcolumns: Productions.members(["v"], 1),
      cells: [nil, MatrixCell(id: CellID(1), status: .approved)])
    #expect(screen(one, Viewport()).contains("\n1 A\n2 B   ●\n"))
  }

  @Test func `Names with the same beginning stay different when they are shortened`() {
    let names = (1...6).map { "the_very_long_scene_name_\($0)" }
    let matrix = Matrix(
      project: "p", run: "r", rows: Productions.members(["A"], 1), columns: Productions.members(names, 6),
      subcolumns: Productions.members(["v"], 1),
      cells: (1...6).map { MatrixCell(id: CellID($0), status: .queued) })
    let text = screen(matrix, Viewport(width: 80))
    for name in names { #expect(text.contains(name)) }
  }

  @Test func `The JSON form names every cell by its ids`() throws {
    let matrix = Productions.matrix(3, 2, 2)
    let object = try JSONSerialization.jsonObject(with: Data(MatrixScreen(matrix).json.utf8)) as? [String: Any]
    let cells = try #require(object?["cells"] as? [[String: Any]])
    #expect(cells.count == 12)
    #expect(cells[7]["row"] as? Int == 2)
    #expect(cells[7]["column"] as? Int == 2)
    #expect(cells[7]["subcolumn"] as? Int == 2)
    #expect(cells[7]["status"] as? String == matrix.cells[7]?.status.rawValue)
    let counts = try #require(object?["counts"] as? [String: Int])
    #expect(counts.values.reduce(0, +) == 12)
  }
}

import Foundation

/// How a prompt and what is typed behind it stand on a terminal: the rows they take, and where the cursor is.
public struct LineOnScreen: Equatable, Sendable {
  /// Without trailing blanks.
  public private(set) var rows = [""]
  /// Counted from the prompt's row.
  public private(set) var cursor = Place(row: 0, column: 0)

  public struct Place: Equatable, Sendable, CustomStringConvertible {
    public var row: Int
    public var column: Int
    public var description: String { "row \(row), column \(column)" }

    public init(row: Int, column: Int) { (self.row, self.column) = (row, column) }
  }

  /// - Parameters:
  ///   - prompt: with its last space, without colours.
  ///   - cursor: characters of `text` before it; nil: it stands at the end.
  ///   - right: what stands at the end of the first row for as long as the text leaves it room and has no other row.
  public init(prompt: String, text: String, cursor: Int? = nil, right: String = "", columns: Int) {
    let (typed, before) = (Array(text.unicodeScalars), Array(prompt.unicodeScalars))
    let place = before.count + (cursor ?? typed.count)
    var end = Place(row: 0, column: 0)
    for (index, scalar) in (before + typed).enumerated() {
      let width = Self.width(scalar)
      if scalar != "\n", end.column + width > columns { end = nextRow(end) }
      if index == place { self.cursor = end }
      if scalar == "\n" {
        end = nextRow(end)
        continue
      }
      rows[end.row].unicodeScalars.append(scalar)
      end.column += width
      if end.column >= columns { end = nextRow(end) }
    }
    if place == before.count + typed.count { self.cursor = end }
    let gap = columns - end.column - right.count - 1
    if !right.isEmpty, end.row == 0, gap >= 1 { rows[0] += String(repeating: " ", count: gap) + right }
    rows = rows.map { $0.trimmingTrailingBlanks() }
  }

  private mutating func nextRow(_ place: Place) -> Place {
    rows.append("")
    return Place(row: place.row + 1, column: 0)
  }

  /// Columns that a terminal gives a character: two for East Asian ones, none for what goes on top of the one before.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.properties.generalCategory == .nonspacingMark { return 0 }
    return (0x1100..<0x1F000).contains(scalar.value) && !(0x2000..<0x2E80).contains(scalar.value) ? 2 : 1
  }
}

extension String {
  public func trimmingTrailingBlanks() -> String {
    var slice = self[...]
    while slice.last == " " { slice.removeLast() }
    return String(slice)
  }
}

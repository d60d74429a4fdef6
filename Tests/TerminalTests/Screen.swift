/// A terminal's screen as far as a line editor uses it, so that tests see what a person would see.
struct Screen {
  private(set) var columns: Int
  private var rows: [[String]] = [[]]
  private var row = 0
  private var column = 0
  /// A terminal wraps only when the character after the last column comes.
  private var wrapsNext = false
  private var parser = Parser.text

  private enum Parser {
    case text, escape
    case sequence(String)
  }

  init(columns: Int) { self.columns = columns }

  /// The rows without trailing blanks, and without empty rows at the end.
  var text: String {
    var lines = rows.map { row -> String in
      var line = row.joined()[...]
      while line.last == " " { line.removeLast() }
      return String(line)
    }
    while lines.count > 1, lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Cuts every row to the new width, as terminals do that do not reflow.
  mutating func resize(columns: Int) {
    self.columns = columns
    for index in rows.indices { rows[index] = Array(rows[index].prefix(columns)) }
    column = min(column, columns - 1)
  }

  mutating func feed(_ text: String) {
    for scalar in text.unicodeScalars { feed(scalar) }
  }

  private mutating func feed(_ scalar: Unicode.Scalar) {
    switch parser {
    case .text: plain(scalar)
    case .escape: parser = scalar == "[" ? .sequence("") : .text
    case .sequence(let arguments):
      if (0x40...0x7E).contains(scalar.value) {
        parser = .text
        control(scalar, arguments)
      } else {
        parser = .sequence(arguments + String(scalar))
      }
    }
  }

  private mutating func plain(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\u{1B}": parser = .escape
    case "\r": move(row, 0)
    case "\n": move(row + 1, column)
    case "\u{8}": move(row, column - 1)
    case "\t": move(row, column + 8 - column % 8)
    case _ where scalar.value < 0x20: break
    default: put(scalar)
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let isWide = scalar.value >= 0x1100 && scalar.value < 0x1F000 && !(0x2000..<0x2E80).contains(scalar.value)
    if scalar.properties.generalCategory == .nonspacingMark {
      if column > 0, column <= rows[row].count { rows[row][column - 1].unicodeScalars.append(scalar) }
      return
    }
    if wrapsNext || column + (isWide ? 2 : 1) > columns { move(row + 1, 0) }
    while rows[row].count < column + (isWide ? 2 : 1) { rows[row].append(" ") }
    rows[row][column] = String(scalar)
    if isWide { rows[row][column + 1] = "" }
    column += isWide ? 2 : 1
    if column >= columns {
      column = columns - 1
      wrapsNext = true
    }
  }

  private mutating func move(_ newRow: Int, _ newColumn: Int) {
    row = max(0, newRow)
    column = max(0, min(newColumn, columns - 1))
    wrapsNext = false
    while rows.count <= row { rows.append([]) }
  }

  private mutating func control(_ final: Unicode.Scalar, _ arguments: String) {
    let count = max(1, Int(arguments) ?? 1)
    switch final {
    case "A": move(row - count, column)
    case "B": move(row + count, column)
    case "C": move(row, column + count)
    case "D": move(row, column - count)
    case "G": move(row, count - 1)
    case "J", "K":
      rows[row] = Array(rows[row].prefix(column))
      if final == "J" { rows.removeSubrange((row + 1)...) }
    case "P":
      let end = min(column + count, rows[row].count)
      if column < end { rows[row].removeSubrange(column..<end) }
    case "@":
      while rows[row].count < column { rows[row].append(" ") }
      rows[row].insert(contentsOf: Array(repeating: " ", count: count), at: column)
      rows[row] = Array(rows[row].prefix(columns))
    default: break
    }
  }
}

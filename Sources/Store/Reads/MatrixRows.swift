import Model

/// The cells of a matrix on their way from the server: the text of COPY, a line for each cell with its id, its member of the three
/// axes, its status, `t` or `f` for stale, and its segments done and in all.
struct MatrixRows {
  /// An axis with its members in the order in which cells named them.
  struct Axis {
    private(set) var ids: [Int64] = []
    private var places: [Int64: Int32] = [:]
    private var last = 0

    /// Mostly the member is that of the cell before, or the one behind it, or the first again.
    mutating func place(_ id: Int64) -> Int32 {
      if last < ids.count {
        if ids[last] == id { return Int32(last) }
        let next = last + 1 < ids.count ? last + 1 : 0
        if ids[next] == id {
          last = next
          return Int32(next)
        }
      }
      let place = places[id] ?? Int32(ids.count)
      if place == ids.count {
        places[id] = place
        ids.append(id)
      }
      last = Int(place)
      return place
    }
  }

  private struct Entry {
    let cell: MatrixCell
    let row: Int32
    let column: Int32
    let subcolumn: Int32
  }

  private var entries: [Entry] = []
  private(set) var rows = Axis()
  private(set) var columns = Axis()
  private(set) var subcolumns = Axis()
  private var lastStatus = (text: Array("not_started".utf8), status: CellStatus.notStarted)

  private static let statuses = CellStatus.allCases.map { (text: Array($0.rawValue.utf8), status: $0) }

  /// Lines as they come; a piece ends with a line.
  mutating func append(_ piece: [UInt8]) {
    piece.withUnsafeBytes { bytes in
      var reader = CopyLines(bytes)
      while !reader.isAtEnd {
        let id = reader.number()
        let row = rows.place(reader.number())
        let column = columns.place(reader.number())
        let subcolumn = subcolumns.place(reader.number())
        let status = status(reader.field())
        let stale = reader.field().first == UInt8(ascii: "t")
        let cell = MatrixCell(
          id: CellID(id), status: status, stale: stale, segmentsDone: Int(reader.number()),
          segments: Int(reader.number()))
        entries.append(Entry(cell: cell, row: row, column: column, subcolumn: subcolumn))
      }
    }
  }

  private mutating func status(_ text: UnsafeRawBufferPointer) -> CellStatus {
    if Self.isSame(text, lastStatus.text) { return lastStatus.status }
    guard let known = Self.statuses.first(where: { Self.isSame(text, $0.text) }) else { return .notStarted }
    lastStatus = known
    return known.status
  }

  private static func isSame(_ text: UnsafeRawBufferPointer, _ word: [UInt8]) -> Bool {
    if text.count != word.count { return false }
    for index in 0..<text.count where text[index] != word[index] { return false }
    return true
  }

  /// The cells in the order of members that have names. One whose member is gone has no place.
  func cells(_ members: [[AxisMember]]) -> [MatrixCell?] {
    let places = zip([rows, columns, subcolumns], members).map { axis, members in
      let named = Dictionary(uniqueKeysWithValues: zip(members.map(\.id), 0...))
      return axis.ids.map { named[$0] ?? -1 }
    }
    let (inRow, inColumn) = (members[1].count * members[2].count, members[2].count)
    var cells = [MatrixCell?](repeating: nil, count: members[0].count * inRow)
    for entry in entries {
      let (row, column) = (places[0][Int(entry.row)], places[1][Int(entry.column)])
      let subcolumn = places[2][Int(entry.subcolumn)]
      if row < 0 || column < 0 || subcolumn < 0 { continue }
      cells[row * inRow + column * inColumn + subcolumn] = entry.cell
    }
    return cells
  }
}

/// Walks over the fields of COPY's text. What it reads here are numbers and words of our own, in which nothing is escaped.
private struct CopyLines {
  private let bytes: UnsafeRawBufferPointer
  private var next = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { next >= bytes.count }

  /// A whole number that is not negative, with what ends it.
  mutating func number() -> Int64 {
    var value: Int64 = 0
    while next < bytes.count {
      let byte = bytes[next]
      next += 1
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
    }
    return value
  }

  mutating func field() -> UnsafeRawBufferPointer {
    let start = next
    while next < bytes.count, bytes[next] != UInt8(ascii: "\t"), bytes[next] != UInt8(ascii: "\n") { next += 1 }
    let field = UnsafeRawBufferPointer(rebasing: bytes[start..<next])
    next += 1
    return field
  }
}

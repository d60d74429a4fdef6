/// A key, or what a terminal sends for several.
public enum Key: Hashable, Sendable, CustomStringConvertible {
  case text(String)
  case paste(String)
  /// Of the others there is nothing to say but what a keyboard sends for them.
  case left, right, home, end, wordLeft, wordRight
  case rubOut, delete, killEnd, killLine, killWordBefore, killWordAfter, yank
  case transpose, upperCase, lowerCase, capitalise
  case setMark, exchangeMark
  case up, down, olderLike, newerLike
  case newline, unbound

  public var bytes: String {
    switch self {
    case .text(let text): text
    case .paste(let text): "\u{1B}[200~" + text.replacing("\n", with: "\r") + "\u{1B}[201~"
    case .left: "\u{1B}[D"
    case .right: "\u{6}"
    case .home: "\u{1}"
    case .end: "\u{1B}OF"
    case .wordLeft: "\u{1B}b"
    case .wordRight: "\u{1B}[1;5C"
    case .rubOut: "\u{7F}"
    case .delete: "\u{4}"
    case .killEnd: "\u{B}"
    case .killLine: "\u{15}"
    case .killWordBefore: "\u{17}"
    case .killWordAfter: "\u{1B}d"
    case .yank: "\u{19}"
    case .transpose: "\u{14}"
    case .upperCase: "\u{1B}u"
    case .lowerCase: "\u{1B}l"
    case .capitalise: "\u{1B}c"
    case .setMark: "\u{0}"
    case .exchangeMark: "\u{18}\u{18}"
    case .up: "\u{1B}[A"
    case .down: "\u{E}"
    case .olderLike: "\u{1B}p"
    case .newerLike: "\u{1B}n"
    case .newline: "\u{1B}\r"
    case .unbound: "\u{1B}[99~"
    }
  }

  public var description: String {
    switch self {
    case .text(let text): text.debugDescription
    case .paste(let text): "paste(\(text.debugDescription))"
    default: bytes.debugDescription
    }
  }
}

/// What a line is meant to hold after each key: editline(7) for what is libedit's, the README for what is ours. It knows of
/// no terminal.
public struct ReferenceEditor {
  public private(set) var line: [Unicode.Scalar] = []
  /// Characters before the cursor.
  public private(set) var cursor = 0
  private var killed: [Unicode.Scalar] = []
  private var mark = 0
  /// What can be recalled, oldest first; the last one is the line being typed.
  private var past: [String]
  private var visit: [String]
  private var place: Int
  private var match: (prefix: String, text: String)?

  public init(past: [String]) {
    self.past = past
    visit = past + [""]
    place = past.count
  }

  public var text: String { Self.string(line[...]) }
  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  /// Enter: gives the line and begins the next one.
  public mutating func enter() -> String {
    let entered = text
    var kept = entered[...]
    while kept.last?.isWhitespace == true { kept.removeLast() }
    if !kept.isEmpty, !entered.hasPrefix(" "), past.last != String(kept) { past.append(String(kept)) }
    (line, cursor, mark, match) = ([], 0, 0, nil)
    visit = past + [""]
    place = past.count
    return entered
  }

  public mutating func press(_ key: Key) {
    switch key {
    case .text(let text), .paste(let text): insert(Array(text.unicodeScalars))
    case .newline: insert(["\n"])
    case .unbound: break
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(line.count, cursor + 1)
    case .home: cursor = startOfRow
    case .end: cursor = endOfRow
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .rubOut: if cursor > 0 { remove(cursor - 1..<cursor) }
    case .delete: if cursor < line.count { remove(cursor..<cursor + 1) }
    case .killEnd: kill(cursor..<line.count)
    case .killLine: kill(0..<line.count)
    case .killWordBefore: if cursor > 0 { kill(wordStart..<cursor) }
    case .killWordAfter: if cursor < line.count { kill(cursor..<wordEnd) }
    case .yank: yank()
    case .transpose: transpose()
    case .upperCase: change { _, character in Self.upper(character) }
    case .lowerCase: change { _, character in Self.lower(character) }
    case .capitalise: capitalise()
    case .setMark: mark = cursor
    case .exchangeMark: (cursor, mark) = (min(mark, line.count), cursor)
    case .up: if startOfRow > 0 { goUp() } else { recall(visit.indices.prefix(place).reversed(), prefix: "") }
    case .down:
      if endOfRow < line.count { goDown() } else { recall(Array(visit.indices.suffix(from: place + 1)), prefix: "") }
    case .olderLike: like(Array(visit.indices.prefix(place).reversed()))
    case .newerLike: like(Array(visit.indices.suffix(from: place + 1)))
    }
  }

  private mutating func insert(_ scalars: [Unicode.Scalar]) {
    line.insert(contentsOf: scalars, at: cursor)
    cursor += scalars.count
  }

  private mutating func remove(_ range: Range<Int>) {
    line.removeSubrange(range)
    cursor = range.lowerBound
  }

  private mutating func kill(_ range: Range<Int>) {
    killed = Array(line[range])
    remove(range)
  }

  private mutating func yank() {
    mark = cursor
    let before = cursor
    insert(killed)
    cursor = before + killed.count
  }

  /// The two characters around the cursor, or the last two when it stands at the end.
  private mutating func transpose() {
    if cursor < line.count {
      if line.count < 2 { return }
      cursor += 1
    }
    if cursor >= 2 { line.swapAt(cursor - 2, cursor - 1) }
  }

  // MARK: Words: letters, digits and what stands in file names

  private static func isWord(_ character: Unicode.Scalar) -> Bool {
    character.properties.isAlphabetic || ("0"..."9").contains(character)
      || "*?_-.[]~=".unicodeScalars.contains(character)
  }

  private static func upper(_ character: Unicode.Scalar) -> Unicode.Scalar {
    Unicode.Scalar(character.properties.uppercaseMapping) ?? character
  }

  private static func lower(_ character: Unicode.Scalar) -> Unicode.Scalar {
    Unicode.Scalar(character.properties.lowercaseMapping) ?? character
  }

  private var wordStart: Int {
    var index = cursor
    while index > 0, !Self.isWord(line[index - 1]) { index -= 1 }
    while index > 0, Self.isWord(line[index - 1]) { index -= 1 }
    return index
  }

  private var wordEnd: Int {
    var index = cursor
    while index < line.count, !Self.isWord(line[index]) { index += 1 }
    while index < line.count, Self.isWord(line[index]) { index += 1 }
    return index
  }

  private mutating func change(_ new: (Int, Unicode.Scalar) -> Unicode.Scalar) {
    let end = wordEnd
    for index in cursor..<end { line[index] = new(index, line[index]) }
    cursor = end
  }

  private mutating func capitalise() {
    let first = line[cursor..<wordEnd].firstIndex { $0.properties.isAlphabetic }
    change { index, character in
      guard let first, index >= first else { return character }
      return index == first ? Self.upper(character) : Self.lower(character)
    }
  }

  // MARK: Rows and history

  private var startOfRow: Int { line[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
  private var endOfRow: Int { line[cursor...].firstIndex(of: "\n") ?? line.count }

  private mutating func goUp() {
    let column = cursor - startOfRow
    let end = startOfRow - 1
    cursor = end
    cursor = min(startOfRow + column, end)
  }

  private mutating func goDown() {
    let column = cursor - startOfRow
    let start = endOfRow + 1
    cursor = start
    cursor = min(start + column, endOfRow)
  }

  private mutating func recall(_ places: [Int], prefix: String) {
    visit[place] = text
    guard let next = places.first(where: { visit[$0].hasPrefix(prefix) }) else { return }
    place = next
    line = Array(visit[next].unicodeScalars)
    cursor = line.count
  }

  private mutating func like(_ places: [Int]) {
    var prefix = Self.string(line[..<cursor])
    if let match, match.text == text { prefix = match.prefix }
    recall(places, prefix: prefix)
    match = (prefix, text)
  }
}

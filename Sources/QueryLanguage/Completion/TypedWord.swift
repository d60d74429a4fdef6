/// The letters before the cursor, and what they may stand for. Labels in ASCII, which nearly all are, are compared byte by
/// byte: among thousands of names a key has to be answered at once.
struct TypedWord: Sendable {
  /// In lower case, without an opening quote.
  private let letters: [Character]
  /// nil when they are not all ASCII.
  private let bytes: [UInt8]?

  init(_ word: String) {
    let wanted = word.lowercased().drop { $0 == "\"" || $0 == "'" }
    letters = Array(wanted)
    bytes = wanted.utf8.allSatisfy { $0 < 0x80 } ? Array(wanted.utf8) : nil
  }

  /// Of the items those whose label begins so; where none does, those that hold the letters in order, best first.
  func matching<Item>(_ items: [Item], by label: (Item) -> String, most: Int) -> [Item] {
    if letters.isEmpty { return Array(items.prefix(most)) }
    var beginning: [Item] = []
    for item in items where begins(label(item)) {
      beginning.append(item)
      if beginning.count == most { break }
    }
    if !beginning.isEmpty { return beginning }
    return items.compactMap { item in rank(label(item)).map { (item, $0) } }
      .sorted { $0.1 < $1.1 }.prefix(most).map(\.0)
  }

  private func begins(_ label: String) -> Bool {
    guard let bytes else { return label.lowercased().starts(with: letters) }
    let start = label.utf8.prefix(bytes.count)
    if start.contains(where: { $0 >= 0x80 }) { return label.lowercased().starts(with: letters) }
    return start.elementsEqual(bytes) { Self.lowercased($0) == $1 }
  }

  /// How far apart the letters stand, lower is better; nil when they are not all there in order.
  private func rank(_ label: String) -> Int? {
    guard label.utf8.allSatisfy({ $0 < 0x80 }) else { return Self.rank(Array(label.lowercased()), letters, "_- @") }
    guard let bytes else { return nil }
    return Self.rank(label.utf8.map(Self.lowercased), bytes, "_- @".utf8)
  }

  private static func rank<Letter: Equatable>(
    _ label: [Letter], _ wanted: [Letter], _ separators: some Collection<Letter>
  ) -> Int? {
    var next = 0
    var rank = 0
    for (index, letter) in wanted.enumerated() {
      guard let found = label[next...].firstIndex(of: letter) else { return nil }
      let gap = found - next
      // A letter that begins a word is what people type.
      let isStart = found == 0 || separators.contains(label[found - 1])
      rank += index == 0 || isStart ? min(gap, 1) : gap * 2
      next = found + 1
    }
    return rank
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

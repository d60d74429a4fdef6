import Diagnostics
import Model

/// Names fitted into a number of columns, all still different from each other.
struct ShortNames: Equatable {
  let names: [String]
  /// Short and full form of those that were shortened, in order.
  let key: [(short: String, full: String)]
  /// Columns of the longest.
  let width: Int

  init(names: [String], key: [(short: String, full: String)]) {
    self.names = names
    self.key = key
    width = names.map { displayWidth($0) }.max() ?? 0
  }

  static func == (left: ShortNames, right: ShortNames) -> Bool { left.names == right.names }

  /// nil when two names cannot be told apart in this width: they are cut at the end, or in the middle when their
  /// beginnings are the same.
  static func fit(_ full: [String], width: Int, glyphs: GlyphSet) -> ShortNames? {
    let shown = full.map { visible($0) }
    for cut in [cutEnd, cutMiddle] {
      let names = shown.map { displayWidth($0) <= width ? $0 : cut($0, width, glyphs.ellipsis) }
      if Set(names).count == Set(shown).count {
        let key = zip(names, shown).filter { $0 != $1 }.map { (short: $0, full: $1) }
        return ShortNames(names: names, key: key)
      }
    }
    return nil
  }

  private static func cutEnd(_ name: String, _ width: Int, _ ellipsis: String) -> String {
    prefix(name, columns: width - displayWidth(ellipsis)) + ellipsis
  }

  private static func cutMiddle(_ name: String, _ width: Int, _ ellipsis: String) -> String {
    let room = width - displayWidth(ellipsis)
    let tail = String(prefix(String(name.reversed()), columns: room / 2).reversed())
    return prefix(name, columns: room - displayWidth(tail)) + ellipsis + tail
  }

  static func prefix(_ name: String, columns: Int) -> String {
    var result = ""
    var width = 0
    for character in name {
      width += displayWidth(String(character))
      if width > columns { break }
      result.append(character)
    }
    return result
  }
}

import Model

/// How wide each column of a table is, decided once from the first rows.
enum TableLayout: Equatable {
  /// One width for each column; `wrapped` are the names of those narrower than their contents.
  case columns(widths: [Int], wrapped: [String])
  /// No row fits side by side: `needed` columns at the least.
  case vertical(needed: Int)

  static let gap = 2
  /// Texts are not wrapped narrower than this: below it a column of words reads worse than the vertical form.
  static let narrowestText = 12

  /// `natural` are the widths each column would take unwrapped, its name included; `least` those below which it must
  /// not be pressed.
  static func fit(natural: [Int], least: [Int], names: [String], width: Int?) -> TableLayout {
    guard let width else { return .columns(widths: natural, wrapped: []) }
    let gaps = gap * max(0, natural.count - 1)
    if natural.reduce(gaps, +) <= width { return .columns(widths: natural, wrapped: []) }
    let needed = least.reduce(gaps, +)
    if needed > width { return .vertical(needed: needed) }
    let widths = pressed(natural: natural, least: least, room: width - gaps)
    let wrapped = names.indices.filter { widths[$0] < natural[$0] }.map { names[$0] }
    return .columns(widths: widths, wrapped: wrapped)
  }

  /// The widest columns give way first, down to one common width, so that short columns stay as they are.
  private static func pressed(natural: [Int], least: [Int], room: Int) -> [Int] {
    func widths(_ cap: Int) -> [Int] { natural.indices.map { max(least[$0], min(natural[$0], cap)) } }
    var low = 0
    var high = natural.max() ?? 0
    while low < high {
      let middle = (low + high + 1) / 2
      if widths(middle).reduce(0, +) <= room { low = middle } else { high = middle - 1 }
    }
    var result = widths(low)
    var spare = room - result.reduce(0, +)
    for index in result.indices where spare > 0 && result[index] == low && natural[index] > low {
      result[index] += 1
      spare -= 1
    }
    return result
  }
}

import Diagnostics
import Model

/// How a matrix is spread over the columns of a terminal. A pure decision: no text is written here.
struct MatrixLayout {
  /// A column, or the part of one whose sub-columns stand together.
  struct Group {
    let column: Int
    let subcolumns: Range<Int>
    let title: String
    let width: Int
  }

  var rowNames: ShortNames
  var idWidth: Int
  var groups: [[Group]]
  /// Titles of the sub-columns; empty when there is only one and no line is spent on it.
  var subtitles: [String]
  /// Columns of one cell, and between the cells of a group.
  var slot: Int
  var slotGap: Int
  var groupGap: Int
  /// Where in its slot a cell's glyph stands.
  var glyphOffset: Int
  var showsSegments: Bool
  /// Short form and full name of the columns whose titles are not their names.
  var columnKey: [(short: String, full: String)]
  var subcolumnKey: [(short: String, full: String)]

  var labelWidth: Int { idWidth + 1 + rowNames.width }

  /// Columns that the widest band takes, its row labels included.
  var bodyWidth: Int {
    groups.map { band in band.reduce(labelWidth) { $0 + groupGap + $1.width } }.max() ?? labelWidth
  }
}

/// What is tried, one after the other, until the matrix fits side by side.
enum MatrixTitles: Equatable {
  /// Whole names.
  case names
  /// Names cut down to no fewer than this many columns.
  case shortened(Int)
  /// The ids, with a key that names them.
  case ids
}

struct MatrixFitting {
  let matrix: Matrix
  let glyphs: GlyphSet
  let width: Int?
  /// Columns that the widest cell takes: its glyph, the mark of a stale one, the segments of one that is generating.
  private let contentAlone: Int
  private let contentWithSegments: Int
  private let rowNames: ShortNames?

  /// - Parameter texts: what stands in the cells in place of glyphs.
  init(matrix: Matrix, texts: [String]? = nil, glyphs: GlyphSet, width: Int?) {
    self.matrix = matrix
    self.glyphs = glyphs
    self.width = width
    let widest = texts.map { texts in max(1, texts.map { displayWidth($0) }.max() ?? 1) }
    contentAlone = widest ?? MatrixFitting.contentWidth(matrix, segments: false)
    contentWithSegments = widest ?? MatrixFitting.contentWidth(matrix, segments: true)
    rowNames = MatrixFitting.rowNames(matrix, width, glyphs)
  }

  static let readable = 8
  static let comfortable = 12
  /// A matrix of at most this many lines is rather folded with its names than shown at once with ids.
  static let foldedLines = 16

  private struct Attempt {
    var titles: MatrixTitles
    var slotGap: Int
    var groupGap: Int
    var segments: Bool
    /// Columns for the name of a sub-column; nil: what the titles leave it.
    var subtitle: Int?
  }

  func layout() -> MatrixLayout {
    var layout = narrowest()
    // What is left over goes to shortened row names first.
    if let width, !layout.rowNames.key.isEmpty, layout.bodyWidth < width {
      let wider = layout.rowNames.width + width - layout.bodyWidth
      if let names = ShortNames.fit(matrix.rows.map(\.name), width: wider, glyphs: glyphs) { layout.rowNames = names }
    }
    return layout
  }

  /// Without a terminal's width titles are whole up to here; the key tells the others.
  static let longestTitle = 24

  private func narrowest() -> MatrixLayout {
    let names = matrix.columns + matrix.subcolumns
    if width == nil, names.contains(where: { displayWidth(visible($0.name)) > Self.longestTitle }),
      let layout = band(
        Attempt(titles: .shortened(Self.longestTitle), slotGap: 2, groupGap: 3, segments: true))
    {
      return layout
    }
    let attempts =
      [
        Attempt(titles: .names, slotGap: 2, groupGap: 3, segments: true),
        Attempt(titles: .names, slotGap: 2, groupGap: 3, segments: false),
        Attempt(titles: .names, slotGap: 1, groupGap: 2, segments: false),
      ] + shortening() + [
        Attempt(titles: .shortened(MatrixFitting.readable), slotGap: 1, groupGap: 2, segments: false)
      ]
    let sideBySide = attempts.lazy.compactMap { self.band($0) }
    if let layout = sideBySide.first(where: { $0.groups.count == 1 }) { return layout }

    let folded = folded()
    if let folded, folded.groups.count * matrix.rows.count <= MatrixFitting.foldedLines { return folded }
    let numbered = [2, 1].lazy.compactMap {
      self.band(Attempt(titles: .ids, slotGap: 1, groupGap: $0, segments: false))
    }
    if let layout = numbered.first(where: { $0.groups.count == 1 }) { return layout }
    let last = band(Attempt(titles: .ids, slotGap: 1, groupGap: 2, segments: false), folding: true)!
    // Names are worth some more lines, but not twice as many.
    guard let folded, folded.groups.count < 2 * last.groups.count else { return last }
    return folded
  }

  /// Names of columns cut down to what their sub-columns take anyhow, whose names are cut no further than needed.
  private func shortening() -> [Attempt] {
    let count = matrix.subcolumns.count
    let widest = matrix.subcolumns.map { displayWidth(visible($0.name)) }.max() ?? 1
    if count == 1 { return [] }
    return stride(from: min(widest, MatrixFitting.readable), through: min(widest, 4), by: -1).map { width in
      let taken = count * max(width, contentAlone) + count - 1
      return Attempt(
        titles: .shortened(max(MatrixFitting.readable, taken)), slotGap: 1, groupGap: 2, segments: false,
        subtitle: width)
    }
  }

  /// Bands below each other, with names as long as they can be without one more band.
  private func folded() -> MatrixLayout? {
    func folded(_ least: Int) -> MatrixLayout? {
      band(Attempt(titles: .shortened(least), slotGap: 1, groupGap: 2, segments: false), folding: true)
    }
    guard var best = folded(MatrixFitting.comfortable) else { return nil }
    for least in MatrixFitting.comfortable + 1...MatrixFitting.comfortable * 2 {
      guard let wider = folded(least), wider.groups.count == best.groups.count else { break }
      best = wider
    }
    return best
  }

  /// The layout of an attempt; without `folding` nil when it does not fit side by side.
  private func band(_ attempt: Attempt, folding: Bool = false) -> MatrixLayout? {
    guard let rowNames else { return nil }
    let idWidth = matrix.rows.map { String($0.id).count }.max() ?? 1
    var layout = MatrixLayout(
      rowNames: rowNames, idWidth: idWidth, groups: [], subtitles: [], slot: 1, slotGap: attempt.slotGap,
      groupGap: attempt.groupGap, glyphOffset: 0, showsSegments: attempt.segments, columnKey: [], subcolumnKey: [])
    let room = width.map { max(1, $0 - layout.labelWidth - attempt.groupGap) }
    placeSubcolumns(&layout, attempt, room, folding: folding)
    let content = contentWidth(segments: attempt.segments)
    var titles = matrix.columns.map { String($0.id) }
    switch attempt.titles {
    case .names: titles = matrix.columns.map { visible($0.name) }
    case .shortened(let least):
      guard let names = columnNames(layout, least: least, room: room, folding: folding) else { return nil }
      titles = names.names
      layout.columnKey = names.key
    case .ids: layout.columnKey = matrix.columns.map { (short: String($0.id), full: visible($0.name)) }
    }
    if matrix.subcolumns.count == 1, attempt.titles != .ids {
      // A single cell stands under the middle of a short name, but never so far that its suffix would not fit.
      let shortest = titles.map { displayWidth($0) }.min() ?? 1
      layout.glyphOffset = max(0, min((min(shortest, 8) - 1) / 2, (room ?? .max) - content))
    }
    let groups = groups(titles, layout, room: room, content: content)
    layout.groups = fold(groups, layout, room: room)
    if !folding, layout.groups.count > 1 { return nil }
    return layout
  }

  /// Rows may take a third of the width, and what is much longer than the others takes no more than they do; what is left
  /// over in the end is theirs again.
  private static func rowNames(_ matrix: Matrix, _ width: Int?, _ glyphs: GlyphSet) -> ShortNames? {
    let names = matrix.rows.map(\.name)
    let longest = names.map { displayWidth(visible($0)) }.max() ?? 1
    guard let width else { return ShortNames.fit(names, width: longest, glyphs: glyphs) }
    let widths = names.map { displayWidth(visible($0)) }.sorted()
    let usual = widths.isEmpty ? longest : widths[widths.count * 4 / 5]
    for limit in stride(from: min(longest, max(8, min(usual, width / 3 - 6))), through: min(longest, 2), by: -1) {
      if let names = ShortNames.fit(names, width: limit, glyphs: glyphs) { return names }
      // Names that differ only far inside need more room than a third.
      for wider in (limit...max(limit, min(longest, width - 12))) {
        if let names = ShortNames.fit(names, width: wider, glyphs: glyphs) { return names }
      }
    }
    return ShortNames.fit(matrix.rows.map { String($0.id) }, width: 20, glyphs: glyphs)
  }

  private func contentWidth(segments: Bool) -> Int { segments ? contentWithSegments : contentAlone }

  private static func contentWidth(_ matrix: Matrix, segments: Bool) -> Int {
    var width = 1
    for case .some(let cell) in matrix.cells where cell.stale || cell.status == .generating {
      width = max(width, MatrixCellText.width(cell, segments: segments))
    }
    return width
  }

  private func placeSubcolumns(_ layout: inout MatrixLayout, _ attempt: Attempt, _ room: Int?, folding: Bool) {
    let content = contentWidth(segments: attempt.segments)
    layout.slot = content
    guard matrix.subcolumns.count > 1 else { return }
    let names = matrix.subcolumns.map(\.name)
    let widest = names.map { displayWidth(visible($0)) }.max() ?? 1
    let whole = ShortNames.fit(names, width: widest, glyphs: glyphs)
    var short: ShortNames?
    switch attempt.titles {
    case .names: short = whole
    case .shortened where attempt.subtitle != nil:
      short = ShortNames.fit(names, width: attempt.subtitle ?? widest, glyphs: glyphs) ?? initials(names)
    case .shortened(let least):
      let share = (max(least, content) - attempt.slotGap * (names.count - 1)) / names.count
      let wholeWidth = names.count * max(widest, content) + (names.count - 1) * attempt.slotGap
      let isWhole = share >= widest || (folding && wholeWidth <= room ?? .max)
      short = isWhole ? whole : initials(names)
      for width in max(3, share)...max(3, share, widest) where short == nil {
        short = ShortNames.fit(names, width: width, glyphs: glyphs)
      }
    case .ids: short = initials(names)
    }
    let titles = short?.names ?? matrix.subcolumns.map { String($0.id) }
    layout.subtitles = titles
    layout.subcolumnKey = short?.key ?? zip(titles, names).map { (short: $0, full: visible($1)) }
    let widestTitle = titles.map { displayWidth($0) }.max() ?? 1
    layout.slot = min(max(content, widestTitle), room ?? .max)
    layout.glyphOffset = min((layout.slot - 1) / 2, layout.slot - content)
    if attempt.titles == .ids, layout.slot > 1 { layout.slotGap = widestTitle < layout.slot ? 0 : 1 }
  }

  /// One letter for each name, if they all begin differently.
  private func initials(_ names: [String]) -> ShortNames? {
    let shown = names.map { visible($0) }
    let letters = shown.map { String($0.prefix(1)) }
    guard Set(letters).count == letters.count, letters.allSatisfy({ displayWidth($0) == 1 }) else { return nil }
    return ShortNames(names: letters, key: zip(letters, shown).map { (short: $0, full: $1) })
  }

  private func slotsWidth(_ count: Int, _ layout: MatrixLayout) -> Int {
    count * layout.slot + max(0, count - 1) * layout.slotGap
  }

  /// The column names in the widest common cut that lets all columns stand side by side, or, folded, in `least`.
  private func columnNames(_ layout: MatrixLayout, least: Int, room: Int?, folding: Bool) -> ShortNames? {
    let names = matrix.columns.map(\.name)
    let longest = names.map { displayWidth(visible($0)) }.max() ?? 1
    let slots = slotsWidth(matrix.subcolumns.count, layout)
    if room == nil {
      return (min(least, longest)...longest).lazy.compactMap { ShortNames.fit(names, width: $0, glyphs: self.glyphs) }
        .first
    }
    guard let room, longest > min(least, room) else { return ShortNames.fit(names, width: longest, glyphs: glyphs) }
    let widest = max(1, min(longest, room))
    if folding {
      for width in min(max(least, slots), widest)...widest {
        if let fitted = ShortNames.fit(names, width: width, glyphs: glyphs) { return fitted }
      }
      return nil
    }
    for width in stride(from: widest, through: least, by: -1) {
      guard let fitted = ShortNames.fit(names, width: width, glyphs: glyphs) else { continue }
      let widths = fitted.names.map { max(displayWidth($0), slots) }
      if widths.reduce((names.count - 1) * layout.groupGap, +) <= room { return fitted }
    }
    return nil
  }

  /// A group for each column; one whose sub-columns need more than the whole width is cut into several.
  private func groups(
    _ titles: [String], _ layout: MatrixLayout, room: Int?, content: Int
  ) -> [MatrixLayout.Group] {
    let count = matrix.subcolumns.count
    let most = room.map { max(1, ($0 + layout.slotGap) / (layout.slot + layout.slotGap)) } ?? count
    return titles.indices.flatMap { column in
      stride(from: 0, to: count, by: max(1, most)).map { start in
        let part = start..<min(count, start + most)
        let slots = count == 1 ? layout.glyphOffset + content : slotsWidth(part.count, layout)
        return MatrixLayout.Group(
          column: column, subcolumns: part, title: titles[column], width: max(displayWidth(titles[column]), slots))
      }
    }
  }

  /// Bands of about equally many groups, each no wider than the room.
  private func fold(_ groups: [MatrixLayout.Group], _ layout: MatrixLayout, room: Int?) -> [[MatrixLayout.Group]] {
    guard let room, !groups.isEmpty else { return [groups] }
    func bands(limit: Int) -> [[MatrixLayout.Group]] {
      var result: [[MatrixLayout.Group]] = [[]]
      var used = 0
      for group in groups {
        let more = group.width + (result[result.count - 1].isEmpty ? 0 : layout.groupGap)
        if !result[result.count - 1].isEmpty, used + more > room || result[result.count - 1].count >= limit {
          result.append([group])
          used = group.width
        } else {
          result[result.count - 1].append(group)
          used += more
        }
      }
      return result
    }
    let greedy = bands(limit: .max)
    if greedy.count == 1 { return greedy }
    let even = bands(limit: (groups.count + greedy.count - 1) / greedy.count)
    return even.count == greedy.count ? even : greedy
  }
}

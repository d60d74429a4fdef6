import Model

/// How many cells have each status, each with its glyph, word and colour.
enum StatusLegend {
  /// In the order in which a producer asks: what is done, what wants me, what runs, what is wrong, what waits.
  private static let order: [CellStatus] = [
    .approved, .qaReview, .generating, .queued, .failed, .rejected, .blocked, .skipped, .notStarted,
  ]

  static func entries(_ counts: [CellStatus: Int], stale: Int, glyphs: GlyphSet) -> [StyledLine] {
    var entries = order.compactMap { status -> StyledLine? in
      guard let count = counts[status], count > 0 else { return nil }
      let mark = StatusMark(status)
      return StyledLine("\(mark.glyph(glyphs)) \(Wording.grouped(count)) \(status.word)", mark.style)
    }
    if stale > 0 { entries.append(StyledLine("\(glyphs.stale) \(Wording.grouped(stale)) stale", .warning)) }
    return entries
  }
}

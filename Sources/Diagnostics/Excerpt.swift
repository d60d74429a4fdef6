/// The source line of a diagnostic as it is shown, and where the carets stand under it, in terminal columns.
struct Excerpt {
  var line: String
  var indent: Int
  var width: Int
  var isCut: Bool
}

extension DiagnosticRenderer {
  /// nil when the diagnostic has no place. A span over several lines is marked on its first. Of a very long line only the
  /// bytes around the place are looked at.
  func excerpt(of diagnostic: Diagnostic) -> Excerpt? {
    guard let source = diagnostic.source, let span = diagnostic.span else { return nil }
    let reach = lineWidth * 8
    let lower = min(span.lower, source.bytes.count)
    let start = source.lineStart(before: lower)
    let end = source.lineEnd(after: lower)
    let first = source.characterStart(max(start, lower - reach))
    let upper = source.characterStart(min(max(span.upper, lower), end, lower + reach))
    let last = source.characterStart(min(end, upper + reach))
    let before = Printable.of(source[Span(first, lower)])
    let marked = Printable.of(source[Span(lower, upper)])
    var after = source[Span(upper, last)]
    if after.hasSuffix("\r") { after.removeLast() }
    let isWhole = first == start && last == end
    return cut(before: before, marked: marked, after: Printable.of(after), isWhole: isWhole)
  }

  /// Leaves a line alone that fits; else shows the marked text and what of its surroundings there is room for.
  private func cut(before: String, marked: String, after: String, isWhole: Bool) -> Excerpt {
    let width = displayWidth(before) + displayWidth(marked) + displayWidth(after)
    if width <= lineWidth, isWhole {
      return Excerpt(
        line: before + marked + after, indent: displayWidth(before), width: max(1, displayWidth(marked)),
        isCut: false)
    }
    let room = lineWidth / 4
    let left = before.count > room ? "…" + before.suffix(room) : before
    let middle = marked.count > room * 2 ? marked.prefix(room * 2) + "…" : marked
    let right = after.count > room ? after.prefix(room) + "…" : after
    return Excerpt(
      line: left + middle + right, indent: displayWidth(left), width: max(1, displayWidth(middle)), isCut: true)
  }
}

extension SourceText {
  /// The offset itself, or the start of the character it falls into.
  fileprivate func characterStart(_ offset: Int) -> Int {
    var start = offset
    while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}

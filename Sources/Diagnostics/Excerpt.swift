/// The source line of a diagnostic as it is shown, and where the carets stand under it, in terminal columns.
struct Excerpt {
  var line: String
  var indent: Int
  var width: Int
  var isCut: Bool
}

extension DiagnosticRenderer {
  /// nil when the diagnostic has no place. A span over several lines is marked on its first.
  func excerpt(of diagnostic: Diagnostic) -> Excerpt? {
    guard let source = diagnostic.source, let span = diagnostic.span else { return nil }
    let lower = min(span.lower, source.bytes.count)
    let start = source.lineStart(before: lower)
    let end = source.lineEnd(after: lower)
    let before = DisplayWidth.printable(source[Span(start, lower)])
    let marked = DisplayWidth.printable(source[Span(lower, min(max(span.upper, lower), end))])
    var after = source[Span(min(max(span.upper, lower), end), end)]
    if after.hasSuffix("\r") { after.removeLast() }
    return cut(before: before, marked: marked, after: DisplayWidth.printable(after))
  }

  /// Leaves a line alone that fits; else shows the marked text and what of its surroundings there is room for.
  private func cut(before: String, marked: String, after: String) -> Excerpt {
    let width = DisplayWidth.of(before) + DisplayWidth.of(marked) + DisplayWidth.of(after)
    if width <= lineWidth {
      return Excerpt(
        line: before + marked + after, indent: DisplayWidth.of(before), width: max(1, DisplayWidth.of(marked)),
        isCut: false)
    }
    let room = lineWidth / 4
    let left = before.count > room ? "…" + before.suffix(room) : before
    let middle = marked.count > room * 2 ? marked.prefix(room * 2) + "…" : marked
    let right = after.count > room ? after.prefix(room) + "…" : after
    return Excerpt(
      line: left + middle + right, indent: DisplayWidth.of(left), width: max(1, DisplayWidth.of(middle)), isCut: true)
  }
}

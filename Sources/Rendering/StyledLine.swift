import Diagnostics

/// A piece of a line in one style. Its text is already safe to show: the initializer spells control characters out.
public struct Span: Equatable, Sendable {
  public let text: String
  public let style: Style

  public init(_ text: String, _ style: Style = .plain) {
    self.text = visible(text)
    self.style = style
  }

  fileprivate init(safe text: String, _ style: Style) {
    self.text = text
    self.style = style
  }
}

/// One line of a screen, without its newline.
public struct StyledLine: Equatable, Sendable {
  public private(set) var spans: [Span]
  /// Columns the line takes.
  public private(set) var width: Int

  public init(_ spans: [Span] = []) {
    self.spans = spans
    width = spans.reduce(0) { $0 + displayWidth($1.text) }
  }

  public init(_ text: String, _ style: Style = .plain) { self.init([Span(text, style)]) }

  /// The text without any style.
  public var text: String { spans.map(\.text).joined() }

  public mutating func append(_ text: String, _ style: Style = .plain) {
    if text.isEmpty { return }
    let span = Span(text, style)
    spans.append(span)
    width += displayWidth(span.text)
  }

  public mutating func append(_ line: StyledLine) {
    spans += line.spans
    width += line.width
  }

  /// Fills the line with spaces up to `column`.
  public mutating func pad(to column: Int) {
    if column > width { append(safe: spaces(column - width), .plain, columns: column - width) }
  }

  /// Text of our own making, whose width is known.
  mutating func append(safe text: String, _ style: Style, columns: Int) {
    spans.append(Span(safe: text, style))
    width += columns
  }

  /// The text with its colours.
  public func painted(_ color: ColorMode) -> String {
    var text = ""
    write(to: &text, color: color)
    return text
  }

  func write(to text: inout String, color: ColorMode) {
    let last = spans.lastIndex { $0.text.utf8.contains { $0 != 0x20 } } ?? -1
    for (index, span) in spans.enumerated() where index <= last {
      let shown = index == last ? trimmedEnd(span.text) : span.text
      color.paint(shown, span.style, &text)
    }
  }
}

private func trimmedEnd(_ text: String) -> String {
  guard text.utf8.last == 0x20 else { return text }
  var slice = text[...]
  while slice.last == " " { slice.removeLast() }
  return String(slice)
}

/// `text` cut into lines of at most `width` columns, at spaces where there are some, else inside the word. A newline in
/// the text begins a new line. Nothing is lost but the spaces at the cuts.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
    let shown = visible(String(paragraph))
    if displayWidth(shown) <= width {
      lines.append(shown)
    } else {
      lines += wrappedParagraph(shown, width: max(1, width))
    }
  }
  return lines
}

private func wrappedParagraph(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  var lineWidth = 0
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let wordWidth = displayWidth(word)
    if lineWidth > 0, lineWidth + 1 + wordWidth > width {
      lines.append(line)
      line = ""
      lineWidth = 0
    } else if lineWidth > 0 {
      line += " "
      lineWidth += 1
    }
    if wordWidth <= width {
      line += word
      lineWidth += wordWidth
    } else {
      var pieces = chopped(word, width: width)
      line = pieces.removeLast()
      lineWidth = displayWidth(line)
      lines += pieces
    }
  }
  lines.append(line)
  return lines
}

private func chopped(_ word: Substring, width: Int) -> [String] {
  var pieces: [String] = []
  var piece = ""
  var pieceWidth = 0
  for character in word {
    let characterWidth = displayWidth(String(character))
    if pieceWidth + characterWidth > width, !piece.isEmpty {
      pieces.append(piece)
      piece = ""
      pieceWidth = 0
    }
    piece.append(character)
    pieceWidth += characterWidth
  }
  pieces.append(piece)
  return pieces
}

/// Items side by side, as many on a line as fit in `width`; nil puts all on one line. An item wider than a line is
/// wrapped by itself.
func flowed(_ items: [StyledLine], separator: String = "  ", width: Int?) -> [StyledLine] {
  let gap = displayWidth(separator)
  var lines: [StyledLine] = []
  for item in items.flatMap({ narrowed($0, width: width) }) {
    guard let last = lines.last, width.map({ last.width + gap + item.width <= $0 }) ?? true else {
      lines.append(item)
      continue
    }
    lines[lines.count - 1].append(separator, .dim)
    lines[lines.count - 1].append(item)
  }
  return lines
}

/// A line that fits; one that has to be wrapped keeps the style of its end.
private func narrowed(_ line: StyledLine, width: Int?) -> [StyledLine] {
  guard let width, line.width > width else { return [line] }
  let style = line.spans.last?.style ?? .plain
  return wrapped(line.text, width: width).map { StyledLine($0, style) }
}

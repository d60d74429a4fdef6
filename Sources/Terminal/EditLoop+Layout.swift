import CEditLine
import Glibc

/// Where the line stands on the screen, and how it is found again when the screen gets another size.
extension EditLoop {
  /// Puts the cursor where the prompt begins and clears from there.
  func goToStart() {
    hasMenuBelow = false
    if isDumb { return write("\n") }
    let line = callsheet_current(editor)
    let up = row(of: line.cursor)
    // Not all at once: when the prompt stands in the first row, tmux takes that for a screen that is given up, and keeps it.
    write((up > 0 ? "\u{1B}[\(up)A" : "") + "\r\u{1B}[2K\u{1B}[C\u{1B}[J\r")
  }

  func updateSize() {
    let size = TerminalSize.of(settings.output)
    columns = size?.columns ?? columns
    height = size?.rows ?? height
    el_resize(editor)
  }

  /// Draws the line on a screen that has another width than it was drawn for.
  func redrawResized() {
    // Most terminals have by now laid the line out anew; xterm and screen leave it as it was.
    let reflows = getenv("XTERM_VERSION") == nil && getenv("STY") == nil
    if reflows { updateSize() }
    goToStart()
    if !reflows { updateSize() }
    redraw()
  }

  /// Draws the line where the cursor stands.
  func redraw() {
    guard let layout = ownLayout else {
      callsheet_redraw(editor)
      isDrawn = true
      return
    }
    callsheet_set_output(editor, files.nothing)
    callsheet_redraw(editor)
    callsheet_set_output(editor, files.output)
    paint(layout)
  }

  /// The terminal may have got its new size, and laid out the line anew, before we are told so.
  func noteSize() {
    if let size = TerminalSize.of(settings.output), size.columns != columns { redrawResized() }
  }

  func row(of offset: Int) -> Int { place(of: offset).row }

  /// The place on the screen, from the prompt's own row, of the character at `offset` of the line.
  func place(of offset: Int) -> (row: Int, column: Int) {
    var layout = LineLayout(promptWidth: prompt.width, columns: columns)
    let line = callsheet_current(editor)
    for index in 0..<min(offset, Int(line.count)) { layout.append(line.text[index]) }
    // A wide character that finds one column left stands in the next row.
    let isBroken = offset < Int(line.count) && layout.column + Int(callsheet_width(line.text[offset])) > columns
    return isBroken ? (layout.row + 1, 0) : (layout.row, layout.column)
  }

  /// Draws a line of several rows, or with wide characters, once more and whole. libedit only draws what has changed, and at the ends of rows goes wrong in
  /// that: it clears the row below, or goes there with a newline. Then the terminal no longer knows that the rows are one
  /// line, and parts them when it lays the line out anew for another width.
  func repaint() {
    guard !isPasting, !hasInput else { return }
    noteSize()
    isDrawn = false
    guard let layout = ownLayout else { return }
    goToStart()
    paint(layout)
  }

  /// nil where libedit's drawing is as good: in a single row of usual characters; or better: of what is taller than the screen it shows a part.
  private var ownLayout: LineLayout? {
    if isDumb || !wraps { return nil }
    let line = callsheet_current(editor)
    var layout = LineLayout(promptWidth: prompt.width, columns: columns)
    for index in 0..<Int(line.count) { layout.append(line.text[index]) }
    layout.end()
    // Inserting before wide characters leaves halves of them behind.
    let isOwn = layout.row > 0 || (layout.hasWide && rightPrompt.width == 0)
    return isOwn && layout.row < height ? layout : nil
  }

  private func paint(_ layout: LineLayout) {
    let here = place(of: callsheet_current(editor).cursor)
    write(prompt.shown + layout.drawn + EditLoop.move(from: layout.row, to: here.row, column: here.column))
  }

  private static func move(from row: Int, to newRow: Int, column: Int) -> String {
    let rows = newRow > row ? "\u{1B}[\(newRow - row)B" : newRow < row ? "\u{1B}[\(row - newRow)A" : ""
    return rows + "\r" + (column > 0 ? "\u{1B}[\(column)C" : "")
  }

  /// More keys wait to be read.
  private var hasInput: Bool {
    var entry = pollfd(fd: settings.input, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}

/// The rows that the characters of a line take behind a prompt, as libedit draws them, and what to write for them: control
/// characters are two (`^A`), tabs go on to the next eighth column.
struct LineLayout {
  private(set) var row: Int
  private(set) var column: Int
  private(set) var drawn = ""
  /// Characters of two columns are among them.
  private(set) var hasWide = false
  private let columns: Int
  /// The terminal goes to the next row only when something is written there.
  private var isFull: Bool

  init(promptWidth: Int, columns: Int) {
    self.columns = columns
    row = promptWidth / columns
    column = promptWidth % columns
    isFull = promptWidth > 0 && column == 0
  }

  mutating func append(_ character: UInt32) {
    switch character {
    case 0x0A:
      end()
      drawn += "\n"
      (row, column) = (row + 1, 0)
    case 0x09: repeat { put(" ", 1) } while column % 8 != 0
    case 0..<0x20, 0x7F:
      put("^", 1)
      put(Unicode.Scalar(UInt8(character ^ 0x40)), 1)
    default: put(Unicode.Scalar(character) ?? "\u{FFFD}", max(0, Int(callsheet_width(character))))
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar, _ width: Int) {
    if column + width > columns { (row, column) = (row + 1, 0) }
    drawn.unicodeScalars.append(scalar)
    hasWide = hasWide || width > 1
    column += width
    isFull = column >= columns
    if isFull { (row, column) = (row + 1, 0) }
  }

  /// What comes behind a full row stands in the next.
  mutating func end() {
    if isFull { drawn += " \r" }
    isFull = false
  }
}

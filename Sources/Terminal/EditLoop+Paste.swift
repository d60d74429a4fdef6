import CEditLine
import Glibc

/// What a terminal marks as pasted.
extension EditLoop {
  /// The longest text one paste may bring.
  private static let longestPaste = 1_000_000

  /// Takes everything up to the terminal's mark for the end of a paste into the line. Newlines stay in it as newlines
  /// and run nothing; other control characters are left out.
  func paste() -> UInt8 {
    let end = Array("\u{1B}[201~".unicodeScalars.map(\.value))
    var pasted: [UInt32] = []
    isPasting = true
    defer { isPasting = false }
    while !pasted.suffix(end.count).elementsEqual(end) {
      var character: UInt32 = 0
      guard callsheet_next(editor, &character) == 1 else {
        // What is there of the rest must not become keys.
        tcflush(settings.input, TCIFLUSH)
        return UInt8(CC_ERROR)
      }
      if pasted.count < EditLoop.longestPaste {
        pasted.append(character)
      } else {
        pasted.removeFirst(pasted.count - end.count)
        el_beep(editor)
      }
    }
    pasted.removeLast(end.count)
    var result = String.UnicodeScalarView()
    var previous: UInt32 = 0
    for value in pasted {
      // CR LF, which arrives turned around, is one newline.
      let isSecondHalf = (value == 0x0D && previous == 0x0A) || (value == 0x0A && previous == 0x0D)
      previous = isSecondHalf ? 0 : value
      if isSecondHalf { continue }
      if value == 0x0A || value == 0x0D {
        result.append("\n")
      } else if value >= 0x20, !(0x7F..<0xA0).contains(value), let scalar = Unicode.Scalar(value) {
        result.append(scalar)
      } else if value == 0x09 {
        result.append(" ")
      }
    }
    var text = String(result)
    // A copied line mostly brings its line end along; the one who pastes it presses Enter himself.
    if text.hasSuffix("\n") { text.removeLast() }
    return text.isEmpty ? UInt8(CC_NORM) : insert(text)
  }
}

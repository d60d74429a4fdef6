import CEditLine

/// A prompt as libedit wants it: escape sequences between two marks, because they take no columns.
struct PromptText: Equatable {
  static let mark: UInt8 = 1
  let bytes: [CChar]
  let width: Int

  /// Without the marks, as a terminal gets it.
  var shown: String {
    let plain = bytes.dropLast().map { UInt8(bitPattern: $0) }.filter { $0 != Self.mark }
    return String(decoding: plain, as: UTF8.self)
  }

  /// `text` may hold escape sequences for colour (`ESC [ ... m`); other control characters are left out.
  init(_ text: String) {
    let pieces = PromptText.pieces(text)
    var result = ""
    var width = 0
    for piece in pieces {
      if piece.isSequence {
        result += "\u{1}\(piece.text)\u{1}"
      } else {
        result += piece.text
        width += piece.text.unicodeScalars.reduce(0) { $0 + max(0, Int(callsheet_width($1.value))) }
      }
    }
    bytes = result.utf8CString.map { $0 }
    self.width = width
  }

  private struct Piece {
    var text: String
    var isSequence: Bool
  }

  /// Sequences and plain text in turn. libedit drops a sequence at the very end, so that one goes before the last plain
  /// character; and two marks in a row would end each other, so neighbours are joined.
  private static func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    func append(_ scalar: Unicode.Scalar, sequence: Bool) {
      if pieces.last?.isSequence == sequence {
        pieces[pieces.count - 1].text.unicodeScalars.append(scalar)
      } else {
        pieces.append(Piece(text: String(scalar), isSequence: sequence))
      }
    }
    var inSequence = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{1B}" { inSequence = true }
      if inSequence {
        append(scalar, sequence: true)
        if scalar != "[", scalar != "\u{1B}", (0x40...0x7E).contains(scalar.value) { inSequence = false }
      } else if scalar.value >= 0x20, !(0x7F..<0xA0).contains(scalar.value) {
        append(scalar, sequence: false)
      }
    }
    if let last = pieces.last, last.isSequence, pieces.count > 1 {
      pieces.removeLast()
      let tail = pieces[pieces.count - 1].text.removeLast()
      if pieces[pieces.count - 1].text.isEmpty {
        pieces.removeLast()
        if pieces.isEmpty { pieces.append(last) } else { pieces[pieces.count - 1].text += last.text }
      } else {
        pieces.append(last)
      }
      pieces.append(Piece(text: String(tail), isSequence: false))
    }
    return pieces
  }
}

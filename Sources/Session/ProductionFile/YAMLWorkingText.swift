import Diagnostics
import Yams

/// The text the YAML library is given: the source in which some characters are masked, one scalar for one scalar, so that
/// the library's lines and columns are the source's.
struct YAMLWorkingText {
  /// Stands for the `*` of an alias, and for the first character of a key that is repeated further down. Both are of
  /// Unicode's private use area.
  static let aliasMask: Character = "\u{E0FE}"
  static let firstKeyMask: UInt32 = 0xE100
  private static let keyMasks: UInt32 = 0x100

  let layout: YAMLLayout
  private(set) var aliasCount = 0
  private var scalars: [Unicode.Scalar]
  private var masked: UInt32 = 0

  init(_ source: SourceText) {
    layout = YAMLLayout(source)
    scalars = Array(source.text.unicodeScalars)
    for index in scalars.indices where isAlias(at: index) {
      scalars[index] = Self.aliasMask.unicodeScalars.first ?? "*"
      aliasCount += 1
    }
  }

  var string: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Changes the key that begins there so that it differs from its double; false when that is not possible.
  mutating func maskKey(at mark: Mark) -> Bool {
    var index = layout.scalarIndex(of: mark)
    if index < scalars.count, ["\"", "'"].contains(scalars[index]) { index += 1 }
    guard index < scalars.count, Self.beginsWord(scalars[index]), masked < Self.keyMasks,
      let mask = Unicode.Scalar(Self.firstKeyMask + masked)
    else { return false }
    // Keys are told apart by their first character from here on; what it was can be read in the source.
    scalars[index] = mask
    masked += 1
    return true
  }

  /// True for a key that was changed because it is repeated further down.
  static func isMaskedKey(_ key: String) -> Bool {
    key.unicodeScalars.first.map { (firstKeyMask..<firstKeyMask + keyMasks).contains($0.value) } ?? false
  }

  /// A scalar's text as it stands in the source, but for a masked key's first character.
  static func unmasked(_ text: String) -> String {
    text.contains(aliasMask) ? text.replacing(String(aliasMask), with: "*") : text
  }

  /// A star that begins a word, wherever it stands: in a comment or a sentence it becomes a star again.
  private func isAlias(at index: Int) -> Bool {
    guard scalars[index] == "*", index + 1 < scalars.count else { return false }
    let opens = index == 0 || [" ", "\n", "\r", "\t", "[", "{", ","].contains(scalars[index - 1])
    return opens && Self.beginsWord(scalars[index + 1])
  }

  private static func beginsWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
  }
}

/// Turns the YAML library's lines and columns into places of the source.
struct YAMLLayout {
  private let bytes: [UInt8]
  /// Of each line, in the source's bytes and in its scalars.
  private let byteStarts: [Int]
  private let scalarStarts: [Int]

  init(_ source: SourceText) {
    bytes = source.bytes
    var byteStarts = [0]
    var scalarStarts = [0]
    var offset = 0
    var index = 0
    var before: Unicode.Scalar = " "
    for scalar in source.text.unicodeScalars {
      offset += UTF8.width(scalar)
      index += 1
      if before == "\r" && scalar == "\n" {
        byteStarts[byteStarts.count - 1] = offset
        scalarStarts[scalarStarts.count - 1] = index
      } else if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) {
        byteStarts.append(offset)
        scalarStarts.append(index)
      }
      before = scalar
    }
    self.byteStarts = byteStarts
    self.scalarStarts = scalarStarts
  }

  /// In scalars from the beginning of the text.
  func scalarIndex(of mark: Mark) -> Int {
    scalarStarts[line(of: mark)] + max(0, mark.column - 1)
  }

  /// In UTF-8 bytes from the beginning of the text, so many scalars behind the mark.
  func offset(of mark: Mark, plus further: Int = 0) -> Int {
    var offset = byteStarts[line(of: mark)]
    for _ in 1..<max(1, mark.column + further) where offset < bytes.count {
      offset += 1
      while offset < bytes.count && bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset
  }

  private func line(of mark: Mark) -> Int { min(max(0, mark.line - 1), byteStarts.count - 1) }

  /// The end of the word that begins there; one byte for a bracket.
  func wordEnd(from lower: Int) -> Int {
    guard lower < bytes.count else { return lower }
    let stops = Array(" \t\r\n:,[]{}".utf8)
    let end = bytes[lower...].firstIndex { stops.contains($0) } ?? bytes.count
    return max(end, min(lower + 1, bytes.count))
  }

  /// The end of the quoted text that begins there, if it ends on its line; else the line's end.
  func quotedEnd(from lower: Int) -> Int {
    guard lower < bytes.count else { return lower }
    let newline = bytes[lower...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? bytes.count
    let quote = bytes[lower]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return newline }
    var at = lower + 1
    while at < newline {
      if bytes[at] == quote { return at + 1 }
      at += bytes[at] == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
    }
    return newline
  }
}

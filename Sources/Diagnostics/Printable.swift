/// Source text as it can be shown on a terminal.
enum Printable {
  /// The text as it can be shown: tabs as spaces, and nothing that a terminal would obey.
  static func of(_ text: some StringProtocol) -> String {
    var shown = ""
    for character in text {
      if character == "\t" {
        shown += "    "
      } else if character.unicodeScalars.contains(where: { isControl($0) }) {
        shown += "\u{FFFD}"
      } else {
        shown.append(character)
      }
    }
    return shown
  }

  /// Control characters, and the bidirectional overrides that can make one text look like another.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
  }
}

/// Breaks the lines of help at blanks, so that no terminal breaks them elsewhere.
enum Wrapping {
  /// - Parameters:
  ///   - width: in columns, of the indented lines too; a word that is longer stands in a line of its own.
  ///   - hanging: how far all lines but the first are indented.
  static func lines(_ words: [String], joint: String, width: Int, hanging: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words {
      if line.isEmpty {
        line = word
      } else if line.count + joint.count + word.count <= width {
        line += joint + word
      } else {
        lines.append(line)
        line = String(repeating: " ", count: hanging) + word
      }
    }
    return lines + [line]
  }

  /// A paragraph, each line ending in a newline.
  static func block(_ text: String, indent: Int, hanging: Int = 0) -> String {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    return lines(words, joint: " ", width: Help.width - indent, hanging: hanging).map { line in
      String(repeating: " ", count: indent) + line + "\n"
    }.joined()
  }
}

import Model

/// A table of GitHub's dialect; `|` and newlines in values are escaped, numbers aligned right.
struct MarkdownWriter: RowWriter {
  let columns: [ResultColumn]
  let viewport: Viewport

  mutating func begin(_ output: inout String) {
    output += "| " + columns.map { escaped($0.name) }.joined(separator: " | ") + " |\n"
    output += "| " + columns.map { $0.kind.alignsRight ? "---:" : "---" }.joined(separator: " | ") + " |\n"
  }

  mutating func row(_ values: [Value], _ output: inout String) {
    output += "|"
    for value in values {
      let text = value == .null ? "" : escaped(value.readable(viewport))
      output += text.isEmpty ? " |" : " \(text) |"
    }
    output += "\n"
  }

  mutating func end(total: Int, _ output: inout String) {}

  private func escaped(_ text: String) -> String {
    var result = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !result.isEmpty { result += "<br>" }
      for character in visible(String(line)) {
        switch character {
        case "|", "\\", "*", "_", "`", "<", "[":
          // Inside a word an underscore means nothing, and names are full of them.
          if character != "_" { result += "\\" }
          result.append(character)
        default: result.append(character)
        }
      }
    }
    return result
  }
}

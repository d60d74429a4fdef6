/// The one renderer of diagnostics: text with carets for a person, a JSON line for a script.
public struct DiagnosticRenderer: Sendable {
  /// Write ANSI colours.
  public var colours: Bool
  /// The SGR parameters of what a severity is said in.
  public var inks: [Diagnostic.Severity: String] = [.error: "1;31", .warning: "1;33", .note: "1;34"]
  /// Longer source lines are cut around the carets.
  public var lineWidth: Int

  public init(colours: Bool = false, lineWidth: Int = 120) {
    self.colours = colours
    self.lineWidth = max(40, lineWidth)
  }

  /// The full form, ending in a newline:
  ///
  ///     morning.callsheet:3:14: error: cells have no field "staus" [unknown_field]
  ///       select cells where staus=failed
  ///                          ^^^^^ did you mean status?
  public func text(_ diagnostic: Diagnostic) -> String {
    var head = ""
    if let source = diagnostic.source, let position = diagnostic.position {
      head = paint("\(source.name):\(position.line):\(position.column): ", "1")
    }
    head += paint("\(diagnostic.severity.rawValue):", inks[diagnostic.severity])
    var lines = ["\(head) \(Printable.of(diagnostic.message)) \(paint("[\(diagnostic.code)]", "2"))"]
    var remarks = remarks(of: diagnostic)
    if let excerpt = excerpt(of: diagnostic) {
      lines.append("  " + excerpt.line)
      let first = remarks.isEmpty ? "" : " " + remarks.removeFirst()
      lines.append("  " + padding(excerpt.indent) + carets(excerpt, diagnostic) + first)
    }
    return (lines + remarks.map { "  " + $0 }).joined(separator: "\n") + "\n"
  }

  /// The short form for a line that the person has just typed behind a prompt of `promptWidth` columns: the carets stand under
  /// the typed text. Falls back to the full form when the place is not in that one line.
  public func underPrompt(_ diagnostic: Diagnostic, promptWidth: Int) -> String {
    guard let source = diagnostic.source, !source.bytes.dropLast().contains(UInt8(ascii: "\n")),
      let excerpt = excerpt(of: diagnostic), !excerpt.isCut
    else { return text(diagnostic) }
    let remarks = remarks(of: diagnostic)
    let joined = ([Printable.of(diagnostic.message)] + remarks.prefix(1)).joined(separator: ": ")
    let start = promptWidth + excerpt.indent
    let indent = start + excerpt.width + 1
    let marks = padding(start) + carets(excerpt, diagnostic)
    // Beside the carets where there is room for a few words a line, else below them.
    let isBeside = lineWidth - indent >= 24 || joined.count <= lineWidth - indent
    let edge = isBeside ? indent : min(promptWidth, lineWidth / 3)
    var lines = Self.wrapped(joined, width: lineWidth - edge).map { padding(edge) + $0 }
    if isBeside { lines[0] = marks + " " + lines[0].dropFirst(edge) } else { lines.insert(marks, at: 0) }
    for remark in remarks.dropFirst() {
      let edge = min(promptWidth, lineWidth / 3)
      lines += Self.wrapped(remark, width: lineWidth - edge).map { padding(edge) + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Broken between words; a word that is longer than a line stands on one of its own. At least one line.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if let last = lines.last, displayWidth(last) + 1 + displayWidth(word) <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.isEmpty ? [""] : lines
  }

  /// One line of JSON with the keys severity, source, line, column, code, message, hint; a place or hint that there is not is null.
  public func json(_ diagnostic: Diagnostic) -> String {
    let position = diagnostic.position
    let fields = [
      ("severity", Self.quote(diagnostic.severity.rawValue)),
      ("source", diagnostic.source.map { Self.quote($0.name) } ?? "null"),
      ("line", position.map { String($0.line) } ?? "null"),
      ("column", position.map { String($0.column) } ?? "null"),
      ("code", Self.quote(diagnostic.code)),
      ("message", Self.quote(diagnostic.message)),
      ("hint", diagnostic.advice.map(Self.quote) ?? "null"),
    ]
    return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}\n"
  }

  private func remarks(of diagnostic: Diagnostic) -> [String] {
    let isSaid = diagnostic.message.contains("expected")
    let all = diagnostic.hints.isEmpty && !isSaid ? [diagnostic.advice].compactMap { $0 } : diagnostic.hints
    return all.map { Printable.of($0) }
  }

  private func carets(_ excerpt: Excerpt, _ diagnostic: Diagnostic) -> String {
    paint(String(repeating: "^", count: excerpt.width), inks[diagnostic.severity])
  }

  private func padding(_ width: Int) -> String { String(repeating: " ", count: width) }

  private func paint(_ text: String, _ parameters: String?) -> String {
    guard colours, let parameters, !parameters.isEmpty else { return text }
    return "\u{1B}[\(parameters)m\(text)\u{1B}[0m"
  }

  static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// Words that must not be committed, and output that must not go round the renderer.
enum WordRules {
  /// Put together here so that this file does not break its own rule.
  static let promises = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
  static let machineFolders = ["work", "root", "opt/swift"].map { "/" + $0 }

  static func check(path: String, text: String) -> [Violation] {
    lines(of: text).enumerated().flatMap { index, line -> [Violation] in
      let words = promises.filter { containsWord($0, in: line) }.map { "\($0): finish it or leave it out" }
      let folders = machineFolders.filter { containsFolder($0, in: line) }.map { "\($0) is a path of one machine" }
      return (words + folders).map { Violation(path, line: index + 1, $0) }
    }
  }

  static func checkPrinting(_ file: SwiftFile) -> [Violation] {
    if ["Shell", "Terminal", "callsheet", "LanguageBench"].contains(file.target) { return [] }
    return file.codeLines.enumerated().compactMap { index, line in
      guard ["print", "debugPrint", "dump"].contains(where: { calls($0, in: line) }) else { return nil }
      return Violation(file.path, line: index + 1, "only the shell writes to the screen")
    }
  }

  private static func calls(_ function: String, in line: String) -> Bool {
    occurrences(of: function + "(", in: line[...]).contains { found in
      guard let before = line[..<found.lowerBound].last else { return true }
      let declares = line[..<found.lowerBound].hasSuffix("func ")
      return !declares && !(before.isLetter || before.isNumber || before == "_" || before == "." || before == "`")
    }
  }

  private static func containsWord(_ word: String, in line: Substring) -> Bool {
    occurrences(of: word, in: line).contains { found in
      let before = line[..<found.lowerBound].last
      let after = line[found.upperBound...].first
      return before?.isLetter != true && after?.isLetter != true
    }
  }

  /// An absolute path only: `media/work/1` and `$(folder)/work` are somebody's own folders.
  private static func containsFolder(_ folder: String, in line: Substring) -> Bool {
    occurrences(of: folder, in: line).contains { found in
      let before = line[..<found.lowerBound].last
      let after = line[found.upperBound...].first
      let continues = before.map { $0.isLetter || $0.isNumber || "_-.)}]*\\/$".contains($0) } ?? false
      let ends = after.map { !($0.isLetter || $0.isNumber || "_-".contains($0)) } ?? true
      return !continues && ends
    }
  }

  private static func occurrences(of text: String, in line: Substring) -> [Range<Substring.Index>] {
    line.utf8.count >= text.utf8.count ? line.ranges(of: text) : []
  }
}

/// Names say what a thing does; files sit where they were agreed to sit.
enum NameRules {
  static let topLevel: Set = [
    "Package.swift", "Sources", "Tests", "migrations", "scripts", "examples", "README.md", "LICENSE", ".ci",
    ".gitignore", ".editorconfig", ".swift-format",
  ]

  static let emptyWords: Set = [
    "util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "common",
  ]

  static func check(path: String) -> [Violation] {
    var violations: [Violation] = []
    let parts = path.split(separator: "/").map(String.init)
    if let first = parts.first, !topLevel.contains(first) {
      violations.append(Violation(path, "\(first) is not part of the agreed top level"))
    }
    if let last = parts.last, let word = emptyWord(in: last) {
      violations.append(Violation(path, "a file named \(word) does not say what it owns"))
    }
    return violations
  }

  /// Types named after nothing, and types that bear their module's name.
  static func check(_ file: SwiftFile) -> [Violation] {
    file.codeLines.enumerated().flatMap { index, line -> [Violation] in
      guard let name = declaredType(in: line) else { return [] }
      if let word = emptyWord(in: name) {
        return [Violation(file.path, line: index + 1, "a type named \(word) does not say what it owns")]
      }
      let isNested = line.first == " "
      if name == file.target && !isNested && !file.isTest {
        return [Violation(file.path, line: index + 1, "type \(name) bears its module's name")]
      }
      return []
    }
  }

  private static func emptyWord(in name: String) -> String? {
    words(of: name).first { emptyWords.contains($0.lowercased()) }
  }

  /// `RunManager.swift` is Run, Manager, swift; "Futility" is one word and no Util.
  private static func words(of name: String) -> [String] {
    name.reduce(into: [""]) { words, character in
      if !character.isLetter {
        words.append("")
      } else if character.isUppercase && words[words.count - 1].last?.isLowercase == true {
        words.append(String(character))
      } else {
        words[words.count - 1].append(character)
      }
    }
  }

  private static func declaredType(in line: String) -> String? {
    let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count else { return nil }
    let name = words[kind + 1]
    return name.first?.isUppercase == true ? name : nil
  }
}

/// Imports against the module map, and C headers where only their wrapper may name them.
enum ImportRules {
  static func check(_ file: SwiftFile) -> [Violation] {
    guard let allowed = ModuleMap.allowed(in: file.target, isTest: file.isTest) else {
      return [Violation(file.path, "the module map has no target \(file.target)")]
    }
    return imports(of: file).compactMap { line, module in
      reason(against: module, in: file, allowed: allowed).map { Violation(file.path, line: line, $0) }
    }
  }

  private static func reason(against module: String, in file: SwiftFile, allowed: Set<String>) -> String? {
    if allowed.contains(module) || ModuleMap.toolchain.contains(module) { return nil }
    if module == "Testing" { return file.isTest ? nil : "Testing is for tests" }
    if let users = ModuleMap.packages[module] {
      let owner = file.isTest ? String(file.target.dropLast(5)) : file.target
      return users.contains(owner) ? nil : "\(module) is used by \(users.sorted().joined(separator: ", ")) only"
    }
    return "\(file.target) must not import \(module): the module map has no such arrow"
  }

  /// Line and module of each import, in order; of `import struct Foundation.Date` the module is `Foundation`.
  static func imports(of file: SwiftFile) -> [(line: Int, module: String)] {
    let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor"]
    return file.codeLines.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let keyword = words.firstIndex(of: "import"),
        words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains(String($0)) }),
        let name = words[(keyword + 1)...].first(where: { !kinds.contains(String($0)) })
      else { return nil }
      return (index + 1, String(name.prefix { $0 != "." && $0 != ";" }))
    }
  }

  private static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]

  /// In C headers, module maps and Package.swift: libpq and libedit each have one door.
  static func checkC(path: String, text: String) -> [Violation] {
    let doors = [
      (folder: "Sources/CLibPQ/", marks: ["libpq-fe.h", "libpq-events.h", "\"pq\""]),
      (folder: "Sources/CEditLine/", marks: ["histedit.h", "editline/", "\"edit\""]),
    ]
    return doors.filter { !path.hasPrefix($0.folder) }.flatMap { door in
      lines(of: text).enumerated().compactMap { index, line in
        door.marks.first { line.contains($0) }.map {
          Violation(path, line: index + 1, "\($0) belongs to \(door.folder) alone")
        }
      }
    }
  }
}

/// A text's lines, in order, without their ends.
func lines(of text: String) -> [Substring] {
  text.split(separator: "\n", omittingEmptySubsequences: false)
}

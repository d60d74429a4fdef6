import Rendering

/// A command line that is nothing but the shell's options, each written out and apart from its value.
extension ShellInvocation {
  /// nil for everything else, be it wrong or only written otherwise: that is the argument parser's.
  init?(plain arguments: [String]) {
    self.init()
    var rest = arguments[...]
    var seen: Set<String> = []
    while let name = rest.popFirst() {
      if name != "-c", name != "-f", name != "--var", !seen.insert(name).inserted { return nil }
      if switchOn(name) { continue }
      guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-"), give(value, to: name) else {
        return nil
      }
    }
    if seen.isSuperset(of: ["-y", "--yes"]) || seen.isSuperset(of: ["-o", "--format"]) { return nil }
    if seen.isSuperset(of: ["-1", "--single-transaction"]) { return nil }
  }

  private mutating func switchOn(_ name: String) -> Bool {
    switch name {
    case "-y", "--yes": yes = true
    case "-1", "--single-transaction": singleTransaction = true
    case "--dry-run": dryRun = true
    case "--no-rc": noRc = true
    default: return false
    }
    return true
  }

  private mutating func give(_ value: String, to name: String) -> Bool {
    switch name {
    case "-c": statements.append(value)
    case "-f": files.append(value)
    case "--database": database = value
    case "--user": user = value
    case "--project": project = value
    case "--run": run = value
    case "--var" where value.contains("="): variables.append(value)
    case "--on-error": return Self.set(&onError, OnError(rawValue: value))
    case "--color": return Self.set(&color, Coloring(rawValue: value))
    case "--errors": return Self.set(&errors, ErrorFormat(rawValue: value))
    case "-o", "--format": return Self.set(&format, OutputFormat(rawValue: value))
    default: return false
    }
    return true
  }

  private static func set<T>(_ place: inout T, _ value: T?) -> Bool {
    guard let value else { return false }
    place = value
    return true
  }
}

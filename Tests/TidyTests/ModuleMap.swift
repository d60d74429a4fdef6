/// Which module may import which: the map of the house, ground floor first.
///
/// The compiler holds imports against Package.swift; this holds both against what was agreed, so that a new arrow is a
/// decision and not a line that slipped in.
enum ModuleMap {
  static let cModules: Set = ["CLibPQ", "CEditLine", "CMigrations"]

  static let arrows: [String: Set<String>] = [
    "CLibPQ": [],
    "CEditLine": [],
    "CMigrations": [],
    "Diagnostics": [],
    "SQLText": [],
    "Model": [],
    "QueryLanguage": ["Diagnostics"],
    "QueryCompiler": ["QueryLanguage", "SQLText", "Diagnostics"],
    "PostgresClient": ["CLibPQ", "SQLText"],
    "Store": ["Model", "SQLText", "PostgresClient", "CMigrations"],
    "Orchestrator": ["Model", "Store", "PostgresClient"],
    "Session": [
      "Orchestrator", "QueryCompiler", "QueryLanguage", "Model", "Diagnostics", "Store", "PostgresClient", "SQLText",
    ],
    "Rendering": ["Model", "Diagnostics"],
    "Terminal": ["CEditLine"],
    "Shell": ["Session", "Rendering", "Terminal", "QueryLanguage", "Model", "Diagnostics"],
    "callsheet": [
      "Shell", "Session", "Orchestrator", "Store", "PostgresClient", "Rendering", "Terminal", "QueryLanguage", "Model",
      "Diagnostics",
    ],
  ]

  /// Modules of packages, each where it earns its place.
  static let packages: [String: Set<String>] = [
    "ArgumentParser": ["callsheet"],
    "Logging": ["Orchestrator", "Session", "callsheet"],
    "Subprocess": ["Orchestrator"],
    "Yams": ["Session"],
  ]

  /// Modules of the toolchain.
  static let toolchain: Set = [
    "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "RegexBuilder", "Swift", "Synchronization", "System",
    "SystemPackage",
  ]

  /// What tests of modules that reach a database use beside their module: the real server and rows to look at.
  static let databaseTestTools: Set = ["TestDatabase", "Store", "PostgresClient", "SQLText", "Model"]

  /// The modules of ours that a target may import; nil for a target that the map does not have.
  static func allowed(in target: String, isTest: Bool) -> Set<String>? {
    guard isTest else { return arrows[target] }
    if target == "TestDatabase" { return ["Store", "PostgresClient", "SQLText"] }
    if target == "TerminalHarness" { return ["TestDatabase", "TestFixtures", "PostgresClient", "SQLText"] }
    if target == "TidyTests" { return [] }
    if target == "TestFixtures" { return ["Diagnostics", "QueryLanguage", "QueryCompiler"] }
    if target == "FaultTests" { return databaseTestTools.union(["TerminalHarness", "TestFixtures"]) }
    if target == "LanguageBench" { return ["Diagnostics", "QueryLanguage", "SQLText", "QueryCompiler"] }
    if target == "Fuzz" { return ["Diagnostics", "QueryLanguage"] }
    guard target.hasSuffix("Tests"), let own = arrows[String(target.dropLast(5))] else { return nil }
    let module = String(target.dropLast(5))
    let reachesDatabase = module == "PostgresClient" || own.contains("Store") || own.contains("Session")
    let tools = reachesDatabase || own.contains("PostgresClient") ? databaseTestTools : []
    // What statements mean is tested on the standard catalogue.
    let catalogue: Set = module == "QueryLanguage" ? ["QueryCompiler", "SQLText"] : []
    return own.union(tools).union(catalogue).union([module, "TestFixtures"]).union(
      module == "Shell" ? ["TerminalHarness"] : []
    ).subtracting(cModules)
  }
}

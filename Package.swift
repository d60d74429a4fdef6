// swift-tools-version: 6.2
// Targets stand in the order of the module map, ground floor first, each beside its tests. An arrow only
// points to a target above it.
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "callsheet",
  products: [.executable(name: "callsheet", targets: ["callsheet"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    module("Diagnostics"),
    tests("DiagnosticsTests", ["Diagnostics"]),
    module("SQLText"),
    tests("SQLTextTests", ["SQLText"]),
    module("Model"),
    tests("ModelTests", ["Model"]),
    module("QueryLanguage", ["Diagnostics"]),
    module("QueryCompiler", ["QueryLanguage", "SQLText", "Diagnostics"]),
    .target(
      name: "TestFixtures", dependencies: ["QueryLanguage", "QueryCompiler", "Diagnostics"],
      path: "Tests/TestFixtures", swiftSettings: strict),
    // What statements mean is tested on the standard catalogue, which is the compiler's.
    tests(
      "QueryLanguageTests", ["QueryLanguage", "QueryCompiler", "SQLText", "Diagnostics", "TestFixtures"],
      exclude: ["Fixtures", "Snapshots"]),
    tests(
      "QueryCompilerTests", ["QueryCompiler", "QueryLanguage", "SQLText", "Diagnostics", "TestFixtures"],
      exclude: ["Fixtures", "Snapshots"]),
    module("PostgresClient", ["CLibPQ", "SQLText"]),
    tests("PostgresClientTests", ["PostgresClient", "SQLText", "TestDatabase"]),
    .target(name: "CMigrations"),
    module("Store", ["Model", "SQLText", "PostgresClient", "CMigrations"]),
    .target(
      name: "TestDatabase", dependencies: ["Store", "PostgresClient", "SQLText"],
      path: "Tests/TestDatabase", swiftSettings: strict),
    tests("StoreTests", ["Store", "Model", "PostgresClient", "SQLText", "TestDatabase"]),
    module(
      "Orchestrator",
      [
        "Model", "Store", "PostgresClient",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]),
    tests(
      "OrchestratorTests",
      [
        "Orchestrator", "Model", "Store", "PostgresClient", "SQLText", "TestDatabase", "TestFixtures",
        .product(name: "Logging", package: "swift-log"),
      ]),
    module(
      "Session",
      [
        "Orchestrator", "QueryCompiler", "QueryLanguage", "Model", "Diagnostics", "Store",
        "PostgresClient", "SQLText",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ]),
    tests(
      "SessionTests",
      [
        "Session", "Orchestrator", "QueryLanguage", "QueryCompiler", "Model", "Diagnostics", "Store", "TestDatabase",
        "TestFixtures", "PostgresClient", "SQLText",
      ], exclude: ["Language/Fixtures", "Language/Snapshots"]),
    module("Rendering", ["Model", "Diagnostics"]),
    tests("RenderingTests", ["Rendering", "Model", "Diagnostics", "TestFixtures"], exclude: ["Snapshots"]),
    module("Terminal", ["CEditLine"]),
    tests("TerminalTests", ["Terminal", "TestFixtures"]),
    module("Shell", ["Session", "Rendering", "Terminal", "QueryLanguage", "Model", "Diagnostics"]),
    .executableTarget(
      name: "callsheet",
      dependencies: [
        "Shell", "Session", "Orchestrator", "Store", "PostgresClient", "Rendering", "Terminal",
        "QueryLanguage", "Model", "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // Homes, processes and terminals of the tests that run the binary.
    .target(
      name: "TerminalHarness", dependencies: ["TestDatabase", "TestFixtures", "PostgresClient", "SQLText"],
      path: "Tests/TerminalHarness", swiftSettings: strict),
    // Runs the binary, so it has to be there.
    tests(
      "ShellTests",
      [
        "callsheet", "Shell", "Session", "Rendering", "Terminal", "QueryLanguage", "Model", "TerminalHarness",
        "TestDatabase",
        "TestFixtures", "PostgresClient", "SQLText",
      ], exclude: ["Snapshots"]),
    // Real processes that are killed, stopped, cut off and filled up.
    tests(
      "FaultTests",
      [
        "callsheet", "Store", "Model", "TerminalHarness", "TestDatabase", "TestFixtures", "PostgresClient", "SQLText",
      ]),
    tests("TidyTests", []),
    // What scripts/bench language runs; part of no product.
    .executableTarget(
      name: "LanguageBench", dependencies: ["QueryCompiler", "QueryLanguage", "SQLText", "Diagnostics"],
      path: "Tests/LanguageBench", swiftSettings: strict),
  ]
)

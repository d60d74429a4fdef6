import Testing

/// The rules of the house, held against every file of the checkout.
@Suite struct TidyTests {
  private let checkout: Checkout

  init() throws { checkout = try Checkout.current.get() }

  private func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
    let list = violations.map(\.description).joined(separator: "\n")
    #expect(violations.isEmpty, "\(list)", sourceLocation: sourceLocation)
  }

  @Test func `the checkout is found`() {
    #expect(checkout.paths.contains("Package.swift"))
    #expect(checkout.swiftFiles(under: "Sources").count > 10)
  }

  @Test func `imports follow the module map`() {
    expectNone(checkout.swiftFiles(under: "Sources", "Tests").flatMap(ImportRules.check))
  }

  @Test func `libpq and libedit are named by their wrappers alone`() {
    let suffixes = [".h", ".c", ".modulemap"]
    let paths = checkout.paths.filter { path in suffixes.contains { path.hasSuffix($0) } }
    #expect(paths.count >= 4)
    expectNone(paths.flatMap { ImportRules.checkC(path: $0, text: checkout.text($0) ?? "") })
  }

  @Test func `SQL stays in Store and QueryCompiler`() {
    expectNone(checkout.swiftFiles(under: "Sources").flatMap(SQLRule().check))
  }

  @Test func `files and functions fit in a head`() {
    expectNone(checkout.swiftFiles(under: "Sources", "Tests").flatMap(SizeRules.check))
  }

  @Test func `only the shell prints`() {
    expectNone(checkout.swiftFiles(under: "Sources", "Tests").flatMap(WordRules.checkPrinting))
  }

  @Test func `no promises and no machine's own paths`() {
    expectNone(checkout.paths.flatMap { WordRules.check(path: $0, text: checkout.text($0) ?? "") })
  }

  @Test func `every file has its place and a name that says something`() {
    expectNone(checkout.paths.flatMap(NameRules.check(path:)))
    expectNone(checkout.swiftFiles(under: "Sources", "Tests").flatMap { NameRules.check($0) })
  }
}

import Diagnostics
import Foundation
import QueryCompiler
import QueryLanguage
import TestFixtures
import Testing

@Suite struct `help` {
  @Test(arguments: Topic.all.flatMap { topic in topic.examples.map { (topic.name, $0) } })
  func `every example can be typed`(topic: String, example: String) throws {
    let checker = Checker(
      catalogue: .standard, names: LiveNames(), now: World.now, timeZone: .gmt)
    let statement = try #require(World.statements(example).first)
    let (checked, diagnostics) = checker.check(statement)
    #expect(diagnostics == [], "\(example)")
    #expect(checked != nil)
  }

  @Test func `everything that help lists has a page`() throws {
    for word in Help.words(in: .standard) {
      let page = try #require(Help.text(for: [word], in: .standard))
      #expect(page.hasSuffix("\n"))
    }
    #expect(Help.text(for: ["xyzzy"], in: .standard) == nil)
    try Snapshot.check(try #require(Help.text(for: [], in: .standard)), "help.txt")
  }

  @Test func `no line of help is wider than a terminal of 80 columns`() throws {
    let examples = Set(Topic.all.flatMap(\.examples).map { $0[...] })
    let words = Help.words(in: .standard).map { [$0] } + ErrorTopic.all.map { ["errors", $0.code] } + [[]]
    for word in words {
      let page = try #require(Help.text(for: word, in: .standard))
      // Examples are there to be copied whole.
      for line in page.split(separator: "\n") where !examples.contains(line.drop { $0 == " " }) {
        #expect(line.count <= 80, "\(word): \(line)")
      }
    }
    #expect(
      try #require(Help.text(for: ["hold"], in: .standard)).hasPrefix(
        "| hold [reason=\"...\"]\n    keeps cells from advancing\n\n"))
    let submit = try #require(Help.text(for: ["submit"], in: .standard)).split(separator: "\n")
    #expect(submit[2].hasPrefix("    ") && submit[3].hasPrefix("    "))
    let cells = try #require(Help.text(for: ["cells"], in: .standard))
    for word in ["qa_review", "scene_type_held"] { #expect(cells.contains(word)) }
  }

  @Test func `every stage and action has a topic`() {
    for action in ActionName.allCases { #expect(Topic.named(action.rawValue)?.kind == .action) }
    #expect(Set(Topic.all.map(\.name)).count == Topic.all.count)
  }

  @Test func `only names that a statement speaks of are read`() throws {
    let needs: [(String, Set<ReferenceKind>)] = [
      ("cells", []), ("cells where status = failed | sort character", []), ("cells where character = 3", [.character]),
      ("cells | union (cells where variant = suit) | where run = 1", [.variantType, .run]),
      ("use project x", [.project]),
      ("deliver", []), ("deliver x", [.run]), ("create run x characters (1)", [.character]),
      ("matrix where scene_type=1", [.sceneType]),
    ]
    for (text, kinds) in needs {
      let statement = try #require(World.statements(text).first)
      #expect(Checker.namesNeeded(by: statement, in: .standard) == kinds, "\(text)")
    }
  }

  /// Codes in the sources: of the language by their enum, of all else by where they stand.
  @Test func `every error code has a page`() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var codes = Set(DiagnosticCode.allCases.map(\.rawValue))
    let pattern = /(?:failure\(|findings?\.add\(|report\.add\(|\badd\(|code(?: =|:))\s*"([a-z]+(?:_[a-z0-9]+)*)"/
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      if !text.contains("Diagnostic") && !file.path().contains("ProductionFile") { continue }
      for match in text.matches(of: pattern) { codes.insert(String(match.output.1)) }
      for choice in text.matches(of: /var code: String \{\s*switch self \{(?<cases>[^}]*)\}/) {
        for match in choice.output.cases.matches(of: /"([a-z_]+)"/) { codes.insert(String(match.output.1)) }
      }
    }
    #expect(codes.isSuperset(of: ["moved_on", "undone_already", "not_undoable", "nothing_to_undo", "unknown_action"]))
    #expect(codes.count > 60)
    let unexplained = codes.filter { ErrorTopic.named($0) == nil }
    #expect(unexplained.sorted() == [], "help errors does not know them")
    #expect(Set(ErrorTopic.all.map(\.code)).count == ErrorTopic.all.count)
  }

  @Test(arguments: ErrorTopic.all.filter { $0.example != nil }.map(\.code))
  func `the example of an error has it`(code: String) throws {
    let topic = try #require(ErrorTopic.named(code))
    let macros = MacroLibrary(texts: [
      "save @stuck($state = failed) = cells where status=$state", "save @late($age) = cells where older than $age",
    ])
    let (_, diagnostics) = World.check(try #require(topic.example), macros: macros)
    #expect(diagnostics.map(\.code) == [code])
  }
}

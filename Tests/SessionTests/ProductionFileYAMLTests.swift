import Diagnostics
import Foundation
import Model
import Testing

@testable import Session

/// What YAML itself allows and breaks.
@Suite struct ProductionFileYAMLTests {
  private let folder = Result { try ProductionFileFolder() }

  @Test(arguments: [
    ("", "1:1 empty_file the production file declares nothing (begin with  project: NAME)"),
    ("# only a comment\n", "1:1 empty_file the production file declares nothing (begin with  project: NAME)"),
    ("~", "1:1 empty_file the production file declares nothing (begin with  project: NAME)"),
    ("- a\n", "1:1 wrong_type the production file has keys and values, not a list"),
    (
      "a: [1, 2\nb: 3\n",
      "2:2 invalid_yaml this is not YAML: did not find expected ',' or ']' while parsing a flow sequence that begins at 1:4"
    ),
    (
      "a:\n\tb: 1\n",
      "2:1 invalid_yaml this is not YAML: found character that cannot start any token while scanning for the next token that begins at 2:1 (YAML is indented with spaces, not with tabs)"
    ),
    ("a: 1\n---\nb: 2\n", "2:1 invalid_yaml this is not YAML: but found another document"),
    ("a: \"b\u{7}\"\n", "1:6 invalid_yaml the control character U+7 cannot stand in a production file"),
  ])
  func `a text that is no production is told at its place`(text: String, finding: String) throws {
    #expect(try folder.get().findings(text) == [finding])
  }

  @Test func `bytes that are not UTF-8 are told at their place`() {
    let bytes = Array("project: neon\ndescription: caf".utf8) + [0xE9, 0x0A]
    let source = SourceText(name: "production.yaml", bytes: bytes)
    let found = ProductionFileParser.parse(source, folder: "/").diagnostics
    #expect(found.map(\.code) == ["invalid_utf8"])
    #expect(found.first?.position == Position(line: 2, column: 17))
  }

  @Test func `an alias stands for the value of its anchor`() throws {
    let text = ProductionFileFolder.good
      .replacing("estimate: {gpu: 500ms, disk: 64KiB}", with: "estimate: &small {gpu: 500ms, disk: 64KiB}")
      .replacing("name: suit, generator: portrait", with: "name: suit, estimate: *small, generator: portrait")
      .replacing("\"rain, neon\"", with: "walks *slowly on \"*rain*\"")
    let (production, diagnostics) = try folder.get().parse(text)
    #expect(diagnostics.isEmpty)
    #expect(production?.variantTypes.last?.estimatedDiskBytes == 65_536)
    #expect(production?.sceneTypes.first?.prompt == "walks *slowly on \"*rain*\"")
  }

  @Test func `an alias without an anchor is told`() throws {
    let text = ProductionFileFolder.good.replacing("{STYLE: neon}", with: "*styel").replacing(
      "users:", with: "users: &style")
    #expect(
      try folder.get().findings(text) == [#"9:18 unknown_alias no anchor has the name "styel" (did you mean style?)"#])
  }

  @Test(arguments: [
    "a%d: &a%d [*a%p, *a%p, *a%p, *a%p, *a%p, *a%p, *a%p, *a%p, *a%p]", "? &a%d [*a%p, *a%p, *a%p, *a%p]\n: 1",
  ])
  func `what expands without end is read as it stands`(line: String) throws {
    let bomb = (1...40).map { line.replacing("%d", with: "\($0)").replacing("%p", with: "\($0 - 1)") }
    let findings = try folder.get().findings("a0: &a0 lol\n" + bomb.joined(separator: "\n") + "\n")
    #expect(findings.count > 40)
  }

  @Test func `aliases have a limit`() throws {
    let aliases = Array(repeating: "*a", count: 10_001).joined(separator: ", ")
    #expect(
      try folder.get().findings("a: [\(aliases)]") == ["too_many_aliases 10001 aliases; a file may use 10000"])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func `nesting has a limit`(opening: String) throws {
    let deep = String(repeating: opening, count: 100_000)
    #expect(try folder.get().findings(deep).map { $0.contains("invalid_yaml") } == [true])
    let bearable = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(try folder.get().findings(bearable).count == 1)
  }

  @Test func `more duplicate keys than can be told apart end the reading`() throws {
    let keys = (1...200).map { "key\($0): 1\nkey\($0): 2\n" }.joined()
    #expect(try folder.get().findings(keys) == ["duplicate_key more than 50 duplicate keys"])
    #expect(
      try folder.get().findings("[a]: 1\n[a]: 2\n").map { $0.prefix(17) } == ["1:1 duplicate_key"])
  }

  @Test(arguments: 0..<40)
  func `a damaged file never crashes and always says where`(seed: UInt64) throws {
    let folder = try folder.get()
    var state = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let marks = Array("{}[]:,-*&\"'#\n\t ?|>!%@`\\\u{0}é🎬".utf8)
    for _ in 0..<25 {
      var bytes = Array(ProductionFileFolder.good.utf8)
      for _ in 0...random(6) {
        let place = random(bytes.count)
        switch random(3) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(marks[random(marks.count)], at: place)
        default: bytes[place] = marks[random(marks.count)]
        }
      }
      let source = SourceText(name: "damaged.yaml", bytes: bytes)
      let (production, diagnostics) = ProductionFileParser.parse(source, folder: folder.path)
      #expect((production == nil) == !diagnostics.isEmpty, "\(String(decoding: bytes, as: UTF8.self))")
      #expect(diagnostics.allSatisfy { ($0.span?.upper ?? 0) <= source.bytes.count })
    }
  }
}

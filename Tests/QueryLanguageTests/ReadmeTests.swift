import Foundation
import QueryCompiler
import QueryLanguage
import Testing

@Suite struct `language page` {
  private static let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "README.md")

  @Test func `the README has it as help says it`() throws {
    let text = try String(contentsOf: Self.readme, encoding: .utf8)
    let start = try #require(text.firstRange(of: "<!-- language -->\n")).upperBound
    let end = try #require(text.firstRange(of: "<!-- /language -->")).lowerBound
    let page = "\n" + LanguagePage.markdown(.standard) + "\n"
    if text[start..<end] == page { return }
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try text.replacingCharacters(in: start..<end, with: page).write(
        to: Self.readme, atomically: true, encoding: .utf8)
    }
    Issue.record("the README's page of the language differs: RECORD_SNAPSHOTS=1 writes it anew")
  }
}

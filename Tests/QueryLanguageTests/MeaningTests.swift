import Diagnostics
import QueryLanguage
import TestFixtures
import Testing

@Suite struct `meaning` {
  @Test func `mistakes and what is said about them`() throws {
    let renderer = DiagnosticRenderer()
    let source = SourceText(name: "meanings.callsheet", bytes: try Snapshot.fixture("meanings.callsheet"))
    let lines = Parser.parse(source).statements.map { statement in
      let (checked, diagnostics) = World.checker().check(statement)
      #expect(checked == nil, "\(statement.text)")
      return diagnostics.map { renderer.text($0) }.joined()
    }
    try Snapshot.check(lines.joined(separator: "\n"), "meanings.txt")
  }
}

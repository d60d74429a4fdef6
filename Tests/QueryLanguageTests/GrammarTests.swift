import Diagnostics
import TestFixtures
import Testing

@testable import QueryLanguage

@Suite struct `grammar` {
  @Test func `every form becomes a tree`() throws {
    let statements = try statements(of: "grammar.callsheet")
    #expect(statements.flatMap(\.diagnostics).filter { $0.severity == .error } == [])
    let renderer = DiagnosticRenderer()
    let lines = statements.map { statement in
      "\(statement.source.position(at: statement.span.lower).line): \(statement.text)\n"
        + "    \(statement.kind)\n" + statement.diagnostics.map { renderer.text($0) }.joined()
    }
    try Snapshot.check(lines.joined(), "grammar.txt")
  }

  @Test func `every printed form becomes the same tree`() throws {
    for statement in try statements(of: "grammar.callsheet") {
      let again = Parser.parse(SourceText(name: "again", text: statement.kind.description))
      #expect(again.statements.map(\.kind) == [statement.kind])
      #expect(again.diagnostics == [])
    }
  }

  @Test func `every mistake is explained`() throws {
    let statements = try statements(of: "mistakes.callsheet")
    let renderer = DiagnosticRenderer()
    #expect(statements.filter { $0.kind != .invalid }.map(\.text) == ["cels", "jobs where stale", "jobs"])
    try Snapshot.check(
      statements.flatMap(\.diagnostics).map { renderer.text($0) }.joined(separator: "\n"), "mistakes.txt")
  }

  @Test func `messages that deserve better`() throws {
    let renderer = DiagnosticRenderer()
    let diagnostics = try statements(of: "deserves-better.callsheet").flatMap(\.diagnostics)
    try Snapshot.check(diagnostics.map { renderer.text($0) }.joined(separator: "\n"), "deserves-better.txt")
  }

  @Test func `the tokens of a line`() throws {
    let lines = [
      "cells where a>=3..7 and b~/x\\/y/i|sort -c", "2h 1h30m 1.5d 50% 007 1e5 3d_scan 2026-11-22 2026-11-22T10:30Z",
      "neon-city a.b a- a* $x @y 'it''s'", "99999999999999999999 -5 2026-1-1", "# nothing", "a#b;c",
    ]
    let shown = lines.map { line in
      let tokens = Lexer.tokens(of: SourceText(name: "t", text: line))
      return line + "\n" + tokens.map { "    \($0.kind)\n" }.joined()
    }
    try Snapshot.check(shown.joined(), "tokens.txt")
  }

  private func statements(of fixture: String) throws -> [Statement] {
    var reader = StatementReader(name: fixture, mode: .stream)
    let pieces = reader.feed(try Snapshot.fixture(fixture)) + reader.finish()
    return pieces.flatMap { Parser.parse($0).statements }
  }
}

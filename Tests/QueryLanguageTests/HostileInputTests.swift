import Diagnostics
import QueryLanguage
import TestFixtures
import Testing

/// Sizes and bytes that nobody types: each is a tree or diagnostics.
@Suite struct `hostile input` {
  private static let megabyte = 1 << 20

  private func check(_ text: String) -> [Statement] {
    let statements = Parser.parse(SourceText(name: "t", text: text)).statements
    for statement in statements.prefix(200) {
      let (checked, diagnostics) = World.checker().check(statement)
      #expect((checked == nil) == diagnostics.contains { $0.severity == .error })
      for diagnostic in diagnostics.prefix(2) { #expect(DiagnosticRenderer().text(diagnostic).utf8.count < 2_000) }
    }
    return statements
  }

  @Test func `a statement of a megabyte is one like any other`() throws {
    let ids = (0..<Self.megabyte / 8).map { String(1_000_000 + $0) }.joined(separator: ",")
    let statements = check("cells where id in (\(ids)) | count")
    #expect(statements.count == 1 && statements[0].text.utf8.count >= Self.megabyte)
    #expect(World.checker().check(statements[0]).0 != nil)
  }

  @Test func `a text of a megabyte is one value`() throws {
    let text = String(repeating: "it's ", count: Self.megabyte / 5 + 1)
    let statements = check("cells where error = \(Literal.quoted(text))")
    #expect(World.checker().check(try #require(statements.first)).0 != nil)
  }

  @Test(arguments: ["(", "not ", "cells | union (", "@m(", "cells where in @x and ("])
  func `ten thousand deep is refused`(part: String) {
    let statements = check("cells where " + String(repeating: part, count: 10_000) + "stale")
    #expect(statements.first?.diagnostics.isEmpty == false)
    #expect(statements.allSatisfy { $0.kind == .invalid })
  }

  @Test(arguments: [
    "|", "|cells", "=", "(", ")", "\"", ";cells", "\ncells", "~", "@", "$x ", "-", "..", "é", "cells|count\n",
  ])
  func `ten thousand of anything are read to their end`(part: String) {
    let statements = check("cells " + String(repeating: part, count: 10_000))
    #expect(!statements.isEmpty)
  }

  @Test func `line ends, byte order marks and a missing last line end make no difference`() {
    let plain = check("cells\njobs where stale\n# end\nworkers | count\n").map(\.kind)
    for text in [
      "cells\r\njobs where stale\r\n# end\r\nworkers | count\r\n",
      "\u{FEFF}cells\njobs where stale\n# end\nworkers | count",
      "cells;jobs where stale;workers | count",
    ] { #expect(check(text).map(\.kind) == plain) }
  }

  @Test func `what once broke the language does so no more`() throws {
    let inputs = try Snapshot.fixtures(in: "broken")
    #expect(!inputs.isEmpty)
    for (name, bytes) in inputs {
      for statement in Parser.parse(SourceText(name: name, bytes: bytes)).statements {
        let (checked, diagnostics) = World.checker(macros: `macros`.library).check(statement)
        #expect((checked == nil) == diagnostics.contains { $0.severity == .error }, "\(name)")
        if statement.kind == .invalid { continue }
        let again = Parser.parse(SourceText(name: name, text: statement.kind.description)).statements
        #expect(again.map(\.kind) == [statement.kind], "\(name)")
      }
    }
  }
}

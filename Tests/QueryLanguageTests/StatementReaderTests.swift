import Diagnostics
import Testing

@testable import QueryLanguage

@Suite struct `statement reader` {
  @Test(arguments: [
    "cells", "cells where stale # | and", "cells;", "help and", "help not", "", "   # only this",
    "cells where name = \"(\"",
    "cells)", "cells | count", "cells where error ~ /(/",
  ])
  func `the prompt answers a whole line`(line: String) {
    var reader = StatementReader(name: "prompt", mode: .prompt)
    let pieces = reader.feed(line + "\n")
    #expect(reader.isComplete)
    #expect(pieces.count == (line.isEmpty || line.hasPrefix(" ") ? 0 : 1))
  }

  @Test(arguments: [
    "cells |", "cells where status =", "cells where stale and", "cells where not", "cells where id in (1,",
    "cells where (",
    "cells where note = \"open", "cells where error ~", "cells | # more", "cells | pick id,", "cells where id = 3..",
  ])
  func `the prompt asks for more`(line: String) {
    var reader = StatementReader(name: "prompt", mode: .prompt)
    #expect(reader.feed(line + "\n") == [])
    #expect(!reader.isComplete)
    reader.discard()
    #expect(reader.isComplete)
    #expect(reader.feed("jobs\n").map(\.firstLine) == [2])
  }

  @Test func `a stream waits for the line behind, a semicolon does not`() {
    var reader = StatementReader(name: "stream", mode: .stream)
    #expect(reader.feed("cells\n") == [])
    #expect(reader.feed("\n# and\n") == [])
    #expect(reader.feed("  | count\n") == [])
    #expect(reader.feed("jobs;\n").map(\.text) == ["cells\n\n\n  | count\n", "jobs;\n"])
    #expect(reader.feed("workers") == [])
    #expect(reader.finish().map(\.text) == ["workers"])
    #expect(reader.finish() == [])
  }

  @Test func `lines keep their numbers`() {
    var reader = StatementReader(name: "stream", mode: .stream)
    let text = "\u{FEFF}# head\r\ncells\r\n\r\njobs where note = \"a\r\nb\"\r\nworkers | cuont"
    let statements = (reader.feed(text) + reader.finish()).flatMap { Parser.parse($0).statements }
    #expect(statements.map { $0.source.position(at: $0.span.lower).line } == [2, 4, 6])
    #expect(statements.map(\.text).last == "workers | cuont")
    #expect(statements.last?.diagnostics.first?.position == Position(line: 6, column: 11))
  }

  @Test func `what is too long is refused and does not run in parts`() {
    var reader = StatementReader(name: "stream", mode: .stream)
    let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
    var pieces = reader.feed("jobs where (\n")
    for _ in 0..<40 { pieces += reader.feed(chunk) }
    pieces += reader.feed(" ; cells | submit\ncells\n") + reader.finish()
    let results = pieces.map(Parser.parse)
    #expect(results.flatMap(\.diagnostics).map(\.code) == ["too_long"])
    #expect(results.flatMap(\.statements).map(\.text) == ["cells"])
  }

  @Test func `an unclosed bracket ends where a line begins a statement`() {
    let text = "cells where (status = failed\ncells | count\njobs"
    let result = Parser.parse(SourceText(name: "t", text: text))
    #expect(result.statements.map(\.text) == ["cells where (status = failed", "cells | count", "jobs"])
    #expect(result.diagnostics.map(\.message) == ["this bracket is not closed"])
  }
}

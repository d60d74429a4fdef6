import Diagnostics
import Testing

@testable import QueryLanguage

@Suite struct `any text` {
  @Test(arguments: 0..<1_000) func `a printed tree parses to the same tree`(seed: Int) {
    var random = RandomSyntax(seed: seed)
    let kind = seed % 2 == 0 ? Statement.Kind.pipeline(random.pipeline()) : random.statement()
    let again = Parser.parse(SourceText(name: "t", text: kind.description))
    #expect(again.diagnostics == [], "\(kind)")
    #expect(again.statements.map(\.kind) == [kind], "\(kind)")
  }

  @Test(arguments: 0..<100) func `random bytes become statements or diagnostics`(seed: Int) {
    var random = RandomSyntax(seed: seed)
    let bytes = (0..<random.pick(0...400)).map { _ in UInt8(random.pick(0...255)) }
    check(SourceText(name: "bytes", bytes: bytes))
  }

  @Test(arguments: 0..<300) func `random tokens become statements or diagnostics`(seed: Int) {
    check(SourceText(name: "soup", text: Self.soup(seed)))
  }

  @Test(arguments: 0..<200) func `a stream cut anywhere yields what the whole text does`(seed: Int) {
    var random = RandomSyntax(seed: seed)
    let text = Self.soup(seed)
    let bytes = Array(text.utf8)
    var reader = StatementReader(name: "stream", mode: .stream)
    var pieces: [SourceText] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(random.pick(1...20))
      pieces += reader.feed(Array(chunk))
      rest = rest.dropFirst(chunk.count)
    }
    pieces += reader.finish()
    let whole = Parser.parse(SourceText(name: "whole", text: text))
    let cut = pieces.flatMap { Parser.parse($0).statements }
    #expect(cut.map(\.kind) == whole.statements.map(\.kind), "\(text.debugDescription)")
    #expect(
      cut.map { $0.source.position(at: $0.span.lower) }
        == whole.statements.map {
          $0.source.position(at: $0.span.lower)
        })
  }

  @Test(arguments: [
    Excess("", "("), Excess("cells where ", "("), Excess("cells where ", "not "), Excess("cells ", "| union (cells "),
    Excess("cells ", "| count "), Excess("cells where stale", " and stale"), Excess("", "^ ;"), Excess("", "\"\\\n"),
    Excess("cells where status in ", "(1,"), Excess("cells where character=@m", "("),
  ])
  func `too much of anything is refused`(excess: Excess) {
    let source = SourceText(name: "t", text: excess.start + String(repeating: excess.part, count: 10_001))
    #expect(Parser.parse(source).statements.allSatisfy { $0.kind == .invalid })
    check(source)
  }

  struct Excess: Sendable, CustomTestStringConvertible {
    let start: String
    let part: String

    init(_ start: String, _ part: String) {
      self.start = start
      self.part = part
    }

    var testDescription: String { "\(start.debugDescription), then 10,001 of \(part.debugDescription)" }
  }

  @Test func `ten thousand values are fine`() {
    let text = "cells where id in (" + (1...10_000).map(String.init).joined(separator: ",") + ")"
    #expect(Parser.parse(SourceText(name: "t", text: text)).diagnostics == [])
  }

  @Test func `bytes that are no text are said to be so`() throws {
    let result = Parser.parse(SourceText(name: "t", bytes: Array("cells where name = \"".utf8) + [0xFF, 0x22]))
    let diagnostic = try #require(result.diagnostics.first)
    #expect(diagnostic.code == "invalid_utf8")
    #expect(diagnostic.position == Position(line: 1, column: 21))
  }

  @Test func `a NUL is refused wherever it stands`() {
    for text in ["cells\0", "cells where name = \"a\0b\"", "cells where name ~ /a\0b/"] {
      #expect(Parser.parse(SourceText(name: "t", text: text)).statements.map(\.kind) == [.invalid])
    }
  }

  /// Nothing is lost: every diagnostic has a place in the text, every statement its own.
  private func check(_ source: SourceText) {
    let result = Parser.parse(source)
    var end = 0
    for statement in result.statements {
      #expect(statement.span.lower >= end && statement.span.upper <= source.bytes.count)
      end = statement.span.upper
      #expect((statement.kind == .invalid) == statement.diagnostics.contains { $0.severity == .error })
      for diagnostic in statement.diagnostics.prefix(3) {
        #expect(diagnostic.span.map { $0.upper <= source.bytes.count } ?? false)
        #expect(!DiagnosticRenderer().text(diagnostic).isEmpty)
      }
    }
  }

  private static func soup(_ seed: Int) -> String {
    var random = RandomSyntax(seed: seed &+ 7_000)
    let tokens = [
      "cells", "select", "where", "status", "=", "!=", "failed", "|", "count", "sort", "take", "last", "5", "(", ")",
      ",",
      "and", "or", "not", "in", "like", "\"a b\"", "'x'", "\"", "~", "/r/", "..", "-", ";", "\n", "\n", " | ", "# c\n",
      "@m",
      "$p", "submit", "help", "matrix", "by", "group", "2h", "2026-11-22", "\r\n", "\\", "\u{00A0}", "is", "null", "é",
    ]
    return (0..<random.pick(0...40)).map { _ in tokens[random.pick(0...(tokens.count - 1))] }.joined(separator: " ")
  }
}

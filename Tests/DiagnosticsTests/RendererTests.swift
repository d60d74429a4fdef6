import Testing

@testable import Diagnostics

@Suite struct `diagnostic renderer` {
  private let renderer = DiagnosticRenderer()

  private func mistake(_ text: String, _ marked: String, hints: [String] = ["did you mean status?"]) throws
    -> Diagnostic
  {
    let source = SourceText(name: "morning.callsheet", text: text, firstLine: 3)
    let range = try #require(text.utf8.firstRange(of: marked.utf8))
    let lower = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
    return Diagnostic(
      code: "unknown_field", message: "cells have no field \"\(marked)\"", source: source,
      span: Span(lower, lower + marked.utf8.count), hints: hints)
  }

  @Test func `carets stand under what is meant`() throws {
    let text = renderer.text(try mistake("# first\n  select cells where staus=failed\r\n", "staus"))
    #expect(
      text == """
        morning.callsheet:4:22: error: cells have no field "staus" [unknown_field]
            select cells where staus=failed
                               ^^^^^ did you mean status?

        """)
  }

  @Test func `under the prompt the typed line is not repeated`() throws {
    let text = renderer.underPrompt(try mistake("cells where staus=x", "staus"), promptWidth: 4)
    #expect(text == String(repeating: " ", count: 16) + "^^^^^ cells have no field \"staus\": did you mean status?\n")
  }

  @Test(arguments: [0, 20, 60])
  func `a long message under the prompt is broken between words`(indent: Int) throws {
    let words =
      "the picture that this wants is not there, and nothing was changed by it, so it can be run again at once"
    let text = String(repeating: " ", count: indent) + "staus"
    let source = SourceText(name: "t", text: text)
    let diagnostic = Diagnostic(
      code: "x", message: words, source: source, span: Span(indent, indent + 5), hints: ["look at it", "or do not"])
    let shown = DiagnosticRenderer(lineWidth: 80).underPrompt(diagnostic, promptWidth: 4)
    let lines = shown.split(separator: "\n")
    #expect(lines[0].hasPrefix(String(repeating: " ", count: indent + 4) + "^^^^^"))
    #expect(lines.allSatisfy { $0.count <= 80 || $0.contains("^") }, "\(shown)")
    let read = shown.split { " \n^".contains($0) }.joined(separator: " ")
    #expect(read == words + ": look at it or do not")
  }

  @Test(arguments: [("日本", 4), ("e\u{0301}e", 2), ("👩‍🚀", 4), ("a\tb", 6), ("\u{1B}[31m", 5)])
  func `wide, joined and control characters take the columns a terminal gives them`(word: String, width: Int) throws {
    let lines = renderer.text(try mistake("名 \(word)", word, hints: [])).split(separator: "\n")
    #expect(lines[2] == "     " + String(repeating: "^", count: width))
    #expect(!lines[1].contains("\u{1B}"))
  }

  @Test func `a long line is cut around the place`() throws {
    let text = String(repeating: "a ", count: 5_000) + "HERE" + String(repeating: " b", count: 5_000)
    let lines = renderer.text(try mistake(text, "HERE")).split(separator: "\n")
    #expect(lines[1].count < 130)
    let caret = try #require(lines[2].firstIndex(of: "^"))
    let column = lines[2].distance(from: lines[2].startIndex, to: caret)
    #expect(lines[1].dropFirst(column).hasPrefix("HERE"))
  }

  @Test func `colours wrap, and are absent by default`() throws {
    let diagnostic = try mistake("staus", "staus")
    #expect(DiagnosticRenderer(colours: true).text(diagnostic).contains("\u{1B}[1;31m^^^^^\u{1B}[0m"))
    #expect(!renderer.text(diagnostic).contains("\u{1B}"))
  }

  @Test func `a script reads one JSON line`() throws {
    let line = renderer.json(try mistake("cells where \"\u{1}\\", "\"\u{1}\\"))
    #expect(
      line == """
        {"severity":"error","source":"morning.callsheet","line":3,"column":13,"code":"unknown_field",\
        "message":"cells have no field \\"\\"\\u0001\\\\\\"","hint":"did you mean status?"}

        """)
    let bare = renderer.json(Diagnostic(.warning, code: "c", message: "m"))
    #expect(
      bare == """
        {"severity":"warning","source":null,"line":null,"column":null,"code":"c","message":"m","hint":null}

        """)
  }

  @Test(arguments: [0, 5, 1_000_000]) func `a place past the end is the end`(offset: Int) {
    let source = SourceText(name: "t", text: "ab\ncd")
    let diagnostic = Diagnostic(code: "c", message: "m", source: source, span: Span(offset, offset + 9))
    #expect(!renderer.text(diagnostic).isEmpty)
    #expect(source.position(at: offset) == (offset == 0 ? Position(line: 1, column: 1) : Position(line: 2, column: 3)))
  }
}

@Suite struct `source text` {
  @Test func `bytes that are no text are repaired, and it is known`() {
    let source = SourceText(name: "t", bytes: [0x61, 0xFF, 0x62])
    #expect(source.isRepaired)
    #expect(source.text == "a\u{FFFD}b")
    #expect(!SourceText(name: "t", bytes: Array("é".utf8)).isRepaired)
  }

  @Test func `columns count characters, and lead back to bytes`() {
    let source = SourceText(name: "t", text: "x\né🎬k: v\n", firstLine: 7)
    #expect(source.position(at: 8) == Position(line: 8, column: 3))
    let span = source.span(at: Position(line: 8, column: 3), length: 2)
    #expect(source[span] == "k:")
    #expect(source[source.span(at: Position(line: 99, column: 99))] == "")
  }
}

@Suite struct `did you mean` {
  private let fields = ["status", "stale", "started_at", "character", "id", "qa_review", "run"]

  @Test(arguments: [
    ("staus", ["status"]), ("sttaus", ["status"]), ("STATUS ", ["status"]), ("charcter", ["character"]),
    ("char", ["character"]),
    ("review", ["qa_review"]), ("started", ["started_at"]), ("xyz", []), ("", []), ("io", ["id"]), ("runs", ["run"]),
  ])
  func `what is near is said, what is far is not`(word: String, expected: [String]) {
    #expect(Spelling.nearest(to: word, among: fields) == expected)
  }

  @Test func `words are listed`() {
    #expect(Spelling.list(["a"], conjunction: "or") == "a")
    #expect(Spelling.list(["a", "b", "c"], conjunction: "or") == "a, b or c")
  }
}

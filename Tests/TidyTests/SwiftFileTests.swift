import Testing

/// The scanner under the rules: what is code and what is not.
@Suite struct SwiftFileTests {
  private func code(_ text: String) -> String {
    String(decoding: SwiftFile(path: "Sources/Model/A.swift", text: text).code, as: UTF8.self)
  }

  private func literals(_ text: String) -> [SwiftFile.Literal] {
    SwiftFile(path: "Sources/Model/A.swift", text: text).literals
  }

  @Test func `comments become spaces and lines stay`() {
    #expect(code("a // b\nc /* d /* e */ \n f */ g") == "a     \nc              \n      g")
  }

  @Test func `strings keep their quotes and lose their insides`() {
    #expect(code(#"f("a\"}b")"#) == #"f("     ")"#)
    #expect(code("f(#\"a\"\\(b)\"#)") == "f(#\"      \"#)")
    #expect(code("f(\"\"\"\n  {\"\n  \"\"\")") == "f(\"\"\"\n    \n  \"\"\")")
  }

  @Test func `an interpolation is code within a string`() {
    #expect(code(#""a\(f("}", x: (1)))b""#) == #""  (f(" ", x: (1))) ""#)
    #expect(literals(#""a\(f("in"))b""#) == [.init(line: 1, text: "in"), .init(line: 1, text: "a…b")])
    #expect(literals("##\"a\\#(b)\\##(c)\"##") == [.init(line: 1, text: "a\\#(b)…")])
  }

  @Test func `a regex is no division and hides its quotes`() {
    #expect(code("a.split(/\"{/)") == "a.split(/  /)")
    #expect(code("let r = #/\"/x/#; b") == "let r = #/   /#; b")
    #expect(literals("x / y; \"a\" / z").map(\.text) == ["a"])
  }

  @Test func `a raw identifier hides its apostrophes and braces`() {
    #expect(code("func `it's { \" }`() {}") == "func `          `() {}")
  }

  @Test func `text that never closes is read to its end`() {
    #expect(code("\"abc\nlet a") == "\"   \nlet a")
    #expect(code("/* a").allSatisfy { $0 == " " })
    #expect(literals("\"\"\"\nabc").count == 1)
    #expect(literals("\"a\\").count == 1)
    #expect(literals("\"a\\(b").count == 1)
  }

  @Test func `functions are found by their braces`() {
    let text = """
      protocol P { func a(); var b: Int { get } }
      struct S {
        init() { x = .init { 1 } }
        func c(d: () -> Int = { 2 }) -> [Int]
        where T: P
        {
          let e = [1: { 3 }]
          func g() {}
        }
      }
      """
    let bodies = FunctionFinder.bodies(in: SwiftFile(path: "", text: text).code)
    #expect(
      bodies == [
        .init(keyword: "var", line: 1, lines: 1), .init(keyword: "init", line: 3, lines: 1),
        .init(keyword: "func", line: 4, lines: 6), .init(keyword: "func", line: 8, lines: 1),
      ])
  }
}

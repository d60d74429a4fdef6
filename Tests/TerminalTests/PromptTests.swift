import Testing

@testable import Terminal

struct PromptTests {
  private func shown(_ text: String) -> String {
    String(decoding: PromptText(text).bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .replacing("\u{1}", with: "|").replacing("\u{1B}", with: "^")
  }

  @Test(arguments: [
    ("> ", "> ", 2),
    ("\u{1B}[1mrun\u{1B}[0m> ", "|^[1m|run|^[0m|> ", 5),
    ("\u{1B}[1m\u{1B}[32mrun> \u{1B}[0m", "|^[1m^[32m|run>|^[0m| ", 5),
    ("x\u{1B}[0m", "|^[0m|x", 1),
    ("\u{1B}[1mx\u{1B}[0m", "|^[1m^[0m|x", 1),
    ("a\u{7}\nb\u{9B}c", "abc", 3),
    ("", "", 0),
  ])
  func `Sequences stand between marks, never at the end, never side by side`(text: String, expected: String, width: Int)
  {
    #expect(shown(text) == expected)
    #expect(PromptText(text).width == width)
  }
}

import Foundation
import Glibc
import Terminal
import Testing

/// What an editor is to hold after some keys: the model that the real one is held against.
private struct EditorModel {
  private(set) var text: [Character] = []
  private var cursor = 0
  private var killed: [Character] = []

  private var lineStart: Int { (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
  private var lineEnd: Int { text[cursor...].firstIndex(of: "\n") ?? text.count }

  enum Key: CaseIterable {
    case letter, wide, space, newline, left, right, home, end, backspace, delete, kill, yank, up, down, paste
  }

  /// Presses a key and returns what a terminal sends for it.
  mutating func press(_ key: Key, _ generator: inout some RandomNumberGenerator) -> String {
    switch key {
    case .letter: return type(String("abcxyz0=|".randomElement(using: &generator) ?? "a"))
    case .wide: return type(String("é状ß態".randomElement(using: &generator) ?? "é"))
    case .space: return type(" ")
    case .newline:
      _ = type("\n")
      return "\u{1B}\r"
    case .paste:
      _ = type("p q\nr")
      return "\u{1B}[200~p q\rr\u{1B}[201~"
    case .left:
      cursor = max(0, cursor - 1)
      return "\u{02}"
    case .right:
      cursor = min(text.count, cursor + 1)
      return "\u{06}"
    case .home:
      cursor = lineStart
      return "\u{01}"
    case .end:
      cursor = lineEnd
      return "\u{05}"
    case .backspace:
      if cursor > 0 {
        cursor -= 1
        text.remove(at: cursor)
      }
      return "\u{7F}"
    case .delete:
      // At the end of an empty line it would leave.
      if cursor == text.count { return "" }
      text.remove(at: cursor)
      return "\u{04}"
    case .kill:
      killed = Array(text[cursor...])
      text.removeSubrange(cursor...)
      return "\u{0B}"
    case .yank:
      _ = type(String(killed))
      return "\u{19}"
    case .up:
      let column = cursor - lineStart
      if lineStart == 0 { return "" }
      let end = lineStart - 1
      let start = (text[..<end].lastIndex(of: "\n") ?? -1) + 1
      cursor = min(start + column, end)
      return "\u{10}"
    case .down:
      let column = cursor - lineStart
      if lineEnd == text.count { return "" }
      let start = lineEnd + 1
      let end = text[start...].firstIndex(of: "\n") ?? text.count
      cursor = min(start + column, end)
      return "\u{0E}"
    }
  }

  private mutating func type(_ typed: String) -> String {
    text.insert(contentsOf: Array(typed), at: cursor)
    cursor += typed.count
    return typed
  }
}

extension LineEditorTests {
  @Test(arguments: [UInt64](1...6))
  func `Whatever is typed, the line is what the keys say, also while messages come and the size changes`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(state: seed)
    let terminal = try TypistTerminal(columns: 40, rows: 20)
    let editor = try terminal.editor()
    for _ in 0..<8 {
      var model = EditorModel()
      let prompt = "> "
      async let result = editor.readLine(prompt: prompt)
      for step in 0..<200 {
        let key = model.press(EditorModel.Key.allCases.randomElement(using: &generator) ?? .letter, &generator)
        terminal.type(key)
        if step % 40 == 7 { editor.printAbove("news \(step)") }
        if step % 50 == 9 {
          terminal.setSize(columns: 30 + Int.random(in: 0...40, using: &generator), rows: 20)
          kill(getpid(), SIGWINCH)
        }
        if step % 60 == 11 { editor.setPrompt("prompt \(step)> ", right: "right") }
      }
      terminal.type("\r")
      #expect(await result == .line(String(model.text)))
    }
  }
}

/// The same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

import Foundation
import Glibc
import Terminal
import TestFixtures
import Testing

/// Keys at random, and what happens around the one who presses them: the line that Enter gives is the one that a reference
/// editor holds. A difference is reported with the fewest keys that show it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RandomTypingTests {
  enum Step: Hashable, Sendable {
    case key(Key)
    case enter
    case resize(columns: Int, rows: Int)
    case message
    case prompt
  }

  struct Difference: Sendable {
    var typed: [Step]
    var line: LineResult
    var expected: String
  }

  private static let past = [
    "cells | count", "variants where status=review |\napprove", "cells where größe=状態", "runs",
  ]

  @Test(arguments: 0..<400) func `Enter gives what a reference editor holds`(seed: Int) async throws {
    var random = SeededGenerator(seed: seed)
    let steps = Self.steps(using: &random)
    guard let found = try await Self.difference(steps) else { return }
    let fewest = try await fewest(found.typed) { try await Self.difference($0) != nil }
    let difference = try #require(try await Self.difference(fewest))
    Issue.record(
      """
      typed \(difference.typed)
      the line is \(difference.line)
      and should be \(difference.expected.debugDescription)
      """)
  }

  private static func steps(using random: inout SeededGenerator) -> [Step] {
    let words = [
      "a", "B c", "status=failed", "é", "状態", "👩", "-", " ", ".", "x_y", "Ünder", "\u{301}", "  ", "|", "\"",
    ]
    let pastes = ["cells | skip\nvariants", "状 ü\n", "x", "a\n\nb"]
    let others: [Key] = [
      .left, .left, .left, .right, .home, .end, .wordLeft, .wordLeft, .wordRight, .rubOut, .rubOut, .delete, .killEnd,
      .killLine, .killWordBefore, .killWordAfter, .yank, .yank, .transpose, .upperCase, .lowerCase, .capitalise,
      .setMark,
      .exchangeMark, .up, .up, .down, .olderLike, .newerLike, .newline, .unbound,
    ]
    return (0..<Int.random(in: 40..<250, using: &random)).map { _ in
      switch Int.random(in: 0..<100, using: &random) {
      case ..<40: .key(.text(words.randomElement(using: &random) ?? ""))
      case ..<88: .key(others.randomElement(using: &random) ?? .left)
      case ..<91: .key(.paste(pastes.randomElement(using: &random) ?? ""))
      case ..<94: .enter
      case ..<96:
        .resize(columns: Int.random(in: 20..<120, using: &random), rows: Int.random(in: 5..<40, using: &random))
      case ..<98: .message
      default: .prompt
      }
    }
  }

  /// Types the steps at a new terminal; the first line that differs.
  private static func difference(_ steps: [Step]) async throws -> Difference? {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor { $0.recall = { Self.past } }
    // A line that never comes is a difference as well.
    let watchdog = Task {
      try await Task.sleep(for: .seconds(5))
      editor.close()
    }
    defer {
      watchdog.cancel()
      editor.close()
      terminal.hangUp()
    }
    var reference = ReferenceEditor(past: past)
    let lines = steps.split(separator: .enter, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let prompt = "#\(number)> "
      async let result = editor.readLine(prompt: prompt)
      while !terminal.raw.contains(prompt), !watchdog.isCancelled { try await Task.sleep(for: .milliseconds(1)) }
      for step in line { carryOut(step, terminal, editor, prompt, &reference) }
      terminal.type("\r")
      let (given, expected) = (await result, reference.enter())
      guard case .line(let text, _) = given, text.unicodeScalars.elementsEqual(expected.unicodeScalars) else {
        let typed = lines.prefix(number + 1).joined(separator: [.enter])
        return Difference(typed: Array(typed), line: given, expected: expected)
      }
    }
    return nil
  }

  private static func carryOut(
    _ step: Step, _ terminal: TypistTerminal, _ editor: LineEditor, _ prompt: String, _ reference: inout ReferenceEditor
  ) {
    switch step {
    case .key(let key):
      // That would leave.
      if key == .delete, reference.line.isEmpty { return }
      terminal.type(key.bytes)
      var key = key
      // The line end that is copied along with a line is not pasted.
      if case .paste(let text) = key, text.hasSuffix("\n") { key = .paste(String(text.dropLast())) }
      reference.press(key)
    case .resize(let columns, let rows):
      terminal.setSize(columns: columns, rows: rows)
      kill(getpid(), SIGWINCH)
    case .message: editor.printAbove("* mira: approve 3 cells")
    case .prompt: editor.setPrompt("(no server) " + prompt)
    case .enter: break
    }
  }
}

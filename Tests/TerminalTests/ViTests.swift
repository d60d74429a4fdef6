import Foundation
import Glibc
import Terminal
import Testing

/// With `bind -v` in `.editrc`, which only the editor of a process of its own reads.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ViTests {
  /// Escape is told from the beginning of an arrow key by what follows it at once, so each piece is typed by itself.
  @Test(arguments: [
    (["abc def", "\u{1B}", "0iX", "\u{1B}", "wdw", "\r"], "Xabc "),
    (["cells", "\u{1B}", "k", "\u{1B}", "jA | count", "\r"], "cells | count"),
    (["ab", "\u{1B}[D", "X", "\u{1B}[15~", "Y", "\r"], "aXYb"),
    (["one two", "\u{1B}", "byw", "kP", "\r"], "tworuns"),
    (["abc", "\u{1B}", "xu", "\u{1B}[A", "\u{1B}[B", "0x", "\r"], "bc"),
    (["状態 é", "\u{1B}", "0~x", "\r"], "状 é"),
  ])
  func `Escape leaves insertion, and no key is lost for it`(typed: [String], expected: String) async {
    await #expect(processExitsWith: .success) { [typed, expected] in
      let home = NSTemporaryDirectory() + "callsheet-vi-\(getpid())"
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: home) }
      try "bind -v\n".write(toFile: home + "/.editrc", atomically: true, encoding: .utf8)
      setenv("HOME", home, 1)
      let terminal = try TypistTerminal()
      let editor = try terminal.editor { settings in
        settings.readsEditrc = true
        settings.recall = { ["cells | skip", "runs"] }
      }
      let result = try await terminal.read(editor) {
        await terminal.waitFor(">")
        for piece in typed {
          terminal.type(piece)
          try await Task.sleep(for: .milliseconds(150))
        }
      }
      guard case .line(let text, _) = result else { return #expect(result == .line(expected)) }
      #expect(text == expected)
    }
  }
}

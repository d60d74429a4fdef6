import Foundation
import Glibc
import Terminal
import TestFixtures
import Testing

/// Keys of vi's at random: the line that Enter gives is the one that a reference holds. A difference is reported with the
/// fewest keys that show it; `CALLSHEET_VI_SEED` runs a seed by itself, `CALLSHEET_VI_SEEDS` more of them.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RandomViTests {
  typealias Key = ReferenceVi.Key

  struct Difference: Sendable {
    var typed: [Key?]
    var line: LineResult
    var expected: String
  }

  private static let past = ["cells | count", "variants where status=review | approve", "x", "runs"]

  private static var seeds: [Int] {
    let only = figure("CALLSHEET_VI_SEED", or: -1)
    return only >= 0 ? [only] : Array(0..<figure("CALLSHEET_VI_SEEDS", or: 60))
  }

  @Test(arguments: seeds) func `Enter gives what a reference holds`(seed: Int) async throws {
    var random = SeededGenerator(seed: seed)
    let keys = Self.keys(using: &random)
    guard let found = try await Self.difference(keys) else { return }
    let fewest = try await fewest(found.typed) { try await Self.difference($0) != nil }
    let difference = try #require(try await Self.difference(fewest))
    let typed = difference.typed.map { $0?.bytes.debugDescription ?? "Enter" }.joined(separator: " ")
    Issue.record(
      "typed \(typed)\nthe line is \(difference.line)\nand should be \(difference.expected.debugDescription)")
  }

  /// nil is Enter. What a key means in the other mode is left out when it is typed.
  private static func keys(using random: inout SeededGenerator) -> [Key?] {
    let words = ["a", "b_c ", "status=failed", "é", "状態 ", "- ", " ", "(x) ", "|"]
    let motions = ["h", "l", "w", "b", "e", "2h", "3l", "2w", "3b", "2e", "0", "$"]
    let counts = ["", "", "", "2", "3"]
    return (0..<Int.random(in: 40..<200, using: &random)).map { _ in
      switch Int.random(in: 0..<100, using: &random) {
      case ..<25: return .text(random.any(words))
      case ..<28: return .rubOut
      case ..<45: return .escape
      case ..<55: return .command(random.any(["i", "a", "I", "A"]))
      case ..<70: return .command(random.any(motions))
      case ..<80:
        return .command(random.any(["d", "c", "y"]) + random.any(motions + ["d", "c", "y"]))
      case ..<88: return .command(random.any(counts) + random.any(["x", "rz"]))
      case ..<92: return .command(random.any(["D", "C", "p", "P", "u"]))
      case ..<96: return .command(random.any(["k", "k", "j"]))
      default: return nil
      }
    }
  }

  private static func difference(_ keys: [Key?]) async throws -> Difference? {
    let file = NSTemporaryDirectory() + "callsheet-vi-\(getpid()).editrc"
    try "bind -v\n".write(toFile: file, atomically: true, encoding: .utf8)
    let terminal = try TypistTerminal()
    setenv("EDITRC", file, 1)
    let editor = try terminal.editor { settings in
      settings.readsEditrc = true
      settings.recall = { Self.past }
    }
    // A line that never comes is a difference as well.
    let watchdog = Task {
      try await Task.sleep(for: .seconds(10))
      editor.close()
    }
    defer {
      unsetenv("EDITRC")
      watchdog.cancel()
      editor.close()
      terminal.hangUp()
    }
    var reference = ReferenceVi(past: past)
    let lines = keys.split(separator: nil, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let prompt = "#\(number)> "
      async let result = editor.readLine(prompt: prompt)
      while !terminal.raw.contains(prompt), !watchdog.isCancelled { try await Task.sleep(for: .milliseconds(1)) }
      for case let key? in line where isMeant(key, reference) {
        terminal.type(key.bytes)
        reference.press(key)
      }
      terminal.type("\r")
      let (given, expected) = (await result, reference.enter())
      guard case .line(let text, _) = given, text.unicodeScalars.elementsEqual(expected.unicodeScalars) else {
        return Difference(
          typed: Array(lines.prefix(number + 1).joined(separator: [nil])), line: given, expected: expected)
      }
    }
    return nil
  }

  /// The two modes take different keys. On an empty line libedit's operators take what stood there before.
  private static func isMeant(_ key: Key, _ reference: ReferenceVi) -> Bool {
    switch key {
    case .text, .rubOut: reference.inserts
    case .command(let keys): !reference.inserts && !(reference.line.isEmpty && "dcy".contains(keys.prefix(1)))
    case .escape: true
    }
  }
}

import Foundation
import TestFixtures
import Testing

/// Keys at random in a window whose size changes at random, with news in between: after each step the screen is the one that
/// the line, the prompt and the size make. A difference is reported with its seed and the steps up to it; a seed is run by
/// itself with `CALLSHEET_SCREEN_SEED`, more of them with `CALLSHEET_SCREEN_SEEDS`.
@Suite struct `Whatever is typed` {
  private enum Step {
    case press(Key)
    case resize(columns: Int, rows: Int)
    case news
  }

  private static var seeds: [Int] {
    let only = figure("CALLSHEET_SCREEN_SEED", or: -1)
    return only >= 0 ? [only] : Array(0..<figure("CALLSHEET_SCREEN_SEEDS", or: 5))
  }

  @Test(arguments: seeds) func `stands on the screen once and whole`(seed: Int) async throws {
    try await TestHome.with { home in
      var random = SeededGenerator(seed: seed)
      let plan = "plan cells where true | tag a"
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      let size = Seat.Size(columns: 80, rows: 24)
      let window = try await TerminalWindow(home, columns: size.columns, rows: size.rows)
      let seat = Seat(window, [size])
      // When rows that are narrower become more, tmux puts as many of the first into its scrollback, also where there is
      // room below. A prompt that stands there can no longer be taken away by any program; so this one stands lower.
      try await seat.enter(Self.first)
      try await seat.stands()
      if seed.isMultiple(of: 2) {
        try await seat.enter(plan)
        seat.right = "plan p1"
        try await seat.stands()
      }
      home.environment["CALLSHEET_USER"] = "bo"
      var line = ReferenceEditor(past: [Self.first] + (seed.isMultiple(of: 2) ? [plan] : []))
      var steps: [Step] = []
      do {
        for _ in 0..<40 {
          steps.append(Self.step(&random))
          try await Self.carryOut(steps[steps.count - 1], seat, &line)
          try await seat.stands(line.text, cursor: line.cursor)
        }
        try await window.close()
      } catch {
        Issue.record("seed \(seed), after \(steps)")
        try await window.close()
        throw error
      }
    }
  }

  private static let first = "set pager off; describe cells; describe jobs; describe takes"
  private static let (narrowest, lowest) = (36, 12)
  private static let texts = ["cells where ", "a", "状態 ", "status=failed ", "é", "  ", "(id in (1, 2, 3) or stale) "]
  private static let keys: [Key] = [
    .left, .left, .right, .home, .end, .wordLeft, .wordRight, .rubOut, .rubOut, .killEnd, .killLine, .killWordBefore,
    .yank, .yank, .transpose, .upperCase, .up, .down, .newline,
  ]

  private static func step(_ random: inout SeededGenerator) -> Step {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<40: .press(.text(random.any(texts)))
    case ..<68: .press(random.any(keys))
    case ..<70: .press(.paste("one two\nthree"))
    case ..<96:
      .resize(
        columns: Int.random(in: narrowest..<110, using: &random), rows: Int.random(in: lowest..<40, using: &random))
    default: .news
    }
  }

  private static func carryOut(_ step: Step, _ seat: Seat, _ line: inout ReferenceEditor) async throws {
    switch step {
    case .press(let key):
      var after = line
      after.press(key)
      // Of what is taller than the window a part is shown.
      if LineOnScreen(prompt: seat.prompt, text: after.text, columns: narrowest).rows.count >= lowest { return }
      line = after
      try await seat.window.send(key.bytes)
    case .resize(let columns, let rows):
      // tmux lays out anew at once and tells the shell up to a quarter of a second after the time before; the shell looks
      // whether the prompt's right side fits as often. What is drawn in between is drawn for the wrong width.
      try await Task.sleep(for: .milliseconds(300))
      try await seat.resize(to: Seat.Size(columns: columns, rows: rows))
    case .news: try await seat.home.say("cells where true | tag a", "cells where true | untag a")
    }
  }
}

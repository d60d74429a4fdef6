import Foundation
import TestFixtures
import Testing

/// Somebody at a prompt whose window changes its size, and what must stand on the screen: the prompt and the line once and
/// whole, the cursor in its place, nothing below.
final class Seat {
  struct Size: Sendable, CustomTestStringConvertible {
    var columns: Int
    var rows: Int
    var testDescription: String { "\(columns)x\(rows)" }
  }

  let window: TerminalWindow
  private let sizes: [Size]
  private var turn = 0
  private(set) var size: Size
  /// How many prompts stand above the one that is typed at.
  private var passed = 0
  /// What the prompt says behind the place.
  var mode = ""
  /// What stands at the right of a short line.
  var right = ""

  var home: TestHome { window.home }
  var prompt: String { "film/spring\(mode)> " }

  /// In a window of the first size; `resize` goes to the second and back.
  init(_ window: TerminalWindow, _ sizes: [Size]) { (self.window, self.sizes, size) = (window, sizes, sizes[0]) }

  func resize() async throws {
    turn += 1
    try await resize(to: sizes[turn % sizes.count])
  }

  func resize(to new: Size) async throws {
    size = new
    try await window.resize(columns: size.columns, rows: size.rows)
  }

  /// Presses Enter at what is typed, or ends it otherwise: another prompt comes.
  func press(ending key: String = "Enter") async throws {
    try await window.press(key)
    passed += 1
  }

  /// The line that was typed at stands there once more, below what another program left.
  func standsAgain() { passed += 1 }

  func enter(_ line: String) async throws {
    try await window.type(line)
    try await press()
  }

  /// Waits until the screen ends in the prompt with this line.
  func stands(_ typed: String = "", cursor: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws
  {
    var last = TerminalWindow.Look(rows: [], cursor: .init(row: 0, column: 0))
    let isSeen = try await eventually(within: 8) {
      last = try await window.look()
      return difference(last, typed, cursor) == nil
    }
    // What comes next would only differ for the same reason.
    let why = difference(last, typed, cursor) ?? "it came late"
    try #require(
      isSeen,
      "at \(size.testDescription) \(why); the cursor is at \(last.cursor) of\n\(last.rows.suffix(30).joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  private func difference(_ look: TerminalWindow.Look, _ typed: String, _ cursor: Int?) -> String? {
    let line = LineOnScreen(prompt: prompt, text: typed, cursor: cursor, right: right, columns: size.columns)
    var rows = line.rows
    while rows.last == "" { rows.removeLast() }
    if look.rows.suffix(rows.count) != rows[...] {
      return "the screen does not end in\n\(rows.joined(separator: "\n"))\n"
    }
    let first = look.rows.count - rows.count
    if look.cursor.row - first != line.cursor.row || look.cursor.column != line.cursor.column {
      return "the cursor is not at \(line.cursor) of the line"
    }
    let prompts = look.rows.count { $0.hasPrefix("film/spring") }
    return prompts == passed + 1 ? nil : "there are \(prompts) prompts and not \(passed + 1)"
  }

  /// That these rows follow one another, and only once.
  func scrolledBack(_ rows: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let look = try await window.look()
    let wanted = "\n" + rows.joined(separator: "\n") + "\n"
    let found = ("\n" + look.text + "\n").components(separatedBy: wanted).count - 1
    #expect(found == 1, "\(found) times \(wanted) in\n\(look.text)", sourceLocation: sourceLocation)
  }
}

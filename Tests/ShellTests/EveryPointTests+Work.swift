import Foundation
import SQLText
import Testing

/// What goes on beside the line and in place of it.
extension `Every point of the prompt at every size` {
  func news(_ seat: Seat) async throws {
    seat.home.environment["CALLSHEET_USER"] = "bo"
    let line = String(long(seat).dropLast(8))
    try await seat.window.type(line)
    try await seat.window.press("Left", "Left", "Left")
    try await seat.home.say("cells where true | tag urgent")
    try await seat.window.shows("* bo: tag 1 cell")
    try await seat.stands(line, cursor: line.count - 3)
    try await seat.scrolledBack("* bo: tag 1 cell")
    try await seat.resize()
    try await seat.home.say("cells where true | hold")
    try await seat.window.shows("* bo: hold 1 cell")
    try await seat.stands(line, cursor: line.count - 3)
    try await seat.press(ending: "C-c")
    try await seat.stands()
    // The state comes while nothing is typed, and goes with what it was about.
    try await seat.home.say("cells where true | release", "cells where true | submit")
    try await seat.home.drain()
    if seat.size.columns > 60 { seat.right = "◆ 1 to approve" }
    try await seat.window.shows("bo: release")
    try await seat.stands()
    try await seat.resize()
    seat.right = seat.size.columns > 50 ? "◆ 1 to approve" : ""
    try await seat.stands()
    try await seat.home.say("variants where true | reject")
    seat.right = ""
    try await seat.stands()
  }

  func watch(_ seat: Seat) async throws {
    try await seat.enter("cells | group by skipped | watch")
    try await seat.window.shows("any key ends")
    try await seat.resize()
    try await seat.home.say("cells where true | skip")
    try await seat.window.shows("* true")
    try await seat.resize()
    try await seat.home.say("cells where true | unskip")
    try await seat.window.shows("* false")
    try await seat.window.press("q")
    try await seat.stands()
    try await seat.scrolledBack(
      "skipped  count", "───────  ─────", "false        1", "1 row")
  }

  func work(_ seat: Seat) async throws {
    try await seat.home.execute("begin")
    try await seat.home.execute("lock table cells")
    try await seat.enter("cells where true | tag slow")
    try await seat.window.shows("Ctrl-C cancels")
    try await seat.resize()
    try await seat.window.type("cells")
    try await seat.home.execute("rollback")
    try await seat.stands("cells")
    let screen = try await seat.window.look().text
    #expect(!screen.contains("; Ctrl-C") && screen.contains("tag: 1 cell"), "\(screen)")
    try await seat.window.type(" | count")
    try await seat.press()
    try await seat.home.execute("begin")
    try await seat.home.execute("lock table cells")
    try await seat.enter("cells where true | tag slow")
    try await seat.window.shows("Ctrl-C cancels")
    try await seat.resize()
    try await seat.window.press("C-c")
    try await seat.stands()
    try await seat.home.execute("rollback")
    try await seat.window.shows("cancelled")
  }

  func pager(_ seat: Seat) async throws {
    try await seat.enter("help errors")
    try await seat.window.endsIn(":")
    try await seat.resize()
    try await seat.window.press("Space")
    try await seat.window.endsIn(":")
    try await seat.resize()
    try await seat.window.press("q")
    try await seat.stands()
    try await seat.enter("cells | count")
    try await result("cells | count", seat)
  }

  func help(_ seat: Seat) async throws {
    try await seat.window.type("help tag")
    try await seat.resize()
    try await seat.stands("help tag")
    try await seat.press()
    try await seat.stands()
    try await seat.resize()
    try await seat.stands()
    let screen = try await seat.window.look().text
    #expect(screen.contains("cells where id=7 | tag hero"), "\(screen)")
  }

  func server(_ seat: Seat) async throws {
    let line = String(long(seat).dropLast(8))
    try await seat.window.type(line)
    try await seat.stands(line)
    let place = try FileManager.default.destinationOfSymbolicLink(atPath: seat.home("server"))
    try FileManager.default.removeItem(atPath: seat.home("server"))
    // A connection that was being made at that moment came through.
    let isLost = try await eventually(within: 30) {
      _ = try await seat.home.number(
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and application_name = 'callsheet' and pid <> pg_backend_pid()
        """)
      return try await seat.window.screen().contains("(no server)")
    }
    #expect(isLost)
    seat.mode = " (no server)"
    try await seat.stands(line)
    try await seat.resize()
    try await seat.stands(line)
    try await seat.window.type(" | cou")
    try await seat.resize()
    try await seat.stands(line + " | cou")
    try FileManager.default.createSymbolicLink(atPath: seat.home("server"), withDestinationPath: place)
    seat.mode = ""
    try await seat.stands(line + " | cou")
    try await seat.window.type("nt")
    try await seat.press()
    try await result(line + " | count", seat)
  }
}

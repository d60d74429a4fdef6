import Foundation
import QueryLanguage
import TestFixtures
import Testing

/// The clock stands at 2026-11-22 12:00 in Berlin.
@Suite struct `time windows` {
  @Test(arguments: [
    ("cells where since 2h", ["updated_at since 2026-11-22 10:00"]),
    ("cells where older than 90s", ["updated_at before 2026-11-22 11:58:30"]),
    (
      "cells where finished_at since today and started_at before yesterday",
      ["finished_at since 2026-11-22", "started_at before 2026-11-21"]
    ),
    ("cells where finished_at = today", ["finished_at from 2026-11-22 to 2026-11-23"]),
    ("cells where finished_at > 2026-11-20", ["finished_at since 2026-11-21"]),
    ("cells where finished_at = 2026-11-20..2026-11-21", ["finished_at from 2026-11-20 to 2026-11-22"]),
    ("cells where finished_at = 2026-11-22T10:00:00Z", ["finished_at at 2026-11-22 11:00"]),
    (
      "cells where finished_at in (today, 2026-10-25)",
      ["finished_at from 2026-11-22 to 2026-11-23", "finished_at from 2026-10-25 to 2026-10-26"]
    ),
    ("cells where stale | union (cells where since 1d)", ["updated_at since 2026-11-21 12:00"]),
    ("cells where take = 3", []),
  ])
  func `are told as moments in the session's zone`(text: String, windows: [String]) throws {
    let pipeline = try #require(World.pipeline(text))
    #expect(pipeline.windows.map { "\($0.field) \($0.text)" } == windows)
  }

  @Test func `have bounds of which the upper is outside`() throws {
    let window = try #require(World.pipeline("cells where finished_at = 2026-10-25")?.windows.first)
    let (from, until) = (try #require(window.from), try #require(window.until))
    // The day on which the clocks go back.
    #expect(until.timeIntervalSince(from) == 25 * 3600)
    #expect(try #require(World.pipeline("cells where since 2h")?.windows.first).until == nil)
  }
}

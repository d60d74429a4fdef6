import Diagnostics
import Foundation
import Model
import Rendering
import TestFixtures
import Testing

struct WordingTests {
  @Test(arguments: [
    (0.0, "0"), (0.004, "0.004"), (0.0123, "0.012"), (0.5, "0.5"), (0.00004, "0.00004"), (2.345, "2.35"),
    (-0.002, "-0.002"),
    (12.0, "12"),
  ])
  func `A small amount never reads as nothing`(value: Double, text: String) {
    #expect(Wording.figure(value) == text)
  }

  @Test(
    arguments: [
      (0, "0 s"), (0.0001, "under 1 ms"), (0.012, "12 ms"), (0.25, "0.3 s"), (0.9996, "1 s"), (1.5, "1.5 s"),
      (9.97, "10 s"), (12, "12 s"), (59.7, "1 min"), (125, "2 min 5 s"), (180, "3 min"), (3900, "1 h 5 min"),
      (93784, "1 d 2 h"), (-5, "-5 s"), (.infinity, "unknown"), (1e300, "11,574,074,074 d 1 h"),
    ] as [(Double, String)])
  func durations(seconds: Double, words: String) { #expect(Wording.duration(seconds) == words) }

  @Test(
    arguments: [
      (3, "just now"), (14 * 60, "14 min ago"), (40, "40 s ago"), (59.6, "1 min ago"), (3570, "1 h ago"),
      (5400, "1.5 h ago"), (50 * 3600, "2 d ago"), (-7200, "in 2 h"),
    ] as [(Double, String)])
  func `Relative times`(seconds: Double, words: String) {
    let now = Date(timeIntervalSince1970: 1_795_380_135)
    #expect(Wording.relative(now.addingTimeInterval(-seconds), now: now) == words)
  }

  @Test(
    arguments: [
      (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (1_240_000, "1.2 MB"),
      (340_000_000_000, "340 GB"),
      (999_600, "1 MB"), (Int64.max, "9.2 EB"),
    ] as [(Int64, String)])
  func bytes(count: Int64, words: String) { #expect(Wording.bytes(count) == words) }

  @Test(
    arguments: [
      (0, "0"), (0.125, "0.125"), (2.0 / 3, "0.667"), (-0.0004, "-0.0004"), (1234.5678, "1234.568"), (11, "11"),
      (1e-9, "1e-09"), (1e20, "1e+20"), (.nan, "NaN"),
    ] as [(Double, String)])
  func `Numbers in tables never read as nothing`(value: Double, words: String) {
    #expect(Wording.shortNumber(value) == words)
  }

  @Test(
    arguments: [(0, 0, nil), (0, 9, "0%"), (1, 1000, "1%"), (999, 1000, "99%"), (9, 9, "100%"), (1, 3, "33%")]
      as [(Int, Int, String?)])
  func percent(done: Int, total: Int, words: String?) { #expect(Wording.percent(done, of: total) == words) }

  @Test func `Counts have the right noun`() {
    #expect(Wording.count(1, "cells") == "1 cell")
    #expect(Wording.count(1, "deliveries") == "1 delivery")
    #expect(Wording.count(1_234_567, "cells") == "1,234,567 cells")
    #expect(Wording.grouped(-1000) == "-1,000")
  }

  @Test(arguments: 0..<200)
  func `Times agree with Foundation's calendar`(seed: Int) throws {
    var random = SeededGenerator(seed: seed)
    let seconds = Double(Int64.random(in: -60_000_000_000...250_000_000_000, using: &random))
    let date = Date(timeIntervalSince1970: seconds)
    let table = ResultTable(columns: [ResultColumn("at", .time)], rows: [[.time(date)]])
    let output = try OutputFormat.csv.render(table, viewport: Viewport())
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.era, .year, .month, .day, .hour, .minute, .second], from: date)
    // Foundation changes to the Julian calendar before 1582, PostgreSQL and ISO 8601 do not.
    guard parts.era == 1, let year = parts.year, year > 1582, year < 9999 else { return }
    let expected = String(
      format: "at\n%04d-%02d-%02dT%02d:%02d:%02dZ\n", year, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0,
      parts.minute ?? 0, parts.second ?? 0)
    #expect(output == expected)
  }

  @Test func `People read times in their own zone, with its name`() throws {
    let zone = try #require(TimeZone(identifier: "Asia/Tokyo"))
    let table = ResultTable(
      columns: [ResultColumn("at", .time)], rows: [[.time(Date(timeIntervalSince1970: 1_795_380_135))]])
    let output = try OutputFormat.table.render(table, viewport: Viewport(timeZone: zone))
    #expect(output.contains("2026-11-23 05:42:15"))
    #expect(output.contains("times in Asia/Tokyo"))
  }

  @Test(arguments: [
    ("abc", 3), ("田中", 4), ("e\u{301}", 1), ("한글", 4), ("🎬", 2), ("●◆◐○✗⊗⊘–·…█░─×", 14), ("\u{200B}", 0), ("Ａ", 2),
    ("हिन्दी", 5),
  ])
  func `Widths are those of the terminal`(text: String, columns: Int) { #expect(displayWidth(text) == columns) }
}

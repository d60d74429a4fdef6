import Foundation
import Model
import Rendering
import TestFixtures
import Testing

/// What programs read is read back here, by readers that share nothing with the writers.
struct RoundTripTests {
  private static let nasty = [
    "", ",", "\"", "\"\"", "\n", "\r\n", "a,b", " lead", "tail ", "\t", "\\", "\\N", "é田", "\u{1B}[31m",
  ]

  private func table(seed: Int) -> ResultTable {
    var random = SeededGenerator(seed: seed)
    let columns = (0..<Int.random(in: 1...5, using: &random)).map { ResultColumn("c\($0)", .text) }
    let rows = (0..<Int.random(in: 1...8, using: &random)).map { _ in
      columns.map { _ -> Value in
        let count = Int.random(in: 0...4, using: &random)
        return .text((0..<count).map { _ in RoundTripTests.nasty.randomElement(using: &random) ?? "" }.joined())
      }
    }
    return ResultTable(columns: columns, rows: rows)
  }

  private func texts(_ table: ResultTable) -> [[String]] {
    table.rows.map { row in row.map { value in if case .text(let text) = value { text } else { "?" } } }
  }

  @Test(arguments: 0..<100)
  func `CSV is read back as it was written`(seed: Int) throws {
    let table = table(seed: seed)
    let read = parseCSV(try OutputFormat.csv.render(table, viewport: Viewport()))
    #expect(read.first == table.columns.map(\.name))
    #expect(Array(read.dropFirst()) == texts(table))
  }

  @Test(arguments: 0..<100)
  func `TSV has a line for each row and is read back`(seed: Int) throws {
    let table = table(seed: seed)
    let output = try OutputFormat.tsv.render(table, viewport: Viewport())
    let read = output.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map {
          unescape(String(String.UnicodeScalarView($0)))
        }
      }
    #expect(Array(read) == texts(table))
  }

  @Test(arguments: 0..<100)
  func `JSON is read back by Foundation`(seed: Int) throws {
    let table = table(seed: seed)
    let array = try JSONSerialization.jsonObject(
      with: Data(try OutputFormat.json.render(table, viewport: Viewport()).utf8))
    let objects = try #require(array as? [[String: String]])
    #expect(objects.map { object in table.columns.map { object[$0.name] ?? "?" } } == texts(table))
    let lines = try OutputFormat.jsonl.render(table, viewport: Viewport()).split(separator: "\n")
    #expect(lines.count == table.rows.count)
    for (line, row) in zip(lines, texts(table)) {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
      #expect(table.columns.map { object?[$0.name] ?? "?" } == row)
    }
  }

  @Test func `JSON keeps types: numbers, nulls, booleans, times and lists`() throws {
    let output = try OutputFormat.json.render(
      Productions.awkward, viewport: Viewport(timeZone: TimeZone(secondsFromGMT: 7200)!))
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
    #expect(rows[0]["id"] as? Int == 1)
    #expect(rows[0]["gpu_hours"] as? Double == 0.125)
    #expect(rows[0]["took"] as? Double == 72.5)
    #expect(rows[0]["at"] as? String == "2026-11-22T20:42:15Z")
    #expect(rows[1]["at"] as? String == "2026-11-22T20:42:15.25Z")
    #expect(rows[1]["stale"] as? Bool == true)
    #expect(rows[0]["tags"] as? [String] == ["a,b", "c\"d"])
    #expect(rows[2]["gpu_hours"] is NSNull)
  }

  @Test func `A number that JSON has no word for is PostgreSQL's word, and large ids stay exact`() throws {
    let columns = [ResultColumn("n", .double), ResultColumn("id", .int)]
    let table = ResultTable(columns: columns, rows: [[.double(.nan), .int(.max)], [.double(-.infinity), .int(.min)]])
    let output = try OutputFormat.jsonl.render(table, viewport: Viewport())
    #expect(output == "{\"n\":\"NaN\",\"id\":9223372036854775807}\n{\"n\":\"-Infinity\",\"id\":-9223372036854775808}\n")
  }

  /// RFC 4180, written down from its grammar.
  private func parseCSV(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = String.UnicodeScalarView()
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if isQuoted {
        if scalar != "\"" {
          field.append(scalar)
        } else if scalars.first == "\"" {
          field.append("\"")
          scalars.removeFirst()
        } else {
          isQuoted = false
        }
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "," || scalar == "\n" {
        row.append(String(field))
        field = String.UnicodeScalarView()
        if scalar == "\n" {
          rows.append(row)
          row = []
        }
      } else {
        field.append(scalar)
      }
    }
    return rows
  }

  private func unescape(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "\\", let next = scalars.popFirst() else {
        result.append(scalar)
        continue
      }
      result.append(["t": "\t", "n": "\n", "r": "\r"][next] ?? next)
    }
    return String(result)
  }
}

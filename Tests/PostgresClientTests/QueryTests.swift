import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

@Suite struct QueryTests {
  @Test func `values are bound, never text`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let hostile = "'; drop table t; -- \" $1 \\ \n"
      try await connection.execute("create table t (name text)")
      try await connection.execute("insert into t values (\(hostile))")
      let found = try await connection.query("select name, count(*) over () from t where name = \(hostile)")
      let (name, count) = try #require(found.rows.first).decode((String, Int).self)
      #expect(name == hostile)
      #expect(count == 1)
    }
  }

  @Test func `every kind of value arrives as it was sent`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let at = Date(timeIntervalSinceReferenceDate: 812_345_678.125)
      let result = try await connection.query(
        """
        select \(true), \(Int64.min), \(2.5), \("é€😀"), \([UInt8(0), 92, 255]), \(at), \(json: #"{"a": 1}"#),
          \([Int64.max, -1]), \([0.1, -.infinity]), \(["", "NULL", "a,\"\\{}", "b"]), \([true, false]), \([Int]())
        """)
      let row = try #require(result.rows.first)
      let values = try row.decode(
        (
          Bool, Int64, Double, String, [UInt8], Date, String, [Int64], [Double], [String], [Bool], [Int]
        ).self)
      #expect(values.0)
      #expect(values.1 == .min)
      #expect(values.2 == 2.5)
      #expect(values.3 == "é€😀")
      #expect(values.4 == [0, 92, 255])
      #expect(values.5 == at)
      #expect(values.6 == #"{"a": 1}"#)
      #expect(values.7 == [.max, -1])
      #expect(values.8 == [0.1, -.infinity])
      #expect(values.9 == ["", "NULL", "a,\"\\{}", "b"])
      #expect(values.10 == [true, false])
      #expect(values.11 == [])
      #expect(result.columns.map(\.oid) == [16, 20, 701, 25, 17, 1184, 3802, 1016, 1022, 1009, 1000, 1016])
    }
  }

  @Test func `null has a place only in an optional`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let nothing: Date? = nil
      let found = try await connection.query("select \(nothing)::timestamptz, null, 7::int2, array['a', null]")
      let row = try #require(found.rows.first)
      let (at, text, number, list) = try row.decode((Date?, String?, Int16?, [String?]).self)
      #expect(at == nil && text == nil && number == 7 && list == ["a", nil])
      let error = try #require(throws: PostgresError.self) { try row.decode(column: 0, as: Date.self) }
      #expect(error.kind == .decoding)
      #expect(error.message == "column 1 (timestamptz) is read as Date, but null came")
    }
  }

  @Test func `a value that does not fit names column, type and what came`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let row = try #require(try await connection.query("select 'secret' as word, 70000 as big").rows.first)
      let error = try #require(throws: PostgresError.self) { _ = try row.decode((Int, Int).self) }
      #expect(error.message == "column 1 (word) is read as Int, but a value of type text came")
      #expect(throws: PostgresError.self) { try row.decode(column: 1, as: Int16.self) }
      let narrow = try #require(throws: PostgresError.self) { try row.decode(String.self) }
      #expect(narrow.kind == .usage)
      #expect(throws: PostgresError.self) { try row.decode((String, Int, Int).self) }
    }
  }

  @Test(arguments: [
    ("2000-01-01 00:00:00+00", -31_622_400.0), ("2001-01-01", 0), ("2001-01-01 00:00:00.25", 0.25),
    ("2001-01-01 05:30:00+05:30", 0), ("2000-12-31 23:00:00-01", 0), ("1600-02-29", -12649305600),
  ])
  func `times of any zone are instants`(text: String, seconds: Double) async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let row = try #require(try await connection.query("select \(text)").rows.first)
      #expect(try row.decode(Date.self) == Date(timeIntervalSinceReferenceDate: seconds))
    }
  }

  @Test(arguments: [-63_000_000_000.5, -1, 0, 1e9, 250_000_000_000])
  func `the calendar is the server's`(seconds: Double) async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let at = Date(timeIntervalSinceReferenceDate: seconds)
      try await connection.execute("create table t (at timestamptz, same timestamptz)")
      try await connection.copyIn("t", columns: ["at", "same"], rows: [[.timestamp(at), .timestamp(at)]])
      try await connection.execute("update t set same = \(at)")
      let row = try #require(try await connection.query("select at, same, at = same from t").rows.first)
      let (copied, bound, equal) = try row.decode((Date, Date, Bool).self)
      #expect(copied == at && bound == at && equal)
    }
  }

  @Test func `an error of the server has state, position and hint`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table cells (status text unique, n int check (n > 0))")
      let error = try await failure { try await connection.query("select 'é', staus from cells") }
      #expect(error.kind == .server(sqlState: "42703"))
      #expect(error.position == 13)
      #expect(error.hint?.contains("cells.status") == true)
      let broken = try await failure { try await connection.execute("insert into cells values ('a', \(0))") }
      #expect(broken.sqlState == "23514")
      #expect(broken.constraint == "cells_n_check" && broken.table == "cells")
    }
  }

  @Test func `an error does not tell what was bound`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      for _ in 0..<3 {
        let error = try await failure { try await connection.query("select \("hunter2!")::text::int") }
        #expect(error.sqlState == "22P02")
        #expect(error.message.contains("hunter2!"))
        #expect(!"\(error)".contains("hunter2!"))
      }
    }
  }

  @Test func `what makes no sense is refused and does no harm`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let nul = "select '\0'"
      #expect(try await failure { try await connection.query("\(unsafeSQL: nul)") }.kind == .usage)
      #expect(try await failure { try await connection.query("  ") }.kind == .usage)
      #expect(try await failure { try await connection.query("copy (select 1) to stdout") }.kind == .usage)
      try await connection.execute("create table t (n int)")
      #expect(try await failure { try await connection.query("copy t from stdin") }.kind == .usage)
      #expect(try await failure { try await connection.query("select \("a\0b")") }.sqlState == "22021")
      #expect(try await connection.execute("insert into t values (1), (2)") == 2)
    }
  }

  @Test func `a statement stays right when it is prepared and the schema changes`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table t (a int)")
      try await connection.execute("insert into t values (1)")
      for _ in 0..<4 { #expect(try await connection.query("select * from t where a = \(1)").columns.count == 1) }
      #expect(try await preparedCount(connection) == 1)
      try await connection.execute("alter table t add b text")
      #expect(try await connection.query("select * from t where a = \(1)").columns.count == 2)
      try await connection.execute("deallocate all")
      #expect(try await connection.query("select * from t where a = \(1)").columns.count == 2)
    }
  }

  @Test func `no more statements stay prepared than were asked for`() async throws {
    try await TestDatabase.withEmptyDatabase { _, target in
      let connection = try await PostgresConnection.connect(
        to: target, applicationName: "test", options: ConnectionOptions(preparedStatements: 3))
      for round in 0..<3 {
        for column in 0..<8 {
          for _ in 0..<2 { try await connection.execute("select \(round) as \(identifier: "c\(column)")") }
        }
      }
      #expect(try await preparedCount(connection) <= 4)
      let plain = try await PostgresConnection.connect(
        to: target, applicationName: "test", options: ConnectionOptions(preparedStatements: 0))
      for _ in 0..<5 { try await plain.execute("select \(1)") }
      #expect(try await preparedCount(plain) == 0)
    }
  }

  @Test func `a script runs whole or not at all`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.executeScript("create table a (n int); insert into a values (1); insert into a values (2)")
      let error = try await failure { try await connection.executeScript("delete from a;\nselect nothing") }
      #expect(error.position == 23)
      let row = try #require(try await connection.query("select count(*) from a").rows.first)
      #expect(try row.decode(Int.self) == 2)
    }
  }
}

/// How many statements the server holds prepared for a connection, not counting the question.
func preparedCount(_ connection: PostgresConnection) async throws -> Int {
  let rows = try await connection.query("select name from pg_prepared_statements").rows
  return rows.count
}

/// The error that the body must throw.
func failure(
  _ body: @Sendable () async throws -> some Sendable, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PostgresError {
  try await #require(throws: PostgresError.self, sourceLocation: sourceLocation) { _ = try await body() }
}

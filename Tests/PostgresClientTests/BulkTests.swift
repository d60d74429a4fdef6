import Foundation
import PostgresClient
import SQLText
import Synchronization
import TestDatabase
import Testing

@Suite struct PipelineTests {
  @Test func `results come in order`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let results = try await connection.pipeline((0..<500).map { "select \($0), \("x")" })
      let numbers = try results.map { try $0.rows[0].decode((Int, String).self).0 }
      #expect(numbers == Array(0..<500))
      #expect(try await connection.pipeline([]).isEmpty)
    }
  }

  @Test func `an error names its statement and takes all back`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table t (n int)")
      let error = try await failure {
        try await connection.pipeline([
          "insert into t values (1)", "insert into t values (\(1)) returning 1 / (n - 1)", "insert into t values (3)",
        ])
      }
      #expect(error.sqlState == "22012")
      #expect(error.statementIndex == 1)
      #expect(try await connection.execute("select from t") == 0)
      let (results, failure) = try await connection.pipelineUntilFailure(["select 1", "select x", "select 3"])
      #expect(results.count == 1)
      #expect(failure?.sqlState == "42703" && failure?.position == 8)
    }
  }

  @Test func `more data than the buffers hold goes both ways at once`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let text = String(repeating: "x", count: 200_000)
      let results = try await connection.pipeline((0..<100).map { _ in "select \(text)" })
      #expect(results.allSatisfy { $0.rows[0][0]?.utf8.count == 200_000 })
    }
  }

  @Test func `a pipeline can be cancelled, and within a transaction it is part of it`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let error = try await failure {
        try await connection.pipeline(["select 1", "select pg_sleep(60)", "select 2"], timeLimit: .milliseconds(50))
      }
      #expect(error.kind == .timedOut)
      try await connection.transaction {
        _ = try await connection.pipeline(["create table t (n int)", "insert into t values (1)"])
        #expect(try await connection.execute("select from t") == 1)
      }
    }
  }
}

@Suite struct StreamTests {
  @Test func `all rows come in batches`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let sum = Mutex((rows: 0, batches: 0, total: 0))
      let count = try await connection.stream("select generate_series(1, \(2050))", batchSize: 100) { rows in
        var part = 0
        for row in rows { part += try row.decode(Int.self) }
        let batch = part
        sum.withLock { $0 = ($0.rows + rows.count, $0.batches + 1, $0.total + batch) }
        return .next
      }
      #expect(count == 2050)
      #expect(sum.withLock { $0 } == (2050, 21, 2050 * 2051 / 2))
    }
  }

  @Test func `stopping early ends the statement and leaves the connection clean`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let count = try await connection.stream("select generate_series(1, 1000000000)", batchSize: 10) { _ in .stop }
      #expect(count == 10)
      struct Enough: Error {}
      await #expect(throws: Enough.self) {
        try await connection.stream("select generate_series(1, 1000000000)") { _ in throw Enough() }
      }
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `stopping early inside a transaction costs only the statement's savepoint`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.transaction {
        try await connection.execute("create table t (n int)")
        _ = try? await connection.transaction {
          try await connection.stream("select generate_series(1, 1000000000)") { _ in .stop }
        }
        #expect(try await connection.execute("insert into t values (1)") == 1)
      }
    }
  }

  @Test func `an error may come after rows`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let seen = Mutex(0)
      let error = try await failure {
        try await connection.stream("select 100 / (500 - n) from generate_series(1, 600) n", batchSize: 10) { rows in
          seen.withLock { $0 += rows.count }
          return .next
        }
      }
      #expect(error.sqlState == "22012")
      #expect(seen.withLock { $0 } > 0)
    }
  }

  @Test func `the server waits for a slow reader`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let server = try #require(await connection.backendProcessID)
      let onlooker = try await PostgresConnection.connect(to: target, applicationName: "onlooker")
      // 100 MB, which neither the sockets nor the client take before they are asked for.
      let count = try await connection.stream(
        "select repeat('x', 1000) from generate_series(1, 100000)", batchSize: 100
      ) { rows in
        while try await !isWaiting(onlooker, server) { try await Task.sleep(for: .milliseconds(20)) }
        return .stop
      }
      #expect(count == 100)
      await onlooker.close()
    }
  }

  /// Whether a server process has more to send than its client takes.
  private func isWaiting(_ connection: PostgresConnection, _ process: Int32) async throws -> Bool {
    try await connection.query(
      """
      select exists (select 1 from pg_stat_activity where pid = \(Int64(process)) and wait_event = 'ClientWrite')
      """
    ).rows[0].decode(column: 0)
  }

  @Test func `the reader cannot use the connection it reads from`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let error = try await failure {
        try await connection.stream("select 1") { _ in
          try await connection.execute("select 2")
          return .next
        }
      }
      #expect(error.kind == .usage)
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `cancelling the task ends a stream`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let task = Task { try await endless(connection, start) }
      await untilFinished(started)
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(error.kind == .cancelled)
      let count = try await connection.execute("select 1")
      #expect(count == 1)
    }
  }

  private func endless(_ connection: PostgresConnection, _ start: AsyncStream<Void>.Continuation) async throws -> Int {
    try await connection.stream("select n, pg_sleep(0.001) from generate_series(1, 100000000) n", batchSize: 5) { _ in
      start.finish()
      return .next
    }
  }
}

@Suite struct CopyTests {
  @Test func `copied values are the same as bound ones`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute(
        "create table t (b bool, i int8, d float8, s text, y bytea, at timestamptz, j jsonb, li int8[], ls text[])")
      let values: [SQLValue] = [
        .bool(true), .int(.min), .double(-0.1), .text("a\tb\\N\nc\r\"'"), .bytes([0, 92, 10]),
        .timestamp(Date(timeIntervalSinceReferenceDate: 1.000001)), .json(#"{"a":"\t\\"}"#), .ints([1, -2]),
        .texts(["", "a,\"\\b", "NULL", "\t"]),
      ]
      let columns = ["b", "i", "d", "s", "y", "at", "j", "li", "ls"]
      let count = try await connection.copyIn("t", columns: columns, rows: [values, values.map { _ in .null }])
      #expect(count == 2)
      let same = SQL.joined(
        zip(columns, values).map { "\(identifier: $0) is not distinct from \($1)" }, separator: " and ")
      #expect(try await connection.execute("select from t where \(same)") == 1)
      #expect(try await connection.execute("select from t where num_nulls(b, i, d, s, y, at, j, li, ls) = 9") == 1)
    }
  }

  @Test func `many rows, or none when one is wrong`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table t (n int, s text)")
      let rows = (0..<200_000).lazy.map { [SQLValue.int(Int64($0)), .text("row \($0)")] }
      #expect(try await connection.copyIn("t", columns: ["n", "s"], rows: Array(rows)) == 200_000)
      let bad = try await failure {
        try await connection.copyIn("t", columns: ["n", "s"], rows: [[.int(1), .text("a")], [.text("x"), .null]])
      }
      #expect(bad.sqlState == "22P02")
      let short = try await failure { try await connection.copyIn("t", columns: ["n", "s"], rows: [[.int(1)]]) }
      #expect(short.kind == .usage)
      #expect(
        try await failure { try await connection.copyIn("nowhere", columns: ["n"], rows: []) }.sqlState == "42P01")
      #expect(try await connection.execute("select from t") == 200_000)
    }
  }

  @Test func `chunks are cut anywhere`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      try await connection.execute("create table t (n int, s text)")
      let csv = Array("1,one\n2,\"two, too\"\n".utf8)
      let chunks = csv.map { [$0] }
      #expect(try await connection.copyIn("copy t from stdin (format csv)", chunks: chunks) == 2)
      #expect(try await failure { try await connection.copyIn("select 1", chunks: [csv]) }.kind == .usage)
      #expect(try await connection.query("select s from t where n = 2").rows.first?[0] == "two, too")
    }
  }
}

@Suite struct ListenTests {
  @Test func `notifications arrive while the connection is idle`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let stream = try await connection.listen("Odd \"channel\"")
      let quiet = try await connection.listen("quiet")
      for n in 0..<20 { try await other.execute("select pg_notify('Odd \"channel\"', \("\(n)"))") }
      var payloads: [String] = []
      for await notification in stream {
        payloads.append(notification.payload)
        if payloads.count == 20 { break }
      }
      #expect(payloads == (0..<20).map { "\($0)" })
      #expect(try await connection.execute("select 1") == 1)
      await connection.close()
      for await unexpected in quiet { Issue.record("\(unexpected)") }
    }
  }

  @Test func `the connection's own statements bring them too`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let stream = try await connection.listen("c")
      try await connection.execute("notify c, 'own'")
      var iterator = stream.makeAsyncIterator()
      let backend = await connection.backendProcessID
      let notification = await iterator.next()
      #expect(notification?.payload == "own" && notification?.backendProcessID == backend)
    }
  }

  @Test func `the stream ends with the connection`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      let other = try await PostgresConnection.connect(to: target, applicationName: "other")
      let stream = try await connection.listen("c")
      let backend = try #require(await connection.backendProcessID)
      try await other.execute("select pg_terminate_backend(\(backend)::int)")
      for await unexpected in stream { Issue.record("\(unexpected)") }
      #expect(await connection.isBroken)
    }
  }
}

@Suite struct CopyOutTests {
  @Test func `the server's text comes whole and the rows are counted`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let text = Mutex<[UInt8]>([])
      let count = try await connection.copyOut(
        "copy (select n, repeat('é', 50) from generate_series(1, 20000) n) to stdout (format csv, header)"
      ) { piece in
        #expect(piece.last == UInt8(ascii: "\n"))
        text.withLock { $0 += piece }
        return .next
      }
      #expect(count == 20_000)
      let lines = String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n")
      #expect(lines.count == 20_001)
      #expect(lines[0] == "n,repeat")
      #expect(lines[20_000] == "20000,\(String(repeating: "é", count: 50))")
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `stopping early, an error of the reader and a cancelled task end it on the server`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let endless: SQL = "copy (select generate_series(1, 1000000000)) to stdout"
      #expect(try await connection.copyOut(endless) { _ in .stop } > 0)
      struct Enough: Error {}
      await #expect(throws: Enough.self) { try await connection.copyOut(endless) { _ in throw Enough() } }
      let limited = try await failure {
        try await connection.copyOut(endless, timeLimit: .milliseconds(50)) { _ in .next }
      }
      #expect(limited.kind == .timedOut)
      let task = Task { try await connection.copyOut(endless) { _ in .next } }
      task.cancel()
      #expect(try await failure { try await task.value }.kind == .cancelled)
      #expect(try await connection.execute("select 1") == 1)
    }
  }

  @Test func `an error comes as itself, before the first row and after it`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let none = try await failure { try await connection.copyOut("copy nothing to stdout") { _ in .next } }
      #expect(none.sqlState == "42P01")
      let late = try await failure {
        try await connection.copyOut("copy (select 1 / (5000 - n) from generate_series(1, 6000) n) to stdout") { _ in
          .next
        }
      }
      #expect(late.sqlState == "22012")
      #expect(try await failure { try await connection.copyOut("select 1") { _ in .next } }.kind == .usage)
      #expect(
        try await failure { try await connection.copyOut("copy (select \(1)) to stdout") { _ in .next } }.kind == .usage
      )
      #expect(try await connection.execute("select 1") == 1)
    }
  }
}

@Suite struct ReadAheadTests {
  /// What was handed over: statement, first column of each row, whether it was the end.
  private final class Seen: Sendable {
    let batches = Mutex<[(index: Int, values: [String?], isLast: Bool)]>([])

    func take(_ part: ReadAheadRows) {
      batches.withLock { $0.append((part.index, part.rows.map { $0[0] }, part.isLast)) }
    }

    func values(of index: Int) -> [String?] {
      batches.withLock { $0.filter { $0.index == index }.flatMap(\.values) }
    }
  }

  @Test func `rows come in order, in batches, each statement to its end`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let seen = Seen()
      let statements: [SQL] = (0..<300).map { "select generate_series(1, \($0))" }
      let failure = try await connection.readAhead(statements, batchSize: 100) { seen.take($0) }
      #expect(failure == nil)
      for index in 0..<300 { #expect(seen.values(of: index).count == index) }
      #expect(seen.batches.withLock { $0.filter(\.isLast).map(\.index) } == Array(0..<300))
      #expect(seen.batches.withLock { $0.allSatisfy { $0.values.count <= 100 } })
      // One shape, so it is prepared once and every other time only named.
      #expect(try await connection.query("select count(*) from pg_prepared_statements").rows[0][0] == "1")
      #expect(try await connection.readAhead([]) { _ in } == nil)
    }
  }

  @Test
  func `a failing statement ends it with its index, and what was to be prepared behind it is not thought prepared`()
    async throws
  {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let seen = Seen()
      let failure = try await connection.readAhead(["select 1", "select 1 / \(0)", "select \("a")", "select \("b")"]) {
        seen.take($0)
      }
      #expect(failure?.sqlState == "22012" && failure?.statementIndex == 1)
      #expect(seen.batches.withLock { $0.map(\.index) } == [0])
      for _ in 0..<3 {
        #expect(try await connection.readAhead(["select \("a")", "select \("b")"]) { seen.take($0) } == nil)
      }
      let late = try await connection.readAhead(["select 1 / (700 - n) from generate_series(1, 800) n", "select 1"]) {
        _ in
      }
      #expect(late?.sqlState == "22012" && late?.statementIndex == 0)
    }
  }

  @Test func `what the schema has outlived is prepared again`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      try await connection.execute("create table t as select 1 as n")
      let statements = [SQL](repeating: "select * from t", count: 4)
      #expect(try await connection.readAhead(statements) { _ in } == nil)
      try await connection.execute("alter table t add m int default 7")
      let seen = Seen()
      #expect(try await connection.readAhead(statements) { seen.take($0) } == nil)
      #expect(seen.batches.withLock { $0.flatMap(\.values) } == ["1", "1", "1", "1"])
    }
  }

  @Test func `more data than the buffers hold, an error of the reader, a cancelled task`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let text = String(repeating: "x", count: 200_000)
      let bytes = Mutex(0)
      let failed = try await connection.readAhead((0..<100).map { _ in "select \(text)" }) { part in
        bytes.withLock { $0 += part.rows.reduce(0) { $0 + ($1[0]?.utf8.count ?? 0) } }
      }
      #expect(failed == nil && bytes.withLock { $0 } == 20_000_000)
      struct Enough: Error {}
      let endless: SQL = "select generate_series(1, 1000000000)"
      await #expect(throws: Enough.self) {
        try await connection.readAhead([endless, "select 1"]) { _ in throw Enough() }
      }
      let limited = try await connection.readAhead([endless, "select 1"], timeLimit: .milliseconds(50)) { _ in }
      #expect(limited?.kind == .timedOut)
      #expect(try await connection.execute("select 1") == 1)
    }
  }
}

import CLibPQ
import FoundationEssentials
import SQLText

extension PostgresConnection {
  /// COPY ... FROM STDIN: the fastest way to insert many rows; the result is how many. An error copies none of them.
  ///
  /// Table and columns are named unquoted. Each row has as many values as there are columns, in their order; the sequence
  /// is read on the connection's thread, one buffer of 64 KB at a time.
  @discardableResult
  public func copyIn(
    _ table: String, columns: [String], rows: some Sequence<[SQLValue]> & Sendable, timeLimit: Duration? = nil
  ) async throws -> Int {
    let names = SQL.joined(columns.map { "\(identifier: $0)" }, separator: ", ")
    return try await perform(timeLimit) { _, link, exchange in
      try link.beginCopy("copy \(identifier: table) (\(names)) from stdin", exchange)
      var buffer: [UInt8] = []
      do {
        for row in rows {
          guard row.count == columns.count else {
            throw PostgresError(.usage, "a row to copy has \(row.count) values for \(columns.count) columns")
          }
          CopyText.append(row, to: &buffer)
          if buffer.count >= CopyText.chunkSize { try link.sendCopy(&buffer, exchange) }
        }
        try link.sendCopy(&buffer, exchange)
      } catch {
        throw link.abortCopy(exchange, error)
      }
      return try link.endCopy(exchange)
    }
  }

  /// COPY ... FROM STDIN with data that is already in the format that the statement names, in pieces that are cut
  /// anywhere and read on the connection's thread; the result is how many rows were copied.
  @discardableResult
  public func copyIn(
    _ statement: SQL, chunks: some Sequence<[UInt8]> & Sendable, timeLimit: Duration? = nil
  ) async throws -> Int {
    try await perform(timeLimit) { _, link, exchange in
      try link.beginCopy(statement, exchange)
      do {
        for var chunk in chunks { try link.sendCopy(&chunk, exchange) }
      } catch {
        throw link.abortCopy(exchange, error)
      }
      return try link.endCopy(exchange)
    }
  }
}

extension Link {
  fileprivate func beginCopy(_ statement: SQL, _ exchange: Exchange) throws(PostgresError) {
    let (text, bindings) = statement.rendered()
    if !bindings.isEmpty { throw PostgresError(.usage, "COPY takes no parameters") }
    try StatementText.refuseNUL(text)
    try sent(PQsendQuery(connection, text))
    guard let result = try nextResult(exchange) else { throw PostgresError(.usage, "the statement is empty") }
    if result.status == PGRES_COPY_IN { return }
    let failure =
      result.status == PGRES_FATAL_ERROR
      ? error(of: result, exchange) : PostgresError(.usage, "the statement is no COPY ... FROM STDIN")
    drain(exchange)
    throw failure
  }

  /// Sends and empties the buffer; waits while the server is behind.
  fileprivate func sendCopy(_ buffer: inout [UInt8], _ exchange: Exchange) throws(PostgresError) {
    if buffer.isEmpty { return }
    let status = buffer.withUnsafeBytes { bytes in
      PQputCopyData(
        connection, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: bytes.count))
    }
    guard status == 1 else { throw PostgresError.lost }
    buffer.removeAll(keepingCapacity: true)
    try flushAll(exchange)
    // A copy that waits for nothing would otherwise never look at its time limit.
    if exchange.step(now: .now) == .requestCancel { throw Exchange.error(of: exchange.stop ?? .cancelled) }
  }

  fileprivate func endCopy(_ exchange: Exchange) throws(PostgresError) -> Int {
    guard PQputCopyEnd(connection, nil) == 1 else { throw PostgresError.lost }
    try flush()
    return try collect(exchange).last?.rowsAffected ?? 0
  }

  /// Takes back what was sent, and says why: the server's own reason where there is one.
  fileprivate func abortCopy(_ exchange: Exchange, _ cause: any Error) -> any Error {
    if isLost { return cause }
    guard PQputCopyEnd(connection, "the client gave up") == 1 else {
      markLost()
      return cause
    }
    drain(exchange)
    return cause
  }
}

/// COPY's text format: tab between values, `\N` for null, backslash escapes.
enum CopyText {
  static let chunkSize = 64 * 1024

  static func append(_ row: [SQLValue], to buffer: inout [UInt8]) {
    for (index, value) in row.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: "\t")) }
      append(value, to: &buffer)
    }
    buffer.append(UInt8(ascii: "\n"))
  }

  private static func append(_ value: SQLValue, to buffer: inout [UInt8]) {
    switch value {
    case .null: buffer.append(contentsOf: "\\N".utf8)
    case .bool(let value): buffer.append(UInt8(ascii: value ? "t" : "f"))
    case .int(let value): buffer.append(contentsOf: String(value).utf8)
    case .double(let value): buffer.append(contentsOf: number(value).utf8)
    case .text(let value), .json(let value): escape(value, into: &buffer)
    case .bytes(let bytes): escape(hexadecimal(bytes), into: &buffer)
    case .timestamp(let date): buffer.append(contentsOf: timestamp(date).utf8)
    case .ints(let values): array(values.map { String($0) }, into: &buffer)
    case .doubles(let values): array(values.map(number), into: &buffer)
    case .bools(let values): array(values.map { $0 ? "t" : "f" }, into: &buffer)
    case .texts(let values): array(values.map(quoted), into: &buffer)
    }
  }

  private static func escape(_ text: String, into buffer: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): buffer.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\t"): buffer.append(contentsOf: "\\t".utf8)
      case UInt8(ascii: "\n"): buffer.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): buffer.append(contentsOf: "\\r".utf8)
      default: buffer.append(byte)
      }
    }
  }

  private static func array(_ elements: [String], into buffer: inout [UInt8]) {
    escape("{" + elements.joined(separator: ",") + "}", into: &buffer)
  }

  private static func quoted(_ text: String) -> String {
    "\"" + String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }) + "\""
  }

  private static func number(_ value: Double) -> String {
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return value.isNaN ? "NaN" : "\(value)"
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return "\\x" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Microseconds on PostgreSQL's own scale, which needs no calendar here.
  private static func timestamp(_ date: Date) -> String {
    switch date.postgresMicroseconds {
    case .max: "infinity"
    case .min: "-infinity"
    case let microseconds: TimestampText.text(microsecondsSince2000: microseconds)
    }
  }
}

import CLibPQ

/// A libpq result, freed with its last reader.
///
/// `@unchecked Sendable`: once received, a result is never changed, and libpq only reads it.
final class ResultHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }
  var rowCount: Int { Int(PQntuples(pointer)) }
  var columnCount: Int { Int(PQnfields(pointer)) }

  /// 0 for a statement that affects no rows.
  var rowsAffected: Int {
    guard let text = PQcmdTuples(pointer) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }

  /// Such as `INSERT 0 3`.
  var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  var errorMessage: String { PQresultErrorMessage(pointer).map { String(cString: $0) } ?? "" }

  /// A field of the server's error by its one-letter code of the protocol.
  func errorField(_ code: Unicode.Scalar) -> String? {
    PQresultErrorField(pointer, Int32(code.value)).map { String(cString: $0) }
  }

  func column(_ index: Int) -> Column {
    Column(
      name: PQfname(pointer, Int32(index)).map { String(cString: $0) } ?? "", oid: PQftype(pointer, Int32(index)))
  }

  /// Calls with a value's text, nil for null; it must not escape.
  func withText<T>(row: Int, column: Int, _ body: (PostgresText?) throws -> T) rethrows -> T {
    try withExtendedLifetime(self) {
      let row = Int32(truncatingIfNeeded: row)
      let column = Int32(truncatingIfNeeded: column)
      guard PQgetisnull(pointer, row, column) == 0, let value = PQgetvalue(pointer, row, column) else {
        return try body(nil)
      }
      let bytes = UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(pointer, row, column)))
      return try body(PostgresText(bytes: bytes))
    }
  }
}

/// A result's column as the server describes it.
public struct Column: Sendable, Equatable {
  public let name: String
  /// The type's OID: 20 is int8, 25 text, 1184 timestamptz.
  public let oid: UInt32
}

/// All rows of a statement, held in memory.
public struct QueryResult: Sendable {
  let handle: ResultHandle

  /// In the order of the select list.
  public var columns: [Column] { (0..<handle.columnCount).map(handle.column) }

  /// In the order of the server.
  public var rows: Rows { Rows(handle: handle) }

  /// Rows selected, inserted, updated or deleted; 0 for statements that count none.
  public var rowsAffected: Int { handle.rowsAffected }

  /// What the server says it did, such as `UPDATE 3`.
  public var commandTag: String { handle.commandTag }

  /// The rows as a collection; reading a row copies nothing.
  public struct Rows: RandomAccessCollection, Sendable {
    let handle: ResultHandle

    public var startIndex: Int { 0 }
    public var endIndex: Int { handle.rowCount }

    public subscript(index: Int) -> Row {
      precondition(index >= 0 && index < endIndex, "row \(index) of \(endIndex)")
      return Row(handle: handle, index: index)
    }
  }
}

/// One row of a result.
public struct Row: Sendable {
  let handle: ResultHandle
  let index: Int

  /// How many columns the row has.
  public var count: Int { handle.columnCount }

  /// A column's text as PostgreSQL writes it, nil for null.
  public subscript(column: Int) -> String? {
    precondition(column >= 0 && column < count, "column \(column) of \(count)")
    return handle.withText(row: index, column: column) { $0?.string }
  }

  /// The row's values by position: `let (id, name, at) = try row.decode((Int64, String, Date?).self)`.
  /// - Throws: `PostgresError` of kind `decoding` that names the column, what it was read as and what came; of kind
  ///   `usage` when the row has another number of columns.
  public func decode<each T: PostgresDecodable>(_ types: (repeat each T).Type) throws(PostgresError) -> (repeat each T)
  {
    var column = 0
    func next<U: PostgresDecodable>(_ type: U.Type) throws(PostgresError) -> U {
      defer { column += 1 }
      return try decode(column: column, as: type)
    }
    let width = handle.columnCount
    let values = try (repeat next((each T).self))
    if column != width {
      throw PostgresError(.usage, "the row has \(width) columns, but \(column) were asked for")
    }
    return values
  }

  /// One column's value.
  /// - Throws: as `decode(_:)`.
  public func decode<T: PostgresDecodable>(column: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
    guard column < handle.columnCount else {
      throw PostgresError(.usage, "the row has \(handle.columnCount) columns, but number \(column + 1) was asked for")
    }
    let value: (decoded: T?, isNull: Bool) = handle.withText(row: index, column: column) { text in
      if let text { (T.decode(text), false) } else { (T.decodedNull, true) }
    }
    if let decoded = value.decoded { return decoded }
    let description = handle.column(column)
    let came = value.isNull ? "null" : "a value of type \(TypeName.of(description.oid))"
    throw PostgresError(
      .decoding, "column \(column + 1) (\(description.name)) is read as \(T.self), but \(came) came")
  }
}

enum TypeName {
  private static let names: [UInt32: String] = [
    16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 25: "text", 114: "json", 700: "float4", 701: "float8",
    1000: "bool[]", 1009: "text[]", 1016: "int8[]", 1022: "float8[]", 1043: "varchar", 1082: "date", 1114: "timestamp",
    1184: "timestamptz", 1186: "interval", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
  ]

  static func of(_ oid: UInt32) -> String { names[oid] ?? "with OID \(oid)" }
}

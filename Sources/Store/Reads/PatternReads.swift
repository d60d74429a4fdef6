import PostgresClient
import SQLText

/// Asks the server about regular expressions, whose dialect only it knows.
public struct PatternReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// For each pattern what is wrong with it, in the server's words; nil for a sound one.
  public func mistakes(in patterns: [String]) async throws -> [String?] {
    try await connection.query(
      "select query_regex_error(p.pattern) from unnest(\(patterns)) with ordinality as p (pattern, place) order by p.place"
    ).rows.map { try $0.decode(column: 0, as: String?.self) }
  }
}

import Model
import PostgresClient
import SQLText

/// What checking a statement needs to know of the database at this moment, in one round trip.
public struct Lookup: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The names of these kinds, and the version of the project's macros when it is asked for.
  public func read(
    _ kinds: [NameKind], macros: Bool, project: ProjectID?
  ) async throws -> (names: [NameKind: [AxisMember]], macroVersion: Int?) {
    let names = Names(connection)
    var statements = kinds.map { names.query($0, project) }
    if macros, let project { statements.append(Macros.version(project)) }
    let results = try await connection.pipeline(statements)
    var found: [NameKind: [AxisMember]] = [:]
    for (kind, result) in zip(kinds, results) { found[kind] = try Names.members(result) }
    return (found, try results.dropFirst(kinds.count).first?.rows[0].decode(Int.self))
  }
}

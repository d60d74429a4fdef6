import Foundation
import Model
import PostgresClient
import SQLText

/// One version of a macro.
public struct SavedMacro: Equatable, Sendable {
  /// In lower case.
  public var name: String
  public var version: Int
  /// `save @name(...) = ...` in canonical form; nil: dropped.
  public var definition: String?
  public var by: String?
  public var at: Date
}

/// The macros of a project. Nothing is overwritten: saving and dropping add a version.
public struct Macros: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Goes up with every change; a library that was read at the same version is current.
  static func version(_ project: ProjectID) -> SQL { "select count(*) from macros where project_id = \(project)" }

  /// The newest version of every macro there ever was, dropped ones among them, by name; and the library's version. One
  /// round trip, one moment.
  public func library(of project: ProjectID) async throws -> (version: Int, macros: [SavedMacro]) {
    let rows = try await connection.query(
      """
      select distinct on (m.name) m.name, m.version, m.definition, u.name, m.created_at,
        count(*) over () from macros m
      left join users u on u.id = m.created_by_id
      where m.project_id = \(project) order by m.name, m.version desc
      """
    ).rows
    let version = try rows.first?.decode(column: 5, as: Int.self) ?? 0
    return (version, try rows.map(macro))
  }

  /// Every version of one macro, newest first.
  public func versions(of name: String, in project: ProjectID) async throws -> [SavedMacro] {
    try await connection.query(
      """
      select m.name, m.version, m.definition, u.name, m.created_at, 0 from macros m
      left join users u on u.id = m.created_by_id
      where m.project_id = \(project) and m.name = \(name.lowercased()) order by m.version desc
      """
    ).rows.map(macro)
  }

  /// Adds a version; nil drops the macro. Call inside a transaction, under `ProjectLock`. Returns its number.
  public func save(
    _ name: String, definition: String?, parameters: String, documentation: String?, project: ProjectID, by user: UserID
  ) async throws -> Int {
    let name = name.lowercased()
    return try await connection.query(
      """
      insert into macros (project_id, name, version, definition, parameters, documentation, created_by_id)
      select \(project), \(name), coalesce(max(version), 0) + 1, \(definition.sqlValue)::text, \(parameters),
        \(documentation.sqlValue)::text, \(user)
      from macros where project_id = \(project) and name = \(name)
      returning version
      """
    ).rows[0].decode(Int.self)
  }

  private func macro(_ row: Row) throws -> SavedMacro {
    let (name, version, definition, by, at, _) = try row.decode((String, Int, String?, String?, Date, Int).self)
    return SavedMacro(name: name, version: version, definition: definition, by: by, at: at)
  }
}

import Foundation
import Model
import PostgresClient
import SQLText

/// One version of a script.
public struct SavedScript: Equatable, Sendable {
  /// In lower case.
  public var name: String
  public var version: Int
  /// As written, without brackets: `$who: character, $limit = 10`.
  public var parameters: String
  /// The statements; nil: dropped.
  public var body: String?
  /// What its own includes are relative to.
  public var folder: String?
  public var by: String?
  public var at: Date
}

/// The scripts of a project. Nothing is overwritten: saving and dropping add a version.
public struct Scripts: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The newest version of every script that is not dropped, by name.
  public func all(of project: ProjectID) async throws -> [SavedScript] {
    try await newest(project, "true").filter { $0.body != nil }
  }

  /// The newest version, dropped or not; nil when there never was one.
  public func find(_ name: String, in project: ProjectID) async throws -> SavedScript? {
    try await newest(project, "s.name = \(name.lowercased())").first
  }

  /// Every version of one script, newest first.
  public func versions(of name: String, in project: ProjectID) async throws -> [SavedScript] {
    try await connection.query(
      """
      select s.name, s.version, s.parameters, s.body, s.folder, u.name, s.created_at from scripts s
      left join users u on u.id = s.created_by_id
      where s.project_id = \(project) and s.name = \(name.lowercased()) order by s.version desc
      """
    ).rows.map(script)
  }

  /// Adds a version, with its event; a nil body drops the script. Call inside a transaction, under `ProjectLock`. Returns its number.
  public func save(
    _ name: String, body: String?, parameters: String, folder: String?, project: ProjectID, by user: UserID
  ) async throws -> Int {
    let name = name.lowercased()
    return try await connection.query(
      """
      with told as (
        insert into events (project_id, kind, entity, detail)
        select \(project), \(body == nil ? "drop" : "save"), 'scripts', jsonb_build_object('name', \(name)::text))
      insert into scripts (project_id, name, version, body, parameters, folder, created_by_id)
      select \(project), \(name), coalesce(max(version), 0) + 1, \(body.sqlValue)::text, \(parameters),
        \(folder.sqlValue)::text, \(user)
      from scripts where project_id = \(project) and name = \(name)
      returning version
      """
    ).rows[0].decode(Int.self)
  }

  private func newest(_ project: ProjectID, _ condition: SQL) async throws -> [SavedScript] {
    try await connection.query(
      """
      select distinct on (s.name) s.name, s.version, s.parameters, s.body, s.folder, u.name, s.created_at from scripts s
      left join users u on u.id = s.created_by_id
      where s.project_id = \(project) and \(condition) order by s.name, s.version desc
      """
    ).rows.map(script)
  }

  private func script(_ row: Row) throws -> SavedScript {
    let (name, version, parameters, body, folder, by, at) = try row.decode(
      (String, Int, String, String?, String?, String?, Date).self)
    return SavedScript(
      name: name, version: version, parameters: parameters, body: body, folder: folder, by: by, at: at)
  }
}

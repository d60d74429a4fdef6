import Foundation
import Model
import PostgresClient
import SQLText

/// The record of who changed what, written in the transaction of the change.
public struct Actions: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// One action with its event. The report's `left_alone` is kept as the producer saw it.
  /// - Parameters:
  ///   - id: the number that its journal was opened under.
  ///   - reason: why, as the producer wrote it.
  ///   - undone: the action that this one takes back. When that is an undo itself, what it took back is in force again.
  @discardableResult
  public func record(
    _ id: ActionID? = nil, undoing undone: ActionID? = nil, verb: String, entity: String, statement: String,
    project: ProjectID?, run: RunID?, by user: UserID?,
    selected: Int, changed: [Int64], leftAlone: [ActionReport.LeftAlone], reason: String? = nil
  ) async throws -> ActionID {
    let reasons = leftAlone.map { ["reason": $0.reason, "count": String($0.count)] }
    let json = String(decoding: try JSONEncoder().encode(reasons), as: UTF8.self)
    let result = try await connection.query(
      """
      with told as (
        insert into events (project_id, run_id, kind, entity, ids, count)
        values (\(project.sqlValue), \(run.sqlValue), \(verb), \(entity), \(changed), \(changed.count)))
      insert into actions (id, undoes_id, project_id, run_id, user_id, verb, entity, statement, selected, changed,
        left_alone, subject_ids, reason)
      values (coalesce(\(id.sqlValue)::bigint, nextval('actions_id_seq')), \(undone.sqlValue), \(project.sqlValue),
        (select id from production_runs where id = \(run.sqlValue)), \(user.sqlValue), \(verb), \(entity), \(statement), \(selected), \(changed.count),
        \(SQLValue.json(json)), \(changed), \(reason.sqlValue)::text)
      returning id
      """)
    let recorded = ActionID(try result.rows[0].decode(Int64.self))
    if let undone { try await mark(undone, undoneBy: recorded) }
    return recorded
  }

  private func mark(_ undone: ActionID, undoneBy id: ActionID) async throws {
    try await connection.execute("update actions set undone_by_id = \(id) where id = \(undone)")
    try await connection.execute("update actions set undone_by_id = null where undone_by_id = \(undone)")
  }

  /// The user of this name, made when there is none yet.
  public func user(named name: String) async throws -> UserID {
    let found = try await connection.query("select id from users where name = \(name)")
    if let row = found.rows.first { return UserID(try row.decode(Int64.self)) }
    let made = try await connection.query(
      """
      insert into users (name) values (\(name)) on conflict (name) do update set name = excluded.name returning id
      """)
    return UserID(try made.rows[0].decode(Int64.self))
  }
}

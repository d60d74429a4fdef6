import Foundation
import Model
import PostgresClient
import SQLText

/// A plan as it is kept.
public struct SavedPlan: Equatable, Sendable {
  public var id: Int64
  public var name: String
  public var runID: RunID?
  public var statement: String
  public var entity: String
  /// `submit take=new`
  public var action: String
  public var subjects: [Int64]
  public var changed: Int
  public var jobsQueued: Int
  public var leftAlone: [ActionReport.LeftAlone]
  public var notDone: [ActionReport.LeftAlone]
  /// Sentences.
  public var remarks: [String]
  public var gpuHours: Double
  public var diskGB: Double
  public var by: String?
  public var at: Date
  public var expiresAt: Date
  public var isExpired: Bool
  public var appliedAt: Date?
  public var actionID: ActionID?
}

/// A plan that is about to be kept.
public struct NewPlan: Sendable {
  public var project: ProjectID
  public var run: RunID?
  public var user: UserID
  /// nil: the next of p1, p2, ...
  public var name: String?
  public var statement: String
  public var entity: String
  public var verb: String
  public var action: String
  public var subjects: [Int64]

  public init(
    project: ProjectID, run: RunID?, user: UserID, name: String?, statement: String, entity: String, verb: String,
    action: String, subjects: [Int64]
  ) {
    self.project = project
    self.run = run
    self.user = user
    self.name = name
    self.statement = statement
    self.entity = entity
    self.verb = verb
    self.action = action
    self.subjects = subjects
  }
}

/// The plans of a project. They can be applied for a day, and are looked up for a week.
public struct Plans: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Keeps a plan with its rows as they are now; what it promises is set with `promise`. A plan of the same name gives
  /// way. Call inside a transaction, under `ProjectLock`. Nil: the entity has no actions.
  public func keep(_ plan: NewPlan) async throws -> (id: Int64, name: String, expiresAt: Date)? {
    guard let facts = RowFacts(entity: plan.entity, verb: plan.verb) else { return nil }
    try await connection.execute(
      """
      delete from plans where project_id = \(plan.project)
        and (created_at < now() - interval '7 days' or name = \(plan.name.sqlValue))
      """)
    let row = try await connection.query(
      """
      insert into plans (project_id, run_id, user_id, name, statement, entity, action, subject_ids, fact_names, facts,
        changed, jobs_queued, left_alone, not_done, gpu_seconds, disk_bytes, expires_at)
      select \(plan.project), \(plan.run.sqlValue)::bigint, \(plan.user), coalesce(\(plan.name.sqlValue)::text, (
          select 'p' || coalesce(max(substr(o.name, 2)::numeric), 0) + 1 from plans o
          where o.project_id = \(plan.project) and o.name ~ '^p[0-9]+$')),
        \(plan.statement), \(plan.entity), \(plan.action), coalesce(array_agg(f.id order by k.ordinality), '{}'),
        \(facts.names), coalesce(array_agg(f.facts order by k.ordinality), '{}'), 0, 0, '[]', '[]', 0, 0,
        now() + interval '1 day'
      from unnest(\(plan.subjects)) with ordinality as k (id, ordinality)
      join (\(facts.relation)) f on f.id = k.id
      returning id, name, expires_at
      """
    ).rows[0]
    let (id, name, expiresAt) = try row.decode((Int64, String, Date).self)
    return (id, name, expiresAt)
  }

  /// Sets down what a plan promises.
  public func promise(_ report: ActionReport, gpuHours: Double, diskGB: Double, by id: Int64) async throws {
    try await connection.execute(
      """
      update plans set changed = \(report.changed), jobs_queued = \(report.jobsQueued),
        left_alone = \(SQLValue.json(try Self.json(report.leftAlone))),
        not_done = \(SQLValue.json(try Self.json(report.notDone))), gpu_seconds = \(gpuHours * 3600),
        remarks = \(report.remarks.map(\.sentence)), disk_bytes = \(diskGB * 1e9)
      where id = \(id)
      """)
  }

  /// The plan of that name; locked until the end of the transaction.
  public func find(_ name: String, in project: ProjectID) async throws -> SavedPlan? {
    try await read("p.project_id = \(project) and p.name = \(name.lowercased())", "for update of p").first
  }

  /// Newest first, without their subjects.
  public func all(of project: ProjectID) async throws -> [SavedPlan] {
    try await read("p.project_id = \(project)", "", withSubjects: false)
  }

  public func markApplied(_ id: Int64, as action: ActionID?) async throws {
    try await connection.execute(
      "update plans set applied_at = now(), action_id = \(action.sqlValue)::bigint where id = \(id)")
  }

  /// How many of the plan's rows are not what they were, and the first of them.
  public func drift(of plan: SavedPlan, verb: String, limit: Int = 1000) async throws -> (count: Int, first: [Drift]) {
    guard let facts = RowFacts(entity: plan.entity, verb: verb) else { return (0, []) }
    let rows = try await connection.query(
      """
      select k.id, f.name, k.facts, f.facts, count(*) over ()
      from plans p
      cross join lateral unnest(p.subject_ids, p.facts) with ordinality as k (id, facts, ordinality)
      left join (\(facts.relation)) f on f.id = k.id
      where p.id = \(plan.id) and k.facts is distinct from f.facts
      order by k.ordinality limit \(limit)
      """
    ).rows
    let count = try rows.first?.decode(column: 4, as: Int.self) ?? 0
    return (count, try rows.map { try drift($0, facts.names, plan.entity) })
  }

  private func drift(_ row: Row, _ names: [String], _ entity: String) throws -> Drift {
    let (id, name, before, now, _) = try row.decode((Int64, String?, String, String?, Int).self)
    guard let name, let now else { return Drift(row: "\(entity) \(id)", changes: []) }
    let pairs = zip(zip(Self.texts(before), Self.texts(now)), names)
    return Drift(
      row: name,
      changes: pairs.filter { $0.0.0 != $0.0.1 }.map { .init(fact: $0.1, before: $0.0.0, now: $0.0.1) })
  }

  /// The values of a JSON array as a person reads them.
  private static func texts(_ json: String) -> [String] {
    let values = (try? JSONDecoder().decode([Fact].self, from: Data(json.utf8))) ?? []
    return values.map(\.text)
  }

  private func read(_ condition: SQL, _ lock: SQL, withSubjects: Bool = true) async throws -> [SavedPlan] {
    try await connection.query(
      """
      select p.id, p.name, p.run_id, p.statement, p.entity, p.action,
        case when \(withSubjects) then p.subject_ids else '{}' end, p.changed, p.jobs_queued, p.left_alone::text,
        p.not_done::text, p.gpu_seconds / 3600, p.disk_bytes / 1e9, u.name, p.created_at, p.expires_at,
        p.expires_at <= now(), p.applied_at, p.action_id, p.remarks
      from plans p left join users u on u.id = p.user_id
      where \(condition) order by p.created_at desc, p.id desc \(lock)
      """
    ).rows.map(plan)
  }

  private func plan(_ row: Row) throws -> SavedPlan {
    SavedPlan(
      id: try row.decode(column: 0), name: try row.decode(column: 1),
      runID: try row.decode(column: 2, as: Int64?.self).map { RunID($0) }, statement: try row.decode(column: 3),
      entity: try row.decode(column: 4), action: try row.decode(column: 5), subjects: try row.decode(column: 6),
      changed: try row.decode(column: 7), jobsQueued: try row.decode(column: 8),
      leftAlone: try Self.counts(row.decode(column: 9)), notDone: try Self.counts(row.decode(column: 10)),
      remarks: try row.decode(column: 19),
      gpuHours: try row.decode(column: 11), diskGB: try row.decode(column: 12), by: try row.decode(column: 13),
      at: try row.decode(column: 14), expiresAt: try row.decode(column: 15), isExpired: try row.decode(column: 16),
      appliedAt: try row.decode(column: 17), actionID: try row.decode(column: 18, as: Int64?.self).map { ActionID($0) })
  }
}

/// A value of a row's facts.
private enum Fact: Decodable {
  case text(String)
  case list([String])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .text("none")
    } else if let flag = try? container.decode(Bool.self) {
      self = .text(flag ? "yes" : "no")
    } else if let number = try? container.decode(Int.self) {
      self = .text(String(number))
    } else if let words = try? container.decode([String].self) {
      self = .list(words)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  var text: String {
    switch self {
    case .text(let text): text
    case .list(let words): words.isEmpty ? "none" : words.joined(separator: ", ")
    }
  }
}

extension Plans {
  private struct Count: Codable {
    var reason: String
    var count: Int
  }

  private static func json(_ counts: [ActionReport.LeftAlone]) throws -> String {
    String(decoding: try JSONEncoder().encode(counts.map { Count(reason: $0.reason, count: $0.count) }), as: UTF8.self)
  }

  private static func counts(_ json: String) throws -> [ActionReport.LeftAlone] {
    try JSONDecoder().decode([Count].self, from: Data(json.utf8)).map { .init(reason: $0.reason, count: $0.count) }
  }
}

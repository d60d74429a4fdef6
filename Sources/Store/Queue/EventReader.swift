import Foundation
import Model
import PostgresClient
import SQLText

/// Something that happened, as the bus keeps it.
public struct Event: Equatable, Sendable {
  public let id: Int64
  public let projectID: ProjectID?
  public let runID: RunID?
  /// What happened: `queued`, `generated`, the verb of an action, ...
  public let kind: String
  /// The entity's plural as the language spells it.
  public let entity: String
  public let subjectIDs: [Int64]
  public let count: Int
  public let at: Date
}

/// A place between two events. Events are ordered by the transaction that wrote them and then by id: only so is it certain
/// that nothing comes into being before a place that has been read past.
public struct EventPosition: Comparable, Sendable {
  let transaction: Int64
  let id: Int64

  init(transaction: Int64, id: Int64) {
    self.transaction = transaction
    self.id = id
  }

  public static func < (one: EventPosition, other: EventPosition) -> Bool {
    (one.transaction, one.id) < (other.transaction, other.id)
  }

  /// Before everything.
  public static let beginning = EventPosition(transaction: 0, id: 0)
}

/// What a reader had not seen yet.
public struct EventBatch: Equatable, Sendable {
  public let events: [Event]
  /// The reader was away for longer than events are kept: some are gone, and only the tables know what they said.
  public let isIncomplete: Bool
}

/// Reads the bus from a place on, every event exactly once. An event whose transaction began earlier but commits later than
/// others is not passed over: nothing is handed out that is not older than every transaction still running.
///
/// Read when `EventReader.channel` notifies, and now and then without it: a notification is only a hint.
public struct EventReader: Sendable {
  public static let channel = "callsheet_events"

  let connection: PostgresConnection
  public private(set) var position: EventPosition

  public init(_ connection: PostgresConnection, from position: EventPosition) {
    self.connection = connection
    self.position = position
  }

  /// A reader of what happens from now on. What was committed a moment ago beside a transaction that still runs may be
  /// among it.
  public static func fromNow(_ connection: PostgresConnection) async throws -> EventReader {
    let horizon: Int64 = try await connection.query(
      "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    ).rows[0].decode(column: 0)
    return EventReader(connection, from: EventPosition(transaction: horizon, id: 0))
  }

  /// The next events, at most `limit`, and moves on behind them. Fewer than `limit` means that there are no more for now.
  /// - Parameter project: hand out this one's alone; the others are passed over.
  public mutating func next(limit: Int = 1000, project: ProjectID? = nil) async throws -> EventBatch {
    let start = position
    let rows = try await connection.query(
      """
      select e.id, e.xid::text::bigint, e.project_id, e.run_id, e.kind, e.entity, e.ids, e.count, e.at
      from events e
      where (e.xid, e.id) > (\(String(position.transaction))::text::xid8, \(position.id))
        and e.xid < pg_snapshot_xmin(pg_current_snapshot())
      order by e.xid, e.id limit \(limit)
      """
    ).rows
    let isIncomplete: Bool = try await connection.query(
      """
      select exists (select 1 from retention where subject = 'events'
        and (dropped_xid, dropped_id) > (\(String(position.transaction))::text::xid8, \(position.id)))
      """
    ).rows[0].decode(column: 0)
    var events: [Event] = []
    for row in rows {
      let (id, transaction, owner, run, kind, entity, ids, count, at) = try row.decode(
        (Int64, Int64, Int64?, Int64?, String, String, [Int64], Int, Date).self)
      position = EventPosition(transaction: transaction, id: id)
      if let project, owner != project.rawValue { continue }
      events.append(
        Event(
          id: id, projectID: owner.map(ProjectID.init), runID: run.map(RunID.init), kind: kind, entity: entity,
          subjectIDs: ids, count: count, at: at))
    }
    return EventBatch(events: events, isIncomplete: isIncomplete && start != .beginning)
  }
}

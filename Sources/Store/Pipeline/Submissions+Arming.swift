import Model
import PostgresClient
import SQLText

/// What became of the cells of a submission before anything was queued.
public struct Armed: Equatable, Sendable {
  public var selection = Selection(changed: [], leftAlone: [])
  /// Of the changed ones, those whose take can start now if the budgets hold it; they are not armed yet.
  public var ready: [Int64] = []
  public var waiting: [Int64] = []
  /// Of the waiting ones, those for which a budget has something set aside from before.
  public var reserved: [Int64] = []
}

/// What a submission says of its cells beside that they are wanted.
public struct SubmissionTerms: Sendable {
  /// nil leaves it as it is.
  let urgency: Int?
  let isFit: Bool

  public init(priority: Int?, fit: Bool) {
    urgency = priority
    isFit = fit
  }

  // Of a row `c` of `cells`.
  var priority: SQL { "coalesce(\(urgency.sqlValue)::smallint, c.priority)" }
  /// A cell with something set aside keeps it until it is asked.
  var fit: SQL { "case when c.reserved_gpu_seconds is null then \(isFit) else c.fit end" }
  /// Nothing would change.
  var areSaid: SQL { "c.fit = \(isFit) and c.priority = \(priority)" }
  var submittedAt: SQL {
    """
    case when c.submitted and c.submitted_at is not null and c.status = 'blocked' then c.submitted_at else now() end
    """
  }
}

extension Submissions {
  /// Arms the cells whose status is in `takes` or that are stale where `takesStale`, and sets aside the take of those
  /// that have one, so that the next is made. All others are counted by their status, and those that wait already just as
  /// they would then as submitted already. Cells whose take can start now are left as they are, for `Starts` arms and
  /// starts them in one change of each row; the others are blocked, and saying so here spares the kept copies a second
  /// change of each.
  public func arm(
    _ ids: [Int64], taking takes: [CellStatus], takesStale: Bool, _ terms: SubmissionTerms
  ) async throws -> Armed {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.scene_id, c.run_id, c.character_id, c.scene_type_id, c.variant_type_id, c.status, c.stale, c.held,
          c.reserved_gpu_seconds is not null as reserved,
          (c.status = any (\(takes.map(\.rawValue))::cell_status[])
            or (\(takesStale) and c.stale and c.status in ('qa_review', 'approved'))) as takes,
          c.status = 'blocked' and c.submitted and \(terms.areSaid) as waits
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      judged as materialized (
        select k.id, k.scene_id, k.run_id, k.stale, k.reserved, x.taken,
          case when k.takes and not x.taken then 'submitted already' else k.status::text end as status,
          k.status in \(Self.settled) as settled,
          x.taken and not k.held and not k.reserved and r.status_id <> 3 and y.tripped_at is null
            and source_cause(i.qa_status) is null and look_cause(v.status, v.source_sha256, i.sha256) is null as ready
        from chosen k
        join production_runs r on r.id = k.run_id
        join scene_types y on y.id = k.scene_type_id
        left join source_images i on i.character_id = k.character_id
        left join variants v on v.character_id = k.character_id and v.variant_type_id = k.variant_type_id
        cross join lateral (
          select k.takes and not (k.waits and coalesce(v.status not in ('failed', 'rejected')
            and (v.status not in ('approved', 'review') or v.source_sha256 is not distinct from i.sha256), true))
            as taken) x),
      \(Self.blocking("judged", "k.taken and not k.ready", terms)),
      running as (
        update production_runs r set status_id = 2, started_at = coalesce(r.started_at, now())
        where r.id in (select run_id from judged where taken) and r.status_id in (1, 4, 5, 6))
      select k.id, k.taken, k.status, k.stale, k.ready, k.reserved from judged k order by k.id
      """)
    return try armed(result)
  }

  /// Arms these cells without a look at their status: they wait, although all but a budget is there.
  public func block(_ ids: [Int64], _ terms: SubmissionTerms) async throws {
    if ids.isEmpty { return }
    try await connection.execute(
      """
      with chosen as materialized (
        select c.id, c.scene_id, c.status in \(Self.settled) as settled
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      \(Self.blocking("chosen", "true", terms))
      select 1
      """)
  }

  /// What a cell is whose take is over. Those of other runs at its scene are the same, unless they are skipped.
  static let settled: SQL = "('qa_review', 'approved', 'failed', 'rejected')"

  /// Common table expressions that arm cells `k` of a relation, blocked, and set their takes aside. Other runs' cells that were
  /// settled with these takes got what they were submitted for: they want no other.
  private static func blocking(_ relation: SQL, _ condition: SQL, _ terms: SubmissionTerms) -> SQL {
    """
    retired as (
      update scenes s set current_take_id = null
      from \(relation) k where s.id = k.scene_id and \(condition) and s.current_take_id is not null),
    parted as (
      update cells c set submitted = false, status = 'not_started', stale = false, segments_done = 0, segments_total = 0
      from \(relation) k where k.settled and \(condition) and c.scene_id = k.scene_id and c.status <> 'skipped'
        and c.id not in (select id from \(relation))),
    blocked as (
      update cells c
      set submitted = true, submitted_at = \(terms.submittedAt), priority = \(terms.priority), fit = \(terms.fit),
        status = 'blocked', stale = false, segments_done = 0, segments_total = 0
      from \(relation) k where c.id = k.id and \(condition))
    """
  }

  /// Whether these cells, which are armed now, begin only as a whole: with their takes set aside from the start. Answers
  /// whether anything that was set aside is given back.
  public func ask(_ ids: [Int64], fit: Bool) async throws -> Bool { try await Fit(connection).ask(ids, fit) }

  private func armed(_ result: QueryResult) throws -> Armed {
    var armed = Armed()
    var others: [String: Int] = [:]
    for row in result.rows {
      let (id, taken, status, stale, ready, reserved) = try row.decode(
        (Int64, Bool, String, Bool, Bool, Bool).self)
      guard taken else {
        others[Self.reason(status, stale: stale), default: 0] += 1
        continue
      }
      armed.selection.changed.append(id)
      if ready { armed.ready.append(id) } else { armed.waiting.append(id) }
      if reserved { armed.reserved.append(id) }
    }
    armed.selection.leftAlone = LeftAlone.sorted(others)
    return armed
  }
}

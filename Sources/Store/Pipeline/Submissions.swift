import Model
import PostgresClient
import SQLText

/// A row an action was given and why it leaves it alone, or that it takes it.
public struct Disposition: Equatable, Sendable {
  public let reason: String
  public let count: Int
}

/// What became of the rows of an action before anything was queued.
public struct Selection: Equatable, Sendable {
  /// Rows the action changed, in id order.
  public var changed: [Int64]
  public var leftAlone: [ActionReport.LeftAlone]

  public init(changed: [Int64], leftAlone: [ActionReport.LeftAlone]) {
    self.changed = changed
    self.leftAlone = leftAlone
  }
}

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
  var submittedAt: SQL {
    """
    case when c.submitted and c.submitted_at is not null and c.status = 'blocked' then c.submitted_at else now() end
    """
  }
}

/// Arms and disarms cells. Every function is set-based: one statement for any number of cells.
public struct Submissions: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

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
          c.status = 'blocked' and c.submitted and c.fit = \(terms.isFit)
            and c.priority = \(terms.priority)
            and not exists (
              select 1 from variants v join source_images i on i.character_id = v.character_id
              where v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
                and (v.status in ('failed', 'rejected')
                  or look_cause(v.status, v.source_sha256, i.sha256) = 'variant_stale')) as waits
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      judged as materialized (
        select k.id, k.scene_id, k.run_id, k.stale, k.reserved, k.takes and not k.waits as taken,
          case when k.takes and k.waits then 'submitted already' else k.status::text end as status,
          k.takes and not k.waits and not k.held and not k.reserved and coalesce(r.status_id <> 3
            and y.tripped_at is null and i.qa_status in ('passed', 'waived') and v.status = 'approved'
            and v.source_sha256 = i.sha256, false) as ready
        from chosen k
        join production_runs r on r.id = k.run_id
        join scene_types y on y.id = k.scene_type_id
        left join source_images i on i.character_id = k.character_id
        left join variants v on v.character_id = k.character_id and v.variant_type_id = k.variant_type_id),
      \(Self.blocking("judged k", "k.taken and not k.ready", terms)),
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
      with chosen as materialized (select c.id, c.scene_id from cells c where c.id = any (\(ids)) order by c.id for no key update),
      \(Self.blocking("chosen k", "true", terms))
      select 1
      """)
  }

  /// Common table expressions that arm cells of a relation `k`, blocked, and set their takes aside.
  private static func blocking(_ relation: SQL, _ condition: SQL, _ terms: SubmissionTerms) -> SQL {
    """
    retired as (
      update scenes s set current_take_id = null
      from \(relation) where s.id = k.scene_id and \(condition) and s.current_take_id is not null),
    blocked as (
      update cells c
      set submitted = true, submitted_at = \(terms.submittedAt), priority = \(terms.priority), fit = \(terms.fit),
        status = 'blocked', stale = false, segments_done = 0, segments_total = 0
      from \(relation) where c.id = k.id and \(condition))
    """
  }

  /// Whether these cells, which are armed now, begin only as a whole: with their takes set aside from the start. Answers
  /// whether anything that was set aside is given back.
  public func ask(_ ids: [Int64], fit: Bool) async throws -> Bool { try await Fit(connection).ask(ids, fit) }

  /// Orders the looks of these cells anew that failed or were rejected; they are made as soon as they can. Returns them:
  /// other cells may have waited for them, too.
  public func reopenVariants(of ids: [Int64]) async throws -> [Int64] {
    if ids.isEmpty { return [] }
    return try await connection.query(
      """
      update variants v set status = 'not_started', error = null, note = null
      where v.status in ('failed', 'rejected') and exists (
        select 1 from cells c where c.id = any (\(ids)) and c.character_id = v.character_id
          and c.variant_type_id = v.variant_type_id)
      returning v.id
      """
    ).rows.map { try $0.decode(Int64.self) }
  }

  /// Out of the run (with a reason), or back into it.
  public func skip(_ ids: [Int64], reason: String?, by user: UserID?) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.status, c.stale, c.status not in ('approved', 'skipped') as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (
        update cells c set skipped = true, skip_reason = \(reason.sqlValue), skipped_by_id = \(user.sqlValue)
        from chosen k where c.id = k.id and k.taken)
      select k.id, k.taken, k.status::text, k.stale from chosen k order by k.id
      """)
    return try selection(result)
  }

  public func unskip(_ ids: [Int64]) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.status, c.stale, c.skipped as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (
        update cells c set skipped = false, skip_reason = null, skipped_by_id = null
        from chosen k where c.id = k.id and k.taken)
      select k.id, k.taken, k.status::text, k.stale from chosen k order by k.id
      """)
    return try selection(result)
  }

  /// Disarms the submitted cells that are not finished. Their takes end; work in hand is told to stop.
  public func disarm(_ ids: [Int64]) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.scene_id, c.status, c.stale,
          c.submitted and c.status in ('blocked', 'queued', 'generating', 'skipped') as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (update cells c set submitted = false from chosen k where c.id = k.id and k.taken)
      select k.id, k.taken, case when k.status = 'blocked' or k.taken then k.status::text
        else k.status::text end, k.stale
      from chosen k order by k.id
      """)
    return try selection(result)
  }

  public func hold(_ ids: [Int64], _ held: Bool) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.status, c.stale, c.held <> \(held) as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (update cells c set held = \(held) from chosen k where c.id = k.id and k.taken)
      select k.id, k.taken, k.status::text, k.stale from chosen k order by k.id
      """)
    return try selection(result)
  }

  /// Puts a word on cells, or takes it off; those that have it already, or have it not, are left alone.
  public func tag(_ ids: [Int64], _ tag: String, on: Bool) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.status, c.stale, (\(tag) = any (c.tags)) <> \(on) as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (
        update cells c
        set tags = case when \(on) then array_append(c.tags, \(tag)) else array_remove(c.tags, \(tag)) end
        from chosen k where c.id = k.id and k.taken)
      select k.id, k.taken, \(on ? "tagged already" : "not tagged"), false from chosen k order by k.id
      """)
    return try selection(result)
  }

  /// Work that waits in the queue is reordered too.
  public func prioritize(_ ids: [Int64], _ priority: Int) async throws -> Selection {
    let result = try await connection.query(
      """
      with chosen as materialized (
        select c.id, c.scene_id, c.status, c.stale, c.status not in ('approved', 'skipped') as taken
        from cells c where c.id = any (\(ids)) order by c.id for no key update),
      changed as (update cells c set priority = \(priority) from chosen k where c.id = k.id and k.taken),
      waiting as materialized (\(Self.waiting(for: ids))),
      leased as (
        update leased_jobs r set rank = -\(priority), turn = line_front(r.kind, (-\(priority))::smallint)
        from waiting w where r.job_id = w.job_id and r.rank <> -\(priority))
      select k.id, k.taken, k.status::text, k.stale from chosen k order by k.id
      """)
    let changed = try selection(result)
    try await connection.execute(
      Enqueue.rejoin(
        """
        select q.job_id from (\(Self.waiting(for: changed.changed))) w
        join ready_jobs q on q.job_id = w.job_id and q.rank <> -\(priority)
        """, rank: "-\(priority)", runAt: "r.run_at"))
    return changed
  }

  /// The live jobs that these cells, unless they are done with, wait for.
  private static func waiting(for cells: [Int64]) -> SQL {
    """
    select l.job_id from (
      select k.id, k.scene_id from cells k where k.id = any (\(cells)) and k.status not in ('approved', 'skipped')) k
    join scenes s on s.id = k.scene_id
    join variants v on v.character_id = s.character_id and v.variant_type_id = s.variant_type_id
    cross join lateral (
      select 'segment'::job_kind as kind, g.id as subject_id from segments g where g.take_id = s.current_take_id
      union all
      select 'scene_qa', s.current_take_id
      union all
      select 'variant', v.id) w
    join live_jobs l on l.kind = w.kind and l.subject_id = w.subject_id
    """
  }

  /// How many of these cells wait for a budget and for nothing else, or do not begin as long as it does not hold them.
  public func withoutBudget(_ ids: [Int64]) async throws -> [ActionReport.LeftAlone] {
    if ids.isEmpty { return [] }
    return try await connection.query(
      """
      select x.cause, count(*) from (
        select b.cell_id, min(b.cause) filter (where b.cause like '%budget') as cause
        from cell_blockers b join cells c on c.id = b.cell_id
        where b.cell_id = any (\(ids))
        group by b.cell_id, c.id
        having bool_and(b.cause like '%budget')
          or c.fit and c.reserved_gpu_seconds is null and bool_or(b.cause like '%budget')) x
      group by x.cause order by x.cause
      """
    ).rows.map { row in
      let (cause, count) = try row.decode((String, Int).self)
      return ActionReport.LeftAlone(
        reason: cause == "gpu_budget" ? "the GPU budget does not hold them" : "the disk budget does not hold them",
        count: count)
    }
  }

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

  private static func reason(_ status: String, stale: Bool) -> String { stale ? "\(status), stale" : status }

  private func selection(_ result: QueryResult) throws -> Selection {
    var changed: [Int64] = []
    var others: [String: Int] = [:]
    for row in result.rows {
      let (id, taken, status, stale) = try row.decode((Int64, Bool, String, Bool).self)
      if taken { changed.append(id) } else { others[Self.reason(status, stale: stale), default: 0] += 1 }
    }
    return Selection(changed: changed, leftAlone: LeftAlone.sorted(others))
  }
}

public enum LeftAlone {
  /// Most first; equal counts by name.
  public static func sorted(_ counts: [String: Int]) -> [ActionReport.LeftAlone] {
    counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { .init(reason: $0.key, count: $0.value) }
  }
}

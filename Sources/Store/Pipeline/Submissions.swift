import Model
import PostgresClient
import SQLText

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

/// Arms and disarms cells. Every function is set-based: one statement for any number of cells.
public struct Submissions: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

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
      select k.id, k.taken, k.status::text, k.stale from chosen k order by k.id
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

  static func reason(_ status: String, stale: Bool) -> String { stale ? "\(status), stale" : status }

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

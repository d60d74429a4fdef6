import Model
import PostgresClient
import SQLText

/// What people decide. Set-based; what a decision does not apply to is counted by its status.
public struct Reviews: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  public func cells(
    _ ids: [Int64], _ decision: Decision, by user: UserID?, note: String?
  ) async throws -> Selection {
    try await selection(
      """
      with chosen as materialized (
        select c.id, s.current_take_id as take_id,
          c.status = 'qa_review' and not (c.stale and \(decision == .approve)) as taken,
          case when c.stale then c.status || ', stale' else c.status::text end as state
        from cells c join scenes s on s.id = c.scene_id
        where c.id = any (\(ids)) order by c.id for no key update of c),
      changed as (
        update takes t set review = \(decision.past)::review_decision, reviewer_id = \(user.sqlValue), reviewed_at = now(),
          note = \(note.sqlValue)
        from chosen k where t.id = k.take_id and k.taken)
      select id, taken, state from chosen order by id
      """)
  }

  /// Makes an earlier take the current one, approved; who approved it before stays on record. Not while a later one is in the making: that has to be cancelled
  /// first, since nobody could say which of the two was meant.
  public func approve(
    _ ids: [Int64], take number: Int, by user: UserID?, note: String?
  ) async throws -> Selection {
    let name = "take \(number)"
    let selection = try await selection(
      """
      with chosen as materialized (
        select c.id, c.scene_id, t.id as take_id, case
            when c.status in ('queued', 'generating', 'skipped') then c.status::text
            when t.id is null then 'no ' || \(name)
            when k.stale then \(name) || ' is stale'
            when k.status not in ('review', 'approved', 'rejected') then \(name) || ' is ' || k.status
            when s.current_take_id = t.id and k.status = 'approved' then 'approved'
          end as reason
        from cells c
        join scenes s on s.id = c.scene_id
        left join takes t on t.scene_id = s.id and t.number = \(number)
        left join take_truth k on k.id = t.id
        where c.id = any (\(ids)) order by c.id for no key update of c),
      changed as (
        update takes t set review = 'approved', reviewer_id = \(user.sqlValue), reviewed_at = now(), note = \(note.sqlValue)
        from chosen k where t.id = k.take_id and k.reason is null and t.review is distinct from 'approved'),
      pointed as (
        update scenes s set current_take_id = k.take_id from chosen k
        where s.id = k.scene_id and k.reason is null and s.current_take_id is distinct from k.take_id)
      select id, reason is null, coalesce(reason, '') from chosen order by id
      """)
    try await Fit(connection).giveBack(ids)
    return selection
  }

  public func variants(
    _ ids: [Int64], _ decision: Decision, by user: UserID?, note: String?
  ) async throws -> Selection {
    try await selection(
      """
      with chosen as materialized (
        select v.id,
          case when \(decision == .approve) then v.status = 'review' and v.source_sha256 = i.sha256
            else v.status in ('review', 'approved') end as taken,
          case when v.status in ('review', 'approved') and v.source_sha256 <> i.sha256 then v.status || ', stale'
            else v.status::text end as state
        from variants v join source_images i on i.character_id = v.character_id
        where v.id = any (\(ids)) order by v.id for no key update of v),
      changed as (
        update variants v set status = \(decision.past)::variant_status, reviewer_id = \(user.sqlValue), reviewed_at = now(),
          note = \(note.sqlValue)
        from chosen k where v.id = k.id and k.taken)
      select id, taken, state from chosen order by id
      """)
  }

  /// Approving a picture that failed its check waives the check; rejecting one blocks its character.
  public func sources(
    _ ids: [Int64], _ decision: Decision, by user: UserID?, note: String?
  ) async throws -> Selection {
    try await selection(
      """
      with chosen as materialized (
        select i.id, i.qa_status::text as state,
          case when \(decision == .approve) then i.qa_status = 'failed' else i.qa_status in ('passed', 'waived') end
            as taken
        from source_images i where i.id = any (\(ids)) order by i.id for no key update),
      changed as (
        update source_images i
        set qa_status = case when \(decision == .approve) then 'waived' else 'failed' end::qa_status,
          qa_reason = case when \(decision == .approve) then i.qa_reason
            else coalesce(\(note.sqlValue), 'rejected by a reviewer') end,
          reviewer_id = \(user.sqlValue), reviewed_at = now(), note = \(note.sqlValue)
        from chosen k where i.id = k.id and k.taken)
      select id, taken, state from chosen order by id
      """)
  }

  public enum Decision: String, Sendable {
    case approve, reject
    var past: String {
      switch self {
      case .approve: "approved"
      case .reject: "rejected"
      }
    }
  }

  private func selection(_ statement: SQL) async throws -> Selection {
    var changed: [Int64] = []
    var others: [String: Int] = [:]
    for row in try await connection.query(statement).rows {
      let (id, taken, state) = try row.decode((Int64, Bool, String).self)
      if taken { changed.append(id) } else { others[state, default: 0] += 1 }
    }
    return Selection(changed: changed, leftAlone: LeftAlone.sorted(others))
  }
}

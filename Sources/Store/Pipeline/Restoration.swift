import Model
import PostgresClient
import SQLText

/// Puts the rows of an action back to what they were before it, all but those that moved on. Call it under `ProjectLock`,
/// in the order of the functions.
public struct Restoration: Sendable {
  let connection: PostgresConnection
  let action: UndoneAction
  let conflicts: UndoConflicts

  public init(_ connection: PostgresConnection, _ action: UndoneAction, _ conflicts: UndoConflicts) {
    self.connection = connection
    self.action = action
    self.conflicts = conflicts
  }

  /// The rows that the action changed, by its own count, that do not stay as they are.
  public func subjects() async throws -> [Int64] {
    let left =
      switch action.entity {
      case "cells": conflicts.cells
      case "variants": conflicts.variants
      case "sources": conflicts.sources
      case "runs": conflicts.runs
      case "jobs": try await jobsInConflict()
      case "settings" where !conflicts.settings.isEmpty:
        try await ids("select unnest(subject_ids) from actions where id = \(action.id)")
      default: [Int64]()
      }
    return try await ids(
      """
      select x.id from actions a cross join unnest(a.subject_ids) x (id)
      where a.id = \(action.id) and x.id <> all (\(left)) order by 1
      """)
  }

  /// Jobs whose cell, look or source has moved on.
  private func jobsInConflict() async throws -> [Int64] {
    try await ids(
      """
      select j.id from actions a join jobs j on j.id = any (a.subject_ids)
      left join segments g on j.kind = 'segment' and g.id = j.subject_id
      left join takes t on t.id = case j.kind when 'segment' then g.take_id when 'scene_qa' then j.subject_id end
      where a.id = \(action.id) and (
        j.kind = 'variant' and j.subject_id = any (\(conflicts.variants))
        or j.kind = 'source_qa' and j.subject_id = any (\(conflicts.sources))
        or exists (select 1 from cells c where c.scene_id = t.scene_id and c.id = any (\(conflicts.cells))))
      """)
  }

  /// The cells that are not in conflict and that are still there.
  public func cells() async throws -> [Int64] {
    try await ids(
      """
      select a.cell_id from action_cells a join cells c on c.id = a.cell_id
      where a.action_id = \(action.id) and a.cell_id <> all (\(conflicts.cells)) order by 1
      """)
  }

  public func variants() async throws -> [Int64] {
    try await ids(
      """
      select variant_id from action_variants
      where action_id = \(action.id) and variant_id <> all (\(conflicts.variants)) order by 1
      """)
  }

  public func sources() async throws -> [Int64] {
    try await ids(
      """
      select source_id from action_sources
      where action_id = \(action.id) and source_id <> all (\(conflicts.sources)) order by 1
      """)
  }

  public func runIDs() async throws -> [RunID] {
    try await ids(
      """
      select run_id from action_runs where action_id = \(action.id) and run_id <> all (\(conflicts.runs)) order by 1
      """
    ).map(RunID.init)
  }

  /// Of these cells, those that the action had armed and that are not armed any more.
  public func disarmed(_ cells: [Int64]) async throws -> [Int64] {
    try await ids("select id from cells where id = any (\(cells)) and (not submitted or skipped) order by 1")
  }

  /// What is set aside for cells that have a take again.
  public func giveBack(_ cells: [Int64]) async throws { try await Fit(connection).giveBack(cells) }

  /// What people had decided about these cells and their takes; only what the action changed.
  public func decide(_ cells: [Int64]) async throws {
    try await connection.execute(
      """
      update takes t
      set review = (a.was).review, reviewer_id = (a.was).reviewer_id, reviewed_at = (a.was).reviewed_at,
        note = (a.was).note
      from action_takes a
      where a.action_id = \(action.id) and t.id = a.take_id
        and exists (select 1 from cells c where c.scene_id = t.scene_id and c.id = any (\(cells)))
      """)
    for fit in [false, true] {
      let asked = try await ids(
        """
        select cell_id from action_cells where action_id = \(action.id) and cell_id = any (\(cells))
          and (was).fit = \(fit) and (became).fit = \(!fit) order by 1
        """)
      try await Fit(connection).ask(asked, fit)
    }
    try await connection.execute(
      """
      update cells c set \(Self.assignments)
      from action_cells a where a.action_id = \(action.id) and c.id = a.cell_id and c.id = any (\(cells))
      """)
  }

  private static let assignments: SQL = SQL.joined(
    ["submitted", "submitted_at", "held", "skipped", "skip_reason", "skipped_by_id", "priority", "tags"].map {
      (column: SQL) in
      """
      \(column) = case when (a.was).\(column) is distinct from (a.became).\(column)
        then (a.was).\(column) else c.\(column) end
      """
    }, separator: ", ")

  /// Gives cells the take back that they had. The one they have now, which nobody has begun, ends; one that the action
  /// had ended goes on. Scenes that other armed cells want as they are stay as they are.
  /// - Returns: cells whose take a budget does not hold any more.
  public func retake(_ cells: [Int64]) async throws -> [Int64] {
    let rows = try await connection.query(
      """
      select s.id, case when k.status in ('queued', 'generating', 'qa') then s.current_take_id end, (a.was).take_id,
        coalesce(t.cancelled_at is not null or (a.was).status <> 'failed' and (a.became).status = 'failed', false),
        coalesce((a.was).status = 'failed' and (a.was).take_id = s.current_take_id, false)
      from action_cells a
      join cells c on c.id = a.cell_id
      join scenes s on s.id = c.scene_id
      left join takes t on t.id = (a.was).take_id
      left join take_truth k on k.id = s.current_take_id
      where a.action_id = \(action.id) and a.cell_id = any (\(cells))
        and (s.current_take_id is distinct from (a.was).take_id
          or (a.was).status is distinct from (a.became).status and 'failed' in ((a.was).status, (a.became).status))
        and (\(action.entity != "cells") or (a.was).take_id is distinct from (a.became).take_id
          or (a.was).submitted <> (a.became).submitted or (a.was).skipped <> (a.became).skipped
          or (a.was).held <> (a.became).held or 'failed' in ((a.was).status, (a.became).status))
        and not exists (
          select 1 from cells o join production_runs r on r.id = o.run_id
          where o.scene_id = s.id and o.submitted and not o.skipped and not o.held and r.status_id <> 3
            and o.id <> all (\(cells)))
      order by s.id
      """
    ).rows.map { try $0.decode((Int64, Int64?, Int64?, Bool, Bool).self) }
    let ending = rows.filter { $0.1 != nil && ($0.1 != $0.2 || $0.4) }.compactMap(\.1)
    try await Cancellation(connection).takes(ending)
    try await failAgain(rows.filter(\.4).compactMap(\.2))
    try await connection.execute(
      """
      update scenes s set current_take_id = nullif(x.take_id, 0)
      from unnest(\(rows.map(\.0)), \(rows.map { $0.2 ?? 0 })) x (scene_id, take_id)
      where s.id = x.scene_id and s.current_take_id is distinct from nullif(x.take_id, 0)
      """)
    // What was set aside for a next take pays for the one that goes on.
    try await giveBack(cells)
    return try await revive(rows.filter(\.3).compactMap(\.2))
  }

  private func revive(_ takes: [Int64]) async throws -> [Int64] {
    let revived = Set(try await Revival(connection).takes(takes))
    let left = takes.filter { !revived.contains($0) }
    if left.isEmpty { return [] }
    try await connection.execute("update scenes set current_take_id = null where current_take_id = any (\(left))")
    return try await ids(
      """
      select c.id from takes t join cells c on c.scene_id = t.scene_id
      join action_cells a on a.action_id = \(action.id) and a.cell_id = c.id
      where t.id = any (\(left)) order by 1
      """)
  }

  /// Takes whose failed job had been queued again fail as before.
  private func failAgain(_ takes: [Int64]) async throws {
    if takes.isEmpty { return }
    try await connection.execute(
      """
      update takes t set qa_status = 'failed', qa_reason = 'the check could not be made' where t.id = any (\(takes))
        and not exists (select 1 from segments g where g.take_id = t.id and g.status_id <> 4)
      """)
    try await connection.execute(
      """
      with back as (update takes set cancelled_at = null where id = any (\(takes)) returning id),
      first as (
        select distinct on (g.take_id) g.id from segments g join back b on b.id = g.take_id
        where g.status_id <> 4 order by g.take_id, g.number)
      update segments g set status_id = 5, error = coalesce((
        select a.error from jobs j join attempts a on a.job_id = j.id
        where j.kind = 'segment' and j.subject_id = g.id and a.outcome = 'failed' order by a.number desc limit 1), 'failed')
      from first f where g.id = f.id
      """)
    try await failAgain(
      jobs: """
        select j.id from jobs j join segments g on g.id = j.subject_id
        where j.kind = 'segment' and g.take_id = any (\(takes)) and g.status_id = 5
        union all
        select j.id from jobs j join takes t on t.id = j.subject_id
        where j.kind = 'scene_qa' and t.id = any (\(takes)) and t.qa_status = 'failed'
        """)
  }

  /// Jobs that had been queued again and were taken back have failed, as before: they can be queued again once more.
  private func failAgain(jobs: SQL) async throws {
    try await connection.execute(
      """
      update job_results x set status_id = 5, error = coalesce((
        select a.error from attempts a
        where a.job_id = x.job_id and a.outcome in ('failed', 'lost') order by a.number desc limit 1), 'failed')
      where x.status_id = 6 and x.job_id = any (array(\(jobs)))
      """)
  }

  /// What had been decided about looks. One that has been ordered since, and that nobody has begun, is not made.
  public func decide(variants: [Int64]) async throws {
    let back: SQL = """
      select a.variant_id as id, a.was from action_variants a
      where a.action_id = \(action.id) and a.variant_id = any (\(variants))
        and not ((a.was).status in ('queued', 'generating') and (a.became).status in ('not_started', 'queued', 'generating'))
      """
    try await Cancellation(connection).variants(
      try await ids("select v.id from variants v join (\(back)) b on b.id = v.id where v.status = 'queued' order by 1"))
    try await connection.execute(
      """
      update variants v
      set status = case when (b.was).status in ('queued', 'generating') then 'not_started' else (b.was).status end,
        error = (b.was).error, reviewer_id = (b.was).reviewer_id,
        reviewed_at = (b.was).reviewed_at, note = (b.was).note
      from (\(back)) b where v.id = b.id
      """)
    try await failAgain(
      jobs: """
        select j.id from variants v
        join jobs j on j.kind = 'variant' and j.subject_id = v.id and j.generation = v.generation
        where v.id = any (\(variants)) and v.status = 'failed'
        """)
  }

  /// What was found and decided about pictures. A check that the action had ordered anew is not made.
  public func decide(sources: [Int64]) async throws {
    try await Cancellation(connection).jobs(
      try await ids(
        """
        select l.job_id from action_sources a
        join source_images i on i.id = a.source_id and i.qa_status = 'pending'
        join live_jobs l on l.kind = 'source_qa' and l.subject_id = i.id
        where a.action_id = \(action.id) and i.id = any (\(sources)) and (a.was).qa_status <> 'pending' order by 1
        """))
    try await connection.execute(
      """
      update source_images i
      set qa_status = (a.was).qa_status, qa_reason = (a.was).qa_reason, reviewer_id = (a.was).reviewer_id,
        reviewed_at = (a.was).reviewed_at, note = (a.was).note
      from action_sources a
      where a.action_id = \(action.id) and i.id = a.source_id and i.id = any (\(sources))
      """)
    try await failAgain(
      jobs: """
        select j.id from source_images i
        join jobs j on j.kind = 'source_qa' and j.subject_id = i.id and j.generation = i.generation
        where i.id = any (\(sources)) and i.qa_status = 'failed'
        """)
  }

  /// Priorities count for work that waits, too.
  public func reorder(_ cells: [Int64]) async throws {
    let groups = try await connection.query(
      """
      select (a.was).priority, array_agg(a.cell_id order by a.cell_id) from action_cells a
      where a.action_id = \(action.id) and a.cell_id = any (\(cells)) and (a.was).priority <> (a.became).priority
      group by 1 order by 1
      """
    ).rows.map { try $0.decode((Int, [Int64]).self) }
    for (priority, ids) in groups { _ = try await Submissions(connection).prioritize(ids, priority) }
  }

  /// Whether the action had made runs.
  public func unmakesRuns() async throws -> Bool {
    try await connection.query(
      "select exists (select 1 from action_runs where action_id = \(action.id) and was is not distinct from null)"
    ).rows[0].decode(Bool.self)
  }

  /// Pauses or resumes again, unmakes a run that was made, makes one again that was unmade; returns the runs that go on.
  public func runs(in journal: Journal) async throws -> [RunID] {
    let rows = try await connection.query(
      """
      select a.run_id, (a.was).status_id, a.was is null, a.became is null,
        (a.was).status_id is distinct from (a.became).status_id, (a.was).name,
        array(select jsonb_array_elements_text((a.was).matrix_config -> 'character_ids')::bigint),
        array(select jsonb_array_elements_text((a.was).matrix_config -> 'scene_type_ids')::bigint),
        array(select jsonb_array_elements_text((a.was).matrix_config -> 'variant_type_ids')::bigint)
      from action_runs a where a.action_id = \(action.id) and a.run_id <> all (\(conflicts.runs)) order by 1
      """
    ).rows
    var goingOn: [RunID] = []
    for row in rows {
      let (id, status, isNew, isGone, isOther, name, characters, sceneTypes, variantTypes) = try row.decode(
        (Int64, Int64?, Bool, Bool, Bool, String?, [Int64], [Int64], [Int64]).self)
      if isNew {
        try await connection.execute("delete from production_runs where id = \(id)")
      } else if isGone {
        try await remake(RunID(id), name ?? "", characters, sceneTypes, variantTypes)
        try await restoreBudgets(of: RunID(id))
        try await journal.noteNew(run: RunID(id))
      } else {
        if isOther, status == 3 { _ = try await Runs(connection).pause(RunID(id)) }
        if isOther, status != 3 { _ = try await Runs(connection).resume(RunID(id)) }
        try await restoreBudgets(of: RunID(id))
        goingOn.append(RunID(id))
      }
    }
    return goingOn
  }

  /// The limits that the action changed.
  private func restoreBudgets(of run: RunID) async throws {
    let rows = try await connection.query(
      """
      select x.resource, x.was from action_runs a
      cross join lateral (values
        ('gpu_hours', (a.was).gpu_seconds_allowed, (a.became).gpu_seconds_allowed),
        ('disk_gb', (a.was).disk_bytes_allowed, (a.became).disk_bytes_allowed)) x (resource, was, became)
      where a.action_id = \(action.id) and a.run_id = \(run) and x.was is distinct from x.became order by 1
      """
    ).rows.map { try $0.decode((String, Double?).self) }
    let budgets = RunBudgets(connection)
    for (resource, amount) in rows {
      if let amount {
        _ = try await budgets.allow(amount, resource, of: run)
      } else {
        _ = try await budgets.remove(resource, of: run)
      }
    }
  }

  private func remake(
    _ id: RunID, _ name: String, _ characters: [Int64], _ sceneTypes: [Int64], _ variantTypes: [Int64]
  ) async throws {
    let row = try await connection.query("select project_id, user_id from actions where id = \(action.id)").rows[0]
    let (project, user) = try row.decode((Int64, Int64?).self)
    _ = try await Runs(connection).create(
      name: name, id: id, project: ProjectID(project), characters: characters, sceneTypes: sceneTypes,
      variantTypes: variantTypes, by: user.map(UserID.init))
  }

  private func ids(_ query: SQL) async throws -> [Int64] {
    try await connection.query(query).rows.map { try $0.decode(Int64.self) }
  }
}

import Model
import PostgresClient
import SQLText

/// An action as its undo needs it.
public struct UndoneAction: Equatable, Sendable {
  public var id: ActionID
  public var verb: String
  public var entity: String
  public var run: RunID?
  public var runName: String?
  public var changed: Int
  public var undoneBy: ActionID?
}

/// Rows of an action that moved on, by id; everything else of it can be restored.
public struct UndoConflicts: Equatable, Sendable {
  var cells: [Int64] = []
  var variants: [Int64] = []
  var sources: [Int64] = []
  var runs: [Int64] = []
  var settings: [String] = []
  public internal(set) var movedOn: [MovedOn] = []
}

/// Finds what can be taken back, and what has moved on.
public struct UndoReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// The action with this id, else the user's last that is in force and no undo itself.
  public func action(_ id: ActionID?, project: ProjectID, by user: UserID) async throws -> UndoneAction? {
    guard let id else { return try await last(project: project, by: user) }
    return try await action("a.project_id = \(project) and a.id = \(id)")
  }

  /// The user's last action that is in force and no undo itself; with `before` of those before it that can be undone.
  public func last(
    before: ActionID? = nil, project: ProjectID, by user: UserID
  ) async throws -> UndoneAction? {
    try await action(
      """
      a.project_id = \(project) and a.user_id = \(user) and a.undone_by_id is null and a.undoes_id is null and a.changed > 0
        and (\(before.sqlValue)::bigint is null or a.id < \(before.sqlValue) and a.verb <> all (\(Self.outside)))
      """)
  }

  /// Verbs whose effects lie outside of what is journalled.
  public static let outside = ["apply", "deliver"]

  private func action(_ condition: SQL) async throws -> UndoneAction? {
    let result = try await connection.query(
      """
      select a.id, a.verb, a.entity, a.run_id, r.name, a.changed, a.undone_by_id
      from actions a left join production_runs r on r.id = a.run_id where \(condition) order by a.id desc limit 1
      """)
    guard let row = result.rows.first else { return nil }
    let (found, verb, entity, run, runName, changed, undoneBy) = try row.decode(
      (Int64, String, String, Int64?, String?, Int, Int64?).self)
    return UndoneAction(
      id: ActionID(found), verb: verb, entity: entity, run: run.map(RunID.init), runName: runName, changed: changed,
      undoneBy: undoneBy.map(ActionID.init))
  }

  /// Whether what the action found is not kept any more.
  public func isForgotten(_ action: ActionID) async throws -> Bool {
    try await connection.query("select \(action) <= dropped_id from retention where subject = 'undo'").rows[0].decode(
      Bool.self)
  }

  public func isJournalled(_ action: ActionID) async throws -> Bool {
    try await connection.query(
      """
      select exists (select 1 from action_cells where action_id = \(action))
        or exists (select 1 from action_variants where action_id = \(action))
        or exists (select 1 from action_sources where action_id = \(action))
        or exists (select 1 from action_runs where action_id = \(action))
        or exists (select 1 from action_settings where action_id = \(action))
      """
    ).rows[0].decode(Bool.self)
  }

  /// What has moved on since. Call it under `ProjectLock`: what is not in the answer stays as the action left it.
  public func conflicts(_ action: UndoneAction) async throws -> UndoConflicts {
    var found = UndoConflicts()
    var tally = Tally(subjects: action.entity == "cells" ? try await subjects(action) : nil)
    found.cells = try await tally.collect(cells(action), "cells", connection)
    found.variants = try await tally.collect(variants(action), "variants", connection)
    found.sources = try await tally.collect(sources(action), "sources", connection)
    found.runs = try await tally.collect(runs(action), "runs", connection)
    found.settings = try await changedSettings(action)
    if !found.settings.isEmpty {
      tally.movedOn.append(MovedOn(reason: "changed since", entity: "settings", count: found.settings.count))
    }
    found.movedOn = tally.movedOn
    try await spread(&found, action)
    return found
  }

  private func subjects(_ action: UndoneAction) async throws -> Set<Int64> {
    Set(
      try await connection.query("select unnest(subject_ids) from actions where id = \(action.id)").rows.map {
        try $0.decode(Int64.self)
      })
  }

  /// A look goes back only with everything that was made from it, a source only with its looks; and what hangs on one that
  /// stays stays as well.
  private func spread(_ found: inout UndoConflicts, _ action: UndoneAction) async throws {
    if action.entity == "cells" { return try await spreadOverScenes(&found, action) }
    if found.cells.isEmpty && found.variants.isEmpty && found.sources.isEmpty { return }
    let row = try await connection.query(
      """
      with noted as (
        select v.id as variant_id, i.id as source_id, c.id as cell_id
        from action_cells a join cells c on c.id = a.cell_id
        join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
        join source_images i on i.character_id = c.character_id
        where a.action_id = \(action.id)),
      touched as (
        select v.id as variant_id, i.id as source_id from action_variants a join variants v on v.id = a.variant_id
        join source_images i on i.character_id = v.character_id where a.action_id = \(action.id)),
      bad_sources as (
        select id from unnest(\(found.sources)) id
        union select source_id from noted where \(action.entity == "sources") and cell_id = any (\(found.cells))
        union select source_id from touched where \(action.entity == "sources") and variant_id = any (\(found.variants))),
      bad_variants as (
        select id from unnest(\(found.variants)) id
        union select variant_id from noted where cell_id = any (\(found.cells))
        union select variant_id from noted where source_id in (select id from bad_sources)
        union select variant_id from touched where source_id in (select id from bad_sources))
      select coalesce((select array_agg(id) from bad_sources), '{}'), coalesce((select array_agg(id) from bad_variants), '{}'),
        coalesce((select array_agg(cell_id) from noted where variant_id in (select id from bad_variants)), '{}')
      """
    ).rows[0]
    let (sources, variants, cells) = try row.decode(([Int64], [Int64], [Int64]).self)
    found.sources = sources
    found.variants = variants
    found.cells = Array(Set(found.cells + cells))
  }

  /// A scene goes back to its take with all of its cells, or not at all.
  private func spreadOverScenes(_ found: inout UndoConflicts, _ action: UndoneAction) async throws {
    if found.cells.isEmpty { return }
    found.cells += try await connection.query(
      """
      select o.cell_id from action_cells a join cells c on c.id = a.cell_id
      join cells d on d.scene_id = c.scene_id
      join action_cells o on o.action_id = a.action_id and o.cell_id = d.id
      where a.action_id = \(action.id) and a.cell_id = any (\(found.cells)) and o.cell_id <> all (\(found.cells))
        and (o.was).take_id is distinct from (o.became).take_id
      """
    ).rows.map { try $0.decode(Int64.self) }
  }

  /// The columns that the action changed have to be as it left them. Where its undo takes the cell's take away, that take
  /// must not have been begun; where it gives work back to a take, the take must stand where it stood.
  private func cells(_ action: UndoneAction) -> SQL {
    """
    with noted as (
      select a.cell_id, a.was, a.became, f.id is null as gone, f.facts as now
      from action_cells a left join cells_as_facts f on f.id = a.cell_id where a.action_id = \(action.id)),
    judged as (
      select n.cell_id, (n.now).take_id, case
          when gone then 'gone'
          when \(Self.changedSince(Self.cellColumns)) then 'changed since'
          when exists (
            select 1 from action_cells o join actions x on x.id = o.action_id
            where o.cell_id = n.cell_id and o.action_id > \(action.id) and x.undone_by_id is null
              and x.undoes_id is null and (o.was).take_id is distinct from (o.became).take_id) then 'changed since'
          when \(action.entity != "cells") or (was).take_id is distinct from (became).take_id
            or (was).submitted <> (became).submitted or (was).skipped <> (became).skipped or (was).held <> (became).held
            or (was).status is distinct from (became).status and (was).status = 'failed'
          then case
            when (now).take_id is not distinct from (became).take_id
              and ((now).status, (now).segments_done) is not distinct from ((became).status, (became).segments_done)
              then null
            when (now).take_id is null or (now).status in ('queued', 'blocked', 'not_started', 'skipped') then null
            when (now).take_id is distinct from (was).take_id or (was).status = 'failed' then (now).status::text
          end
        end as reason
      from noted n)
    select j.cell_id, coalesce(d.reason, j.reason), coalesce((
      select sum(g.gpu_seconds) from segments g where g.take_id = j.take_id and j.reason <> 'changed since'), 0)
    from judged j
    left join lateral (
      select 'delivered' as reason from action_takes a
      join delivery_cells dc on dc.take_id = a.take_id and dc.cell_id = j.cell_id
      join deliveries d on d.id = dc.delivery_id and d.status_id in (1, 2, 4)
      where a.action_id = \(action.id) and (a.became).review = 'approved' limit 1) d on true
    where coalesce(d.reason, j.reason) is not null
    union all
    select c.id, 'changed since', 0
    from action_takes a
    join takes_as_facts f on f.id = a.take_id
    join takes t on t.id = a.take_id
    join cells c on c.scene_id = t.scene_id
    join action_cells k on k.action_id = a.action_id and k.cell_id = c.id
    join scenes s on s.id = c.scene_id
    where a.action_id = \(action.id)
      and (f.facts is distinct from a.became or s.current_take_id is distinct from (k.became).take_id)
    """
  }

  private static let cellColumns: [SQL] = [
    "submitted", "held", "skipped", "skip_reason", "priority", "tags",
  ]

  private static func changedSince(_ columns: [SQL]) -> SQL {
    SQL.joined(
      columns.map { column in
        """
        ((was).\(column) is distinct from (became).\(column) and (now).\(column) is distinct from (became).\(column))
        """
      }, separator: " or ")
  }

  private func variants(_ action: UndoneAction) -> SQL {
    """
    select a.variant_id, case when (f.facts).generation > (a.was).generation then (f.facts).status::text
        else 'changed since' end, greatest(0, (f.facts).gpu_seconds - (a.was).gpu_seconds)
    from action_variants a join variants_as_facts f on f.id = a.variant_id
    where a.action_id = \(action.id) and f.facts is distinct from a.became
      and (f.facts).status not in ('not_started', 'queued')
    """
  }

  private func sources(_ action: UndoneAction) -> SQL {
    """
    select a.source_id, case when (f.facts).generation > (a.was).generation then 'replaced' else 'changed since' end,
      0::double precision
    from action_sources a join sources_as_facts f on f.id = a.source_id
    where a.action_id = \(action.id) and f.facts is distinct from a.became
    """
  }

  /// A run that the action made goes back only while nothing has been done in it.
  private func runs(_ action: UndoneAction) -> SQL {
    """
    select a.run_id, case
        when a.was is null then 'in work'
        when a.became is null then 'its name is taken'
        else 'changed since' end, 0::double precision
    from action_runs a
    where a.action_id = \(action.id) and case
      when a.was is null then
        exists (select 1 from cells c where c.run_id = a.run_id and (c.submitted or c.skipped or c.held or c.tags <> '{}'))
        or exists (select 1 from deliveries d where d.run_id = a.run_id)
        or not exists (select 1 from production_runs r where r.id = a.run_id)
      when a.became is null then exists (
        select 1 from production_runs r join actions x on x.id = a.action_id and x.project_id = r.project_id
        where r.name = (a.was).name)
      else not exists (
        select 1 from runs_as_facts f where f.id = a.run_id
          and ((a.was).status_id = (a.became).status_id
            or ((f.facts).status_id = 3) = ((a.became).status_id = 3))
          and \(Self.keeps("gpu_seconds_allowed")) and \(Self.keeps("disk_bytes_allowed")))
      end
    """
  }

  private static func keeps(_ column: SQL) -> SQL {
    """
    ((a.was).\(column) is not distinct from (a.became).\(column)
      or (f.facts).\(column) is not distinct from (a.became).\(column))
    """
  }

  /// - Parameter subjects: those of the action; others went with them. nil: no row is told from another.
  private struct Tally {
    let subjects: Set<Int64>?
    var movedOn: [MovedOn] = []

    mutating func collect(_ query: SQL, _ entity: String, _ connection: PostgresConnection) async throws -> [Int64] {
      var ids: Set<Int64> = []
      var reasons: [String: (count: Int, others: Int, gpu: Double)] = [:]
      for row in try await connection.query(query).rows {
        let (id, reason, gpu) = try row.decode((Int64, String, Double).self)
        if !ids.insert(id).inserted { continue }
        let isOther = subjects.map { entity == "cells" && !$0.contains(id) } ?? false
        reasons[reason, default: (0, 0, 0)].count += isOther ? 0 : 1
        reasons[reason, default: (0, 0, 0)].others += isOther ? 1 : 0
        reasons[reason, default: (0, 0, 0)].gpu += gpu
      }
      movedOn += reasons.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }.map {
        MovedOn(
          reason: $0.key, entity: entity, count: $0.value.count, others: $0.value.others, gpuSeconds: $0.value.gpu)
      }
      return ids.sorted()
    }
  }
}

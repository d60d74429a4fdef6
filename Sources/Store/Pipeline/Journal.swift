import Model
import PostgresClient
import SQLText

/// Keeps what the rows of an action were before it and what it left them as, so that it can be taken back. Open it in the
/// action's transaction, note the rows that the action may touch before it does, and close it behind it.
public struct Journal: Sendable {
  let connection: PostgresConnection
  /// The number the action is going to be recorded under.
  public let action: ActionID

  public static func open(_ connection: PostgresConnection) async throws -> Journal {
    let id = try await connection.query("select nextval('actions_id_seq')").rows[0].decode(Int64.self)
    return Journal(connection: connection, action: ActionID(id))
  }

  /// - Parameter withLooks: the variants that these cells are made from as well.
  public func note(cells: [Int64], withLooks: Bool) async throws {
    try await note(.cells, cells)
    if withLooks {
      try await note(
        .variants,
        matching: """
          f.id in (
            select v.id from (
              select distinct c.character_id, c.variant_type_id from cells c where c.id = any (\(cells))) c
            join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id)
          """)
    }
  }

  /// Other runs' cells that lose their take when the takes of these are set aside.
  public func noteSettled(beside cells: [Int64]) async throws {
    try await note(
      .cells,
      matching: """
        f.id = any (array(
          select o.id from cells c join cells o on o.scene_id = c.scene_id
          where c.id = any (\(cells)) and c.status in \(Submissions.settled) and o.status <> 'skipped'))
        """)
  }

  /// Of other runs than the action's own cells, those that have lost their take, by run and by what it was.
  public func takesLost(besides cells: [Int64]) async throws -> [ActionReport.Remark] {
    try await connection.query(
      """
      select r.name, (a.was).status::text, count(*) from action_cells a
      join cells c on c.id = a.cell_id join production_runs r on r.id = c.run_id
      where a.action_id = \(action) and a.cell_id not in (select unnest(\(cells))) and (a.was).status in \(Submissions.settled)
        and (a.was).take_id is distinct from (a.became).take_id
      group by 1, 2 order by 1, 2
      """
    ).rows.map { row in
      let (run, status, count) = try row.decode((String, String, Int).self)
      return .loseTake(run: run, was: CellStatus(rawValue: status) ?? .approved, cells: count)
    }
  }

  /// The current takes of cells, and the takes with this number that an approval may choose.
  public func noteTakes(of cells: [Int64], number: Int?) async throws {
    try await note(
      .takes,
      matching: """
        f.id in (
          select t.id from cells c join scenes s on s.id = c.scene_id
          join takes t on t.scene_id = s.id and (t.id = s.current_take_id or t.number = \(number.sqlValue)::integer)
          where c.id = any (\(cells)))
        """)
  }

  /// The takes that another action decided about.
  public func noteTakes(of undone: ActionID) async throws {
    try await note(.takes, matching: "f.id in (select take_id from action_takes where action_id = \(undone))")
  }

  /// These variants and the armed cells that are made from them.
  public func note(variants: [Int64], withCells: Bool = true) async throws {
    try await note(.variants, variants)
    if !withCells { return }
    try await note(
      .cells,
      matching: """
        f.id in (
          select c.id from variants v
          join cells c on c.character_id = v.character_id and c.variant_type_id = v.variant_type_id
          where v.id = any (\(variants)) and c.submitted)
        """)
  }

  /// These sources, and the variants and armed cells that are made from them.
  public func note(sources: [Int64], withLooks: Bool = true) async throws {
    try await note(.sources, sources)
    if !withLooks { return }
    let variants = try await connection.query(
      """
      select v.id from source_images i join variants v on v.character_id = i.character_id
      where i.id = any (\(sources)) order by v.id
      """
    ).rows.map { try $0.decode(Int64.self) }
    try await note(variants: variants)
  }

  public func note(run: RunID) async throws { try await note(.runs, [run.rawValue]) }

  /// A run that the action has just made.
  public func noteNew(run: RunID) async throws {
    try await connection.execute("insert into action_runs (action_id, run_id) values (\(action), \(run))")
  }

  // A composite whose fields are all null `is null`, but is distinct from null: an unreviewed take is such a one.

  /// Writes down what the rows have become. Rows that are as they were are forgotten, but for the cells where the action
  /// may set work going later.
  public func close(keepingCells: Bool) async throws {
    for subject in JournalSubject.allCases {
      let keeps = keepingCells && subject == .cells
      let changed = try await connection.execute(
        """
        update \(subject.table) a set became = f.facts from \(subject.view) f
        where a.action_id = \(action) and f.id = a.\(subject.key) and (\(keeps) or f.facts is distinct from a.was)
        """)
      if keeps, changed > 0 { continue }
      try await connection.execute(
        """
        delete from \(subject.table) where action_id = \(action) and became is not distinct from null
          and was is distinct from null \(subject.unlessGone)
        """)
    }
  }

  private func note(_ subject: JournalSubject, _ ids: [Int64]) async throws {
    if ids.isEmpty { return }
    try await note(subject, matching: "f.id = any (\(ids))")
  }

  private func note(_ subject: JournalSubject, matching condition: SQL) async throws {
    try await connection.execute(
      """
      insert into \(subject.table) (action_id, \(subject.key), was)
      select \(action), f.id, f.facts from \(subject.view) f where \(condition) order by f.id
      on conflict do nothing
      """)
  }
}

/// What an action may change, with the tables that its rows are kept in.
enum JournalSubject: CaseIterable {
  case cells, takes, variants, sources, runs

  var table: SQL {
    switch self {
    case .cells: "action_cells"
    case .takes: "action_takes"
    case .variants: "action_variants"
    case .sources: "action_sources"
    case .runs: "action_runs"
    }
  }

  var view: SQL {
    switch self {
    case .cells: "cells_as_facts"
    case .takes: "takes_as_facts"
    case .variants: "variants_as_facts"
    case .sources: "sources_as_facts"
    case .runs: "runs_as_facts"
    }
  }

  var key: SQL {
    switch self {
    case .cells: "cell_id"
    case .takes: "take_id"
    case .variants: "variant_id"
    case .sources: "source_id"
    case .runs: "run_id"
    }
  }

  /// A run that is gone was taken back by the action: that is its change.
  var unlessGone: SQL {
    switch self {
    case .runs: "and run_id in (select id from production_runs)"
    case .cells, .takes, .variants, .sources: ""
    }
  }
}

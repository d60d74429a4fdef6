import Foundation
import Model
import PostgresClient
import SQLText

/// A run as the prompt and the reports name it.
public struct RunHeading: Equatable, Sendable {
  public var id: RunID
  public var name: String
  public var projectID: ProjectID
  public var project: String
  public var status: JobStatus
}

public enum RunError: Error, Equatable, Sendable {
  case nameTaken(String)
  case emptyMatrix
  case notFound
}

/// Production runs: made whole in a fixed number of statements, paused and resumed.
public struct Runs: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Makes a run and all its cells. An axis that is nil is taken whole. Call inside a transaction.
  /// - Parameter id: of a run that was unmade and is made again.
  /// - Throws: `RunError`.
  public func create(
    name: String, id: RunID? = nil, project: ProjectID, characters: [Int64]?, sceneTypes: [Int64]?,
    variantTypes: [Int64]?, by user: UserID?
  ) async throws -> (id: RunID, cells: Int) {
    let taken = try await connection.query(
      "select 1 from production_runs where project_id = \(project) and name = \(name)")
    if !taken.rows.isEmpty { throw RunError.nameTaken(name) }
    let row = try await connection.query(
      """
      with axes as (
        select
          array(select id from characters where project_id = \(project)
            and (\(characters.sqlOrNull)::bigint[] is null or id = any (\(characters.sqlOrNull)::bigint[]))
            order by position) as c,
          array(select id from scene_types where project_id = \(project)
            and (\(sceneTypes.sqlOrNull)::bigint[] is null or id = any (\(sceneTypes.sqlOrNull)::bigint[]))
            order by position) as s,
          array(select id from variant_types where project_id = \(project)
            and (\(variantTypes.sqlOrNull)::bigint[] is null or id = any (\(variantTypes.sqlOrNull)::bigint[]))
            order by position) as v),
      cost as (
        select coalesce(sum(y.segments * y.estimated_gpu_seconds), 0) * cardinality(max(a.c)) * cardinality(max(a.v))
            as gpu,
          coalesce(sum(y.segments * y.estimated_disk_bytes), 0) * cardinality(max(a.c)) * cardinality(max(a.v))
            as disk
        from axes a cross join scene_types y where y.id = any (a.s)),
      looks as (
        select coalesce(sum(w.estimated_gpu_seconds), 0) * cardinality(max(a.c)) as gpu,
          coalesce(sum(w.estimated_disk_bytes), 0) * cardinality(max(a.c)) as disk
        from axes a cross join variant_types w where w.id = any (a.v))
      insert into production_runs (id, project_id, name, matrix_config, status_id, estimated_gpu_hours, estimated_disk_gb,
        created_by_id)
      select coalesce(\(id.sqlValue)::bigint, nextval('production_runs_id_seq')), \(project), \(name),
        jsonb_build_object('character_ids', a.c, 'scene_type_ids', a.s, 'variant_type_ids', a.v), 1,
        (cost.gpu + looks.gpu) / 3600, ((cost.disk + looks.disk) / 1e9)::double precision, \(user.sqlValue)::bigint
      from axes a, cost, looks
      returning id
      """
    ).rows[0]
    let run = RunID(try row.decode(Int64.self))
    let cells = try await makeCells(of: run)
    if cells == 0 { throw RunError.emptyMatrix }
    return (run, cells)
  }

  private func makeCells(of run: RunID) async throws -> Int {
    let positions: SQL = """
      select r.id as run_id, r.project_id, c.id as character_id, y.id as scene_type_id, w.id as variant_type_id,
        c.position as row, y.position as "column", w.position as subcolumn
      from production_runs r
      join characters c on c.id in (select jsonb_array_elements_text(r.matrix_config -> 'character_ids')::bigint)
      join scene_types y on y.id in (select jsonb_array_elements_text(r.matrix_config -> 'scene_type_ids')::bigint)
      join variant_types w on w.id in (select jsonb_array_elements_text(r.matrix_config -> 'variant_type_ids')::bigint)
      where r.id = \(run)
      """
    try await connection.execute(
      """
      insert into variants (project_id, character_id, variant_type_id)
      select distinct project_id, character_id, variant_type_id from (\(positions)) p order by 2, 3
      on conflict do nothing
      """)
    try await connection.execute(
      """
      insert into scenes (project_id, character_id, scene_type_id, variant_type_id)
      select project_id, character_id, scene_type_id, variant_type_id from (\(positions)) p
      order by p.row, p."column", p.subcolumn
      on conflict do nothing
      """)
    return try await connection.execute(
      """
      insert into cells (run_id, scene_id, character_id, scene_type_id, variant_type_id)
      select p.run_id, s.id, p.character_id, p.scene_type_id, p.variant_type_id
      from (\(positions)) p
      join scenes s on s.character_id = p.character_id and s.scene_type_id = p.scene_type_id
        and s.variant_type_id = p.variant_type_id
      order by p.row, p."column", p.subcolumn
      """)
  }

  public func estimate(_ id: RunID) async throws -> (gpuHours: Double, diskGB: Double) {
    try await connection.query(
      "select coalesce(estimated_gpu_hours, 0), coalesce(estimated_disk_gb, 0) from production_runs where id = \(id)"
    ).rows[0].decode((Double, Double).self)
  }

  public func find(_ id: RunID) async throws -> RunHeading? {
    try await heading("r.id = \(id)")
  }

  public func find(name: String, in project: ProjectID) async throws -> RunHeading? {
    try await heading("r.project_id = \(project) and r.name = \(name)")
  }

  private func heading(_ condition: SQL) async throws -> RunHeading? {
    let result = try await connection.query(
      """
      select r.id, r.name, p.id, p.name, s.name from production_runs r
      join projects p on p.id = r.project_id join job_statuses s on s.id = r.status_id
      where \(condition)
      """)
    guard let row = result.rows.first else { return nil }
    let (id, name, project, projectName, status) = try row.decode((Int64, String, Int64, String, String).self)
    return RunHeading(
      id: RunID(id), name: name, projectID: ProjectID(project), project: projectName,
      status: JobStatus(rawValue: status) ?? .pending)
  }

  /// Stops the run's waiting jobs from being claimed; work in hand goes on. False: it was paused already.
  public func pause(_ id: RunID) async throws -> Bool {
    let changed = try await connection.execute(
      "update production_runs set status_id = 3 where id = \(id) and status_id <> 3")
    try await connection.execute("update ready_jobs set run_at = 'infinity' where run_id = \(id)")
    return changed > 0
  }

  /// False: it was not paused.
  public func resume(_ id: RunID) async throws -> Bool {
    let changed = try await connection.execute(
      """
      update production_runs set status_id = case when started_at is null then 1 else 2 end
      where id = \(id) and status_id = 3
      """)
    try await connection.execute(
      Enqueue.rejoin(
        """
        select w.job_id from ready_jobs w where w.run_id = \(id) and w.run_at = 'infinity'
          and not \(Standstill.keeps)
        """, runAt: "now()"))
    return changed > 0
  }
}

extension Optional where Wrapped == [Int64] {
  var sqlOrNull: SQLValue { map(SQLValue.ints) ?? .null }
}

import Foundation
import Model
import PostgresClient
import SQLText

/// A source image as it was copied into the media folder.
public struct StoredSource: Equatable, Codable, Sendable {
  public var character: String
  public var path: String
  public var storedPath: String
  public var sha256: String
  public var bytes: Int64

  public init(character: String, path: String, storedPath: String, sha256: String, bytes: Int64) {
    self.character = character
    self.path = path
    self.storedPath = storedPath
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// Brings a project up to what its file declares. Idempotent; nothing is ever removed. A fixed number of statements,
/// each taking its rows as one JSON parameter. Call inside a transaction.
public struct Productions: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Where the project's file lay when it was applied last; nil when there is no such project.
  public func folder(of name: String) async throws -> String? {
    try await connection.query("select folder from projects where name = \(name)").rows.first?.decode(column: 0)
  }

  public func apply(_ file: ProductionFile, sources: [StoredSource]) async throws -> (ProjectID, ProductionChanges) {
    var changes: [ProductionChanges.Change] = []
    let oldFolder = try await folder(of: file.project)
    let before = try await ProductionSnapshot.of(file.project, connection)
    let (project, isNew, isChanged, hasOtherRules) = try await applyProject(file)
    if let oldFolder, oldFolder != file.folder {
      changes.append(.init(entity: "folder", name: "\(oldFolder) -> \(file.folder)", isNew: false))
    }
    if isNew || isChanged { changes.append(.init(entity: "project", name: file.project, isNew: isNew)) }
    try await ProjectLock(connection).take([project])
    changes += try await applyUsers(file, project)
    changes += try await upsert("generator", generators(try json(file.generators), project))
    changes += try await upsert("character", characters(try json(file.characters), project))
    changes += try await upsert("scene type", sceneTypes(try json(file.sceneTypes), project))
    changes += try await upsert("variant type", variantTypes(try json(file.variantTypes), project))
    changes += try await upsert("budget", budgets(file, project))
    let (sourceChanges, changedSources) = try await applySources(sources, project)
    changes += sourceChanges
    let rechecked = hasOtherRules ? try await recheck(project, except: changedSources) : []
    let queued = try await queueChecks(changedSources + rechecked)
    let advanced = try await Advance(connection).project(project)
    let result = ProductionChanges(
      project: file.project,
      changes: before.explaining(changes, after: try await ProductionSnapshot.of(file.project, connection)),
      kept: try await kept(file, project),
      jobsQueued: queued + advanced.jobsQueued)
    return (project, result)
  }

  private func json(_ value: some Encodable) throws -> SQLValue {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return .json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  private func applyProject(_ file: ProductionFile) async throws -> (
    ProjectID, isNew: Bool, isChanged: Bool, hasOtherRules: Bool
  ) {
    let rules = try json(file.sourceRules)
    let result = try await connection.query(
      """
      with before as (select * from projects where name = \(file.project))
      insert into projects as p (name, description, folder, file, source_rules)
      values (\(file.project), \(file.description), \(file.folder), \(file.name), \(rules))
      on conflict (name) do update
        set description = excluded.description, folder = excluded.folder, file = excluded.file,
          source_rules = excluded.source_rules
      returning id, not exists (select 1 from before), exists (select 1 from before b
        where (b.description, b.source_rules) is distinct from (p.description, p.source_rules)),
        exists (select 1 from before b where b.source_rules <> p.source_rules)
      """)
    let (id, isNew, isChanged, hasOtherRules) = try result.rows[0].decode((Int64, Bool, Bool, Bool).self)
    return (ProjectID(id), isNew, isChanged, hasOtherRules)
  }

  private func applyUsers(_ file: ProductionFile, _ project: ProjectID) async throws -> [ProductionChanges.Change] {
    let rows = try json(file.users)
    try await connection.execute(
      """
      insert into users (name) select name from jsonb_to_recordset(\(rows)) as x (name text) order by name
      on conflict do nothing
      """)
    return try await upsert(
      "user",
      """
      with changed as (
        insert into project_members as m (project_id, user_id, role)
        select \(project), u.id, x.role from jsonb_to_recordset(\(rows)) as x (name text, role text)
        join users u on u.name = x.name
        on conflict (project_id, user_id) do update set role = excluded.role where m.role <> excluded.role
        returning user_id, xmax = 0 as added)
      select u.name, c.added from changed c join users u on u.id = c.user_id order by u.id
      """)
  }

  /// Runs a statement that answers `name, added` for each row it wrote.
  private func upsert(_ entity: String, _ statement: SQL) async throws -> [ProductionChanges.Change] {
    try await connection.query(statement).rows.map { row in
      let (name, added) = try row.decode((String, Bool).self)
      return .init(entity: entity, name: name, isNew: added)
    }
  }

  private func generators(_ rows: SQLValue, _ project: ProjectID) -> SQL {
    """
    insert into generators as g (project_id, name, kind, command, environment, time_limit_seconds, max_attempts)
    select \(project), name, kind, array(select jsonb_array_elements_text(command)), environment, "timeLimitSeconds",
      "maxAttempts"
    from jsonb_to_recordset(\(rows)) as x (name text, kind job_kind, command jsonb, environment jsonb,
      "timeLimitSeconds" double precision, "maxAttempts" smallint)
    on conflict (project_id, name) do update
      set kind = excluded.kind, command = excluded.command, environment = excluded.environment,
        time_limit_seconds = excluded.time_limit_seconds, max_attempts = excluded.max_attempts
      where (g.kind, g.command, g.environment, g.time_limit_seconds, g.max_attempts) is distinct from
        (excluded.kind, excluded.command, excluded.environment, excluded.time_limit_seconds, excluded.max_attempts)
    returning name, xmax = 0
    """
  }

  private func characters(_ rows: SQLValue, _ project: ProjectID) -> SQL {
    """
    insert into characters as c (project_id, name, position)
    select \(project), value ->> 'name', ordinality from jsonb_array_elements(\(rows)) with ordinality order by ordinality
    on conflict (project_id, name) do update set position = excluded.position where c.position <> excluded.position
    returning name, xmax = 0
    """
  }

  private func sceneTypes(_ rows: SQLValue, _ project: ProjectID) -> SQL {
    """
    insert into scene_types as y (project_id, generator_id, name, position, segments, segment_seconds, width, height,
      fps, prompt, estimated_gpu_seconds, estimated_disk_bytes)
    select \(project), g.id, x.name, a.ordinality, x.segments, x."segmentSeconds", x.width, x.height, x.fps, x.prompt,
      x."estimatedGPUSeconds", x."estimatedDiskBytes"
    from jsonb_array_elements(\(rows)) with ordinality a
    cross join lateral jsonb_to_record(a.value) as x (name text, generator text, segments smallint,
      "segmentSeconds" double precision, width integer, height integer, fps double precision, prompt text,
      "estimatedGPUSeconds" double precision, "estimatedDiskBytes" bigint)
    join generators g on g.project_id = \(project) and g.name = x.generator
    order by a.ordinality
    on conflict (project_id, name) do update
      set generator_id = excluded.generator_id, position = excluded.position, segments = excluded.segments,
        segment_seconds = excluded.segment_seconds, width = excluded.width, height = excluded.height,
        fps = excluded.fps, prompt = excluded.prompt, estimated_gpu_seconds = excluded.estimated_gpu_seconds,
        estimated_disk_bytes = excluded.estimated_disk_bytes
      where (y.generator_id, y.position, y.segments, y.segment_seconds, y.width, y.height, y.fps, y.prompt,
          y.estimated_gpu_seconds, y.estimated_disk_bytes) is distinct from
        (excluded.generator_id, excluded.position, excluded.segments, excluded.segment_seconds, excluded.width,
          excluded.height, excluded.fps, excluded.prompt, excluded.estimated_gpu_seconds,
          excluded.estimated_disk_bytes)
    returning name, xmax = 0
    """
  }

  private func variantTypes(_ rows: SQLValue, _ project: ProjectID) -> SQL {
    """
    insert into variant_types as y (project_id, generator_id, name, position, width, height, prompt,
      estimated_gpu_seconds, estimated_disk_bytes)
    select \(project), g.id, x.name, a.ordinality, x.width, x.height, x.prompt, x."estimatedGPUSeconds",
      x."estimatedDiskBytes"
    from jsonb_array_elements(\(rows)) with ordinality a
    cross join lateral jsonb_to_record(a.value) as x (name text, generator text, width integer, height integer,
      prompt text, "estimatedGPUSeconds" double precision, "estimatedDiskBytes" bigint)
    join generators g on g.project_id = \(project) and g.name = x.generator
    order by a.ordinality
    on conflict (project_id, name) do update
      set generator_id = excluded.generator_id, position = excluded.position, width = excluded.width,
        height = excluded.height, prompt = excluded.prompt, estimated_gpu_seconds = excluded.estimated_gpu_seconds,
        estimated_disk_bytes = excluded.estimated_disk_bytes
      where (y.generator_id, y.position, y.width, y.height, y.prompt, y.estimated_gpu_seconds, y.estimated_disk_bytes)
        is distinct from (excluded.generator_id, excluded.position, excluded.width, excluded.height, excluded.prompt,
          excluded.estimated_gpu_seconds, excluded.estimated_disk_bytes)
    returning name, xmax = 0
    """
  }

  private func budgets(_ file: ProductionFile, _ project: ProjectID) -> SQL {
    """
    with wanted as (
      select * from (values ('gpu_hours'::budget_resource, \(file.gpuHours.sqlValue)::double precision * 3600),
        ('disk_gb', \(file.diskGB.sqlValue)::double precision * 1e9)) as x (resource, allowed)),
    dropped as (
      delete from budgets b using wanted w
      where b.project_id = \(project) and b.run_id is null and b.resource = w.resource and w.allowed is null
      returning b.resource),
    set_to as (
    insert into budgets as b (project_id, resource, allowed, reserved, spent)
    select \(project), w.resource, w.allowed, k.reserved, k.spent
    from wanted w
    cross join lateral (
      select case w.resource when 'gpu_hours' then h.gpu_reserved else h.disk_reserved end as reserved,
        case w.resource when 'gpu_hours' then h.gpu_spent else h.disk_spent end as spent
      from (\(Holdings.ofProject(project))) h) k
    where w.allowed is not null
    on conflict (project_id, run_id, resource) do update set allowed = excluded.allowed
      where b.allowed <> excluded.allowed
    returning resource, xmax = 0 as added)
    select resource::text, added from set_to
    union all
    select resource || ' (no limit any more)', false from dropped
    """
  }

  private func applySources(
    _ sources: [StoredSource], _ project: ProjectID
  ) async throws -> ([ProductionChanges.Change], [Int64]) {
    let result = try await connection.query(
      """
      with before as (select character_id, sha256 from source_images where project_id = \(project)),
      changed as (
        insert into source_images as i (project_id, character_id, path, stored_path, sha256, bytes)
        select \(project), c.id, x.path, x."storedPath", x.sha256, x.bytes
        from jsonb_to_recordset(\(try json(sources))) as x (character text, path text, "storedPath" text, sha256 text,
          bytes bigint)
        join characters c on c.project_id = \(project) and c.name = x.character
        on conflict (character_id) do update
          set path = excluded.path, stored_path = excluded.stored_path, sha256 = excluded.sha256,
            bytes = excluded.bytes
          where (i.path, i.sha256) is distinct from (excluded.path, excluded.sha256)
        returning id, character_id, sha256, xmax = 0 as added)
      select x.id, c.name, x.added, b.sha256 is distinct from x.sha256
      from changed x join characters c on c.id = x.character_id left join before b on b.character_id = x.character_id
      order by c.position
      """)
    var changes: [ProductionChanges.Change] = []
    var ids: [Int64] = []
    for row in result.rows {
      let (id, name, added, isReplaced) = try row.decode((Int64, String, Bool, Bool).self)
      changes.append(.init(entity: "source image", name: name, isNew: added))
      if isReplaced { ids.append(id) }
    }
    try await reopen(ids)
    return (changes, ids)
  }

  /// Forgets what was found about pictures; results of checks that are under way are refused by the generation.
  private func reopen(_ sources: [Int64]) async throws {
    if sources.isEmpty { return }
    try await Cancellation(connection).madeFrom(sources: sources)
    try await connection.execute(
      """
      update source_images
      set generation = generation + 1, qa_status = 'pending', qa_reason = null, qa_report = null, checked_at = null,
        reviewer_id = null, reviewed_at = null, note = null
      where id = any (\(sources))
      """)
  }

  /// Other rules may find otherwise: pictures that no person has decided about are checked again.
  private func recheck(_ project: ProjectID, except changed: [Int64]) async throws -> [Int64] {
    let ids = try await connection.query(
      """
      select id from source_images
      where project_id = \(project) and qa_status in ('failed', 'passed') and reviewer_id is null
        and id <> all (\(changed))
      order by id
      """
    ).rows.map { try $0.decode(column: 0, as: Int64.self) }
    try await reopen(ids)
    return ids
  }

  /// A check of older bytes that is still under way ends; the check of the new ones takes its place.
  private func queueChecks(_ sources: [Int64]) async throws -> Int {
    if sources.isEmpty { return 0 }
    let live = try await connection.query(
      "select job_id from live_jobs where kind = 'source_qa' and subject_id = any (\(sources))")
    let jobs = try live.rows.map { try $0.decode(Int64.self) }
    if !jobs.isEmpty { try await Cancellation(connection).jobs(jobs) }
    return try await connection.query(
      """
      with queued as (
        insert into jobs (project_id, kind, subject_id, generation, max_attempts)
        select project_id, 'source_qa', id, generation, 3 from source_images where id = any (\(sources)) order by id
        returning id, project_id, run_id, kind, subject_id, priority),
      \(Enqueue.tail("queued"))
      select count(*) from queued
      """
    ).rows[0].decode(Int.self)
  }

  private func kept(_ file: ProductionFile, _ project: ProjectID) async throws -> [ProductionChanges.Change] {
    try await connection.query(
      """
      select 'character', name from characters
        where project_id = \(project) and name <> all (\(file.characters.map(\.name)))
      union all
      select 'scene type', name from scene_types
        where project_id = \(project) and name <> all (\(file.sceneTypes.map(\.name)))
      union all
      select 'variant type', name from variant_types
        where project_id = \(project) and name <> all (\(file.variantTypes.map(\.name)))
      """
    ).rows.map { row in
      let (entity, name) = try row.decode((String, String).self)
      return .init(entity: entity, name: name, isNew: false)
    }
  }
}

/// What the segments and variants of a project or a run hold and have used, from the facts: what its budgets have to say.
enum Holdings {
  static func ofProject(_ project: ProjectID) -> SQL {
    of(segments: "s.project_id = \(project)", variants: "v.project_id = \(project)", cells: "r.project_id = \(project)")
  }

  static func ofRun(_ run: RunID) -> SQL {
    of(segments: "t.run_id = \(run)", variants: "v.run_id = \(run)", cells: "r.id = \(run)")
  }

  private static func of(segments: SQL, variants: SQL, cells: SQL) -> SQL {
    """
    select g.gpu_reserved + v.gpu_reserved + c.gpu_reserved as gpu_reserved,
      g.disk_reserved + v.disk_reserved + c.disk_reserved as disk_reserved,
      g.gpu_spent + v.gpu_spent as gpu_spent, g.disk_spent + v.disk_spent as disk_spent
    from (
      select coalesce(sum(g.reserved_gpu_seconds), 0) as gpu_reserved,
        coalesce(sum(g.reserved_disk_bytes), 0)::double precision as disk_reserved,
        coalesce(sum(g.gpu_seconds), 0) as gpu_spent, coalesce(sum(g.bytes), 0)::double precision as disk_spent
      from segments g join takes t on t.id = g.take_id join scenes s on s.id = t.scene_id
      where \(segments)) g
    cross join (
      select coalesce(sum(v.reserved_gpu_seconds), 0) as gpu_reserved,
        coalesce(sum(v.reserved_disk_bytes), 0)::double precision as disk_reserved,
        coalesce(sum(v.gpu_seconds), 0) as gpu_spent, coalesce(sum(v.bytes), 0)::double precision as disk_spent
      from variants v where \(variants)) v
    cross join (
      select coalesce(sum(c.reserved_gpu_seconds), 0) as gpu_reserved,
        coalesce(sum(c.reserved_disk_bytes), 0) as disk_reserved
      from production_runs r join cells c on c.run_id = r.id and c.reserved_gpu_seconds is not null
      where \(cells)) c
    """
  }
}

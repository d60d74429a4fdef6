import Foundation
import Model
import PostgresClient
import SQLText

/// Cells that keep a run from being delivered, by what they are.
public struct Undeliverable: Equatable, Sendable {
  /// `failed`, `qa_review`, ... or `approved, stale`.
  public var state: String
  public var count: Int
  /// The first few, as `Aria Vale / alley_chase / coat`.
  public var examples: [String]
}

public struct DeliveryState: Equatable, Sendable {
  public var id: DeliveryID
  public var status: JobStatus
  public var path: String
  public var filesDone: Int
  public var filesTotal: Int
  public var bytes: Int64
  public var error: String?
}

/// One cell of a package.
public struct DeliveryCell: Equatable, Sendable {
  public struct Segment: Equatable, Sendable {
    public var path: String
    public var sha256: String
    public var attempts: Int
    /// How long the generator ran.
    public var seconds: Double
  }

  public var cellID: Int64
  public var character: String
  public var sceneType: String
  public var variantType: String
  public var skippedReason: String?
  public var isSkipped: Bool
  public var take: Int?
  public var reviewer: String?
  public var reviewedAt: Date?
  public var note: String?
  public var generator: String
  public var generatorCommand: [String]
  public var variantGenerator: String
  public var seed: Int64?
  /// Below the production file's folder; a bare name when it lies elsewhere.
  public var sourceName: String
  public var sourceSHA256: String
  public var variantPath: String?
  public var variantSHA256: String?
  public var segments: [Segment]
  public var seconds: Double
  public var width: Int
  public var height: Int
  public var fps: Double
}

public enum DeliveryStartError: Error, Equatable, Sendable {
  case underWay(DeliveryID)
}

public struct Deliveries: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Empty: the run can be delivered.
  public func undeliverable(_ run: RunID) async throws -> [Undeliverable] {
    try await connection.query(
      """
      select x.state, count(*), (array_agg(x.label order by x.id))[1:3]
      from (
        select c.id, case when c.stale then c.status || ', stale' else c.status::text end as state,
          p.name || ' / ' || y.name || ' / ' || w.name as label
        from cells c
        join characters p on p.id = c.character_id
        join scene_types y on y.id = c.scene_type_id
        join variant_types w on w.id = c.variant_type_id
        where c.run_id = \(run) and (c.status not in ('approved', 'skipped') or c.stale)) x
      group by x.state order by count(*) desc, x.state
      """
    ).rows.map { row in
      let (state, count, examples) = try row.decode((String, Int, [String]).self)
      return Undeliverable(state: state, count: count, examples: examples)
    }
  }

  /// Queues the packing of a run. Call inside a transaction, under `ProjectLock`, after `undeliverable`.
  /// - Throws: `DeliveryStartError.underWay` when the run is being delivered already.
  public func start(_ run: RunHeading, path: String, by user: UserID?) async throws -> (DeliveryID, JobID) {
    let live = try await connection.query(
      "select id from deliveries where run_id = \(run.id) and status_id in (1, 2)")
    if let row = live.rows.first { throw DeliveryStartError.underWay(DeliveryID(try row.decode(Int64.self))) }
    let row = try await connection.query(
      """
      with made as (
        insert into deliveries (run_id, path, created_by_id, files_total)
        select \(run.id), \(path), \(user.sqlValue)::bigint, count(*) from cells where run_id = \(run.id) and status = 'approved'
        returning id),
      queued as (
        insert into jobs (project_id, run_id, kind, subject_id, priority, max_attempts)
        select \(run.projectID), null, 'delivery', id, 100, 3 from made
        returning id, project_id, run_id, kind, subject_id, priority),
      \(Enqueue.tail("queued"))
      select subject_id, id from queued
      """
    ).rows[0]
    let (delivery, job) = try row.decode((Int64, Int64).self)
    return (DeliveryID(delivery), JobID(job))
  }

  public func state(_ id: DeliveryID) async throws -> DeliveryState? {
    try await connection.query(
      """
      select s.name, d.path, d.files_done, d.files_total, d.bytes, d.error
      from deliveries d join job_statuses s on s.id = d.status_id where d.id = \(id)
      """
    ).rows.first.map { row in
      let (status, path, done, total, bytes, error) = try row.decode(
        (String, String, Int, Int, Int64, String?).self)
      return DeliveryState(
        id: id, status: JobStatus(rawValue: status) ?? .pending, path: path, filesDone: done, filesTotal: total,
        bytes: bytes, error: error)
    }
  }

  /// The run, the target and who asked; nil when the delivery is over.
  public func order(_ id: DeliveryID) async throws -> (run: RunID, path: String, by: String?)? {
    try await connection.query(
      """
      select d.run_id, d.path, u.name from deliveries d left join users u on u.id = d.created_by_id
      where d.id = \(id) and d.status_id in (1, 2)
      """
    ).rows.first.map { row in
      let (run, path, user) = try row.decode((Int64, String, String?).self)
      return (RunID(run), path, user)
    }
  }

  public func skippedCells(of run: RunID) async throws -> Int {
    try await connection.query("select count(*) from cells where run_id = \(run) and status = 'skipped'")
      .rows[0].decode(column: 0)
  }

  public func cells(of run: RunID) async throws -> [DeliveryCell] {
    try await connection.query(
      """
      select c.id, p.name, y.name, w.name, c.skip_reason, c.skipped, t.number, u.name, t.reviewed_at, t.note, g.name,
        g.command, h.name, t.seed,
        case when starts_with(i.path, o.folder || '/') then substr(i.path, length(o.folder) + 2)
          else regexp_replace(i.path, '.*/', '') end,
        i.sha256, t.input_path, t.input_sha256,
        coalesce((select array_agg(k.path order by k.number) from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(k.sha256 order by k.number) from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(coalesce((select max(a.number) from jobs j join attempts a on a.job_id = j.id
            where j.kind = 'segment' and j.subject_id = k.id), 1)::bigint order by k.number)
          from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(k.gpu_seconds order by k.number) from segments k where k.take_id = t.id), '{}'),
        y.segments * y.segment_seconds, y.width, y.height, y.fps
      from cells c
      join characters p on p.id = c.character_id
      join scene_types y on y.id = c.scene_type_id
      join variant_types w on w.id = c.variant_type_id
      join generators g on g.id = y.generator_id
      join generators h on h.id = w.generator_id
      join source_images i on i.character_id = c.character_id
      join projects o on o.id = p.project_id
      join scenes s on s.id = c.scene_id
      left join takes t on t.id = s.current_take_id and not c.skipped
      left join users u on u.id = t.reviewer_id
      where c.run_id = \(run)
      order by p.position, y.position, w.position
      """
    ).rows.map(cell)
  }

  private func cell(_ row: Row) throws -> DeliveryCell {
    let (
      id, character, scene, variant, reason, skipped, take, reviewer, reviewedAt, note, generator, command,
      variantGenerator, seed, sourceName, sourceSHA, inputPath, inputSHA, paths, hashes, attempts, times, seconds,
      width, height, fps
    ) = try row.decode(
      (
        Int64, String, String, String, String?, Bool, Int?, String?, Date?, String?, String, [String], String, Int64?,
        String, String, String?, String?, [String], [String], [Int64], [Double], Double, Int, Int, Double
      ).self)
    return DeliveryCell(
      cellID: id, character: character, sceneType: scene, variantType: variant, skippedReason: reason,
      isSkipped: skipped, take: take, reviewer: reviewer, reviewedAt: reviewedAt, note: note, generator: generator,
      generatorCommand: command, variantGenerator: variantGenerator, seed: seed, sourceName: sourceName,
      sourceSHA256: sourceSHA, variantPath: inputPath, variantSHA256: inputSHA,
      segments: paths.indices.map {
        .init(path: paths[$0], sha256: hashes[$0], attempts: Int(attempts[$0]), seconds: times[$0])
      },
      seconds: seconds, width: width, height: height, fps: fps)
  }

  public func began(_ id: DeliveryID) async throws {
    try await connection.execute(
      "update deliveries set status_id = 2, started_at = now() where id = \(id) and status_id in (1, 2)")
  }

  public func progressed(_ id: DeliveryID, done: Int, total: Int) async throws {
    try await connection.execute(
      "update deliveries set files_done = \(done), files_total = \(total) where id = \(id) and status_id = 2")
  }

  /// The last statement of a delivery, in the transaction that ends its job; the run is completed by the first.
  public func finished(_ id: DeliveryID, bytes: Int64, files: Int) async throws {
    try await connection.execute(
      """
      with done as (
        update deliveries set status_id = 4, completed_at = now(), bytes = \(bytes), files_done = \(files),
          files_total = \(files)
        where id = \(id) returning run_id),
      run as (
        update production_runs r set status_id = 4, completed_at = now() from done
        where r.id = done.run_id and r.status_id in (1, 2) returning r.id, r.project_id)
      insert into events (project_id, run_id, kind, entity, ids)
      select r.project_id, r.id, 'delivered', 'deliveries', array[\(id)::bigint]
      from done join production_runs r on r.id = done.run_id
      """)
  }

  public func failed(_ id: DeliveryID, error: String) async throws {
    try await connection.execute(
      """
      update deliveries set status_id = 5, error = \(error), completed_at = now()
      where id = \(id) and status_id in (1, 2)
      """)
  }
}

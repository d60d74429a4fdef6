import Foundation
import Model
import PostgresClient
import SQLText

/// One cell of a package.
public struct DeliveryCell: Equatable, Sendable {
  public struct Segment: Equatable, Sendable {
    public var path: String
    public var sha256: String
    /// nil: that was not kept then.
    public var attempts: Int?
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

extension Deliveries {
  /// What the delivery delivers, in the order of the matrix: the takes it began with, whatever came after.
  public func cells(of delivery: DeliveryID) async throws -> [DeliveryCell] {
    try await connection.query(
      """
      select c.id, p.name, y.name, w.name, c.skip_reason, z.take_id is null, t.number, u.name, t.reviewed_at, t.note, g.name,
        g.command, h.name, t.seed,
        case when starts_with(i.path, o.folder || '/') then substr(i.path, length(o.folder) + 2)
          else regexp_replace(i.path, '.*/', '') end,
        i.sha256, t.input_path, t.input_sha256,
        coalesce((select array_agg(k.path order by k.number) from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(k.sha256 order by k.number) from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(coalesce(k.attempts, 0)::bigint order by k.number)
          from segments k where k.take_id = t.id), '{}'),
        coalesce((select array_agg(k.gpu_seconds order by k.number) from segments k where k.take_id = t.id), '{}'),
        y.segments * y.segment_seconds, y.width, y.height, y.fps
      from delivery_cells z
      join cells c on c.id = z.cell_id
      join characters p on p.id = c.character_id
      join scene_types y on y.id = c.scene_type_id
      join variant_types w on w.id = c.variant_type_id
      join generators g on g.id = y.generator_id
      join generators h on h.id = w.generator_id
      join source_images i on i.character_id = c.character_id
      join projects o on o.id = p.project_id
      left join takes t on t.id = z.take_id
      left join users u on u.id = t.reviewer_id
      where z.delivery_id = \(delivery)
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
        .init(
          path: paths[$0], sha256: hashes[$0], attempts: attempts[$0] > 0 ? Int(attempts[$0]) : nil, seconds: times[$0])
      },
      seconds: seconds, width: width, height: height, fps: fps)
  }

  /// What is not any more as it was when the delivery began: a sentence for each cell. Empty: it may go on.
  public func drift(_ delivery: DeliveryID) async throws -> [String] {
    try await connection.query(
      """
      select p.name || ', ' || y.name || ', ' || w.name || ': '
        || case when z.cell_id is null then 'not in the delivery' when z.take_id is null then 'skipped'
          else 'take ' || t.number || ' approved' end || ', now '
        || case when c.status = 'approved' and s.current_take_id is distinct from z.take_id
            then 'take ' || n.number || ' approved' else c.status::text end
        || case when c.stale then ', stale' else '' end
      from deliveries d
      join cells c on c.run_id = d.run_id
      join scenes s on s.id = c.scene_id
      join characters p on p.id = c.character_id
      join scene_types y on y.id = c.scene_type_id
      join variant_types w on w.id = c.variant_type_id
      left join delivery_cells z on z.delivery_id = d.id and z.cell_id = c.id
      left join takes t on t.id = z.take_id
      left join takes n on n.id = s.current_take_id
      where d.id = \(delivery) and (z.cell_id is null or c.stale or case when z.take_id is null
        then c.status <> 'skipped' else c.status <> 'approved' or s.current_take_id is distinct from z.take_id end)
      order by p.position, y.position, w.position
      """
    ).rows.map { try $0.decode(column: 0) }
  }
}

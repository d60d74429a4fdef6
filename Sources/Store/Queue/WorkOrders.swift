import Foundation
import Model
import PostgresClient
import SQLText

/// A generator as a job runs it.
public struct GeneratorOrder: Equatable, Sendable {
  public var command: [String]
  public var environment: [String: String]
  public var timeLimitSeconds: Double
  /// The production file's folder: relative programs start here.
  public var folder: String
}

public struct SourceCheckOrder: Equatable, Sendable {
  public var path: String
  /// Keys `min_width`, `min_height` and so on of the production file's `source_rules`.
  public var rules: [String: Double]
}

public struct VariantOrder: Equatable, Sendable {
  public var generator: GeneratorOrder
  public var character: String
  public var variantType: String
  public var variantID: VariantID
  public var characterID: CharacterID
  public var sourcePath: String
  public var sourceSHA256: String
  public var prompt: String
  public var width: Int
  public var height: Int
}

public struct SegmentOrder: Equatable, Sendable {
  public var generator: GeneratorOrder
  public var character: String
  public var sceneType: String
  public var variantType: String
  public var sourcePath: String
  /// The approved picture of the variant.
  public var variantPath: String
  /// The last frame of the segment before; nil for the first, which starts from the variant.
  public var previousFrame: String?
  public var takeID: TakeID
  public var take: Int
  public var number: Int
  public var segments: Int
  public var seconds: Double
  public var width: Int
  public var height: Int
  public var fps: Double
  public var prompt: String
  public var seed: Int64

  /// The picture this segment starts from.
  public var inputPath: String { previousFrame ?? variantPath }
}

public struct TakeCheckOrder: Equatable, Sendable {
  public var paths: [String]
  public var secondsPerSegment: Double
  public var width: Int
  public var height: Int
  public var fps: Double
}

/// Reads what a claimed job is about. nil: its subject moved on, and the job is to be cancelled.
public struct WorkOrders: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  public func sourceCheck(_ job: ClaimedJob) async throws -> SourceCheckOrder? {
    let result = try await connection.query(
      """
      select i.stored_path, p.source_rules::text from source_images i join projects p on p.id = i.project_id
      where i.id = \(job.subjectID) and i.generation = \(job.generation)
      """)
    guard let row = result.rows.first else { return nil }
    let (path, rules) = try row.decode((String, String).self)
    return SourceCheckOrder(
      path: path, rules: try JSONDecoder().decode([String: Double].self, from: Data(rules.utf8)))
  }

  public func variant(_ job: ClaimedJob) async throws -> VariantOrder? {
    let result = try await connection.query(
      """
      select \(Self.generatorColumns), p.name, w.name, p.id, i.stored_path, i.sha256, w.prompt, w.width, w.height
      from variants v
      join characters p on p.id = v.character_id
      join variant_types w on w.id = v.variant_type_id
      join generators g on g.id = w.generator_id
      join projects o on o.id = v.project_id
      join source_images i on i.character_id = v.character_id
      where v.id = \(job.subjectID) and v.generation = \(job.generation) and v.status in ('queued', 'generating')
      """)
    guard let row = result.rows.first else { return nil }
    let (command, environment, limit, folder, character, type, characterID, source, sha256, prompt, width, height) =
      try row.decode(
        ([String], String, Double, String, String, String, Int64, String, String, String, Int, Int).self)
    return VariantOrder(
      generator: try Self.generator(command, environment, limit, folder), character: character, variantType: type,
      variantID: VariantID(job.subjectID), characterID: CharacterID(characterID), sourcePath: source,
      sourceSHA256: sha256, prompt: prompt, width: width, height: height)
  }

  public func segment(_ job: ClaimedJob) async throws -> SegmentOrder? {
    let result = try await connection.query(
      """
      select \(Self.generatorColumns), p.name, y.name, w.name, i.stored_path, t.input_path, b.last_frame_path,
        t.id, t.number, k.number, y.segments, y.segment_seconds, y.width, y.height, y.fps, y.prompt, t.seed
      from segments k
      join takes t on t.id = k.take_id and t.cancelled_at is null
      join scenes s on s.id = t.scene_id
      join characters p on p.id = s.character_id
      join scene_types y on y.id = s.scene_type_id
      join variant_types w on w.id = s.variant_type_id
      join generators g on g.id = y.generator_id
      join projects o on o.id = s.project_id
      join source_images i on i.character_id = s.character_id
      left join segments b on b.take_id = k.take_id and b.number = k.number - 1
      where k.id = \(job.subjectID) and k.status_id in (1, 2)
      """)
    guard let row = result.rows.first else { return nil }
    let (
      command, environment, limit, folder, character, scene, variant, source, input, frame, take, takeNumber, number,
      segments, seconds, width, height, fps, prompt, seed
    ) = try row.decode(
      (
        [String], String, Double, String, String, String, String, String, String, String?, Int64, Int, Int, Int, Double,
        Int, Int, Double, String, Int64
      ).self)
    return SegmentOrder(
      generator: try Self.generator(command, environment, limit, folder), character: character, sceneType: scene,
      variantType: variant, sourcePath: source, variantPath: input, previousFrame: frame, takeID: TakeID(take),
      take: takeNumber, number: number, segments: segments, seconds: seconds, width: width, height: height, fps: fps,
      prompt: prompt, seed: seed)
  }

  public func takeCheck(_ job: ClaimedJob) async throws -> TakeCheckOrder? {
    let result = try await connection.query(
      """
      select (select array_agg(g.path order by g.number) from segments g where g.take_id = t.id),
        y.segment_seconds, y.width, y.height, y.fps
      from takes t
      join scenes s on s.id = t.scene_id
      join scene_types y on y.id = s.scene_type_id
      where t.id = \(job.subjectID) and t.qa_status = 'pending' and t.cancelled_at is null
      """)
    guard let row = result.rows.first else { return nil }
    let (paths, seconds, width, height, fps) = try row.decode(([String], Double, Int, Int, Double).self)
    return TakeCheckOrder(paths: paths, secondsPerSegment: seconds, width: width, height: height, fps: fps)
  }

  private static let generatorColumns: SQL = "g.command, g.environment::text, g.time_limit_seconds, o.folder"

  private static func generator(
    _ command: [String], _ environment: String, _ limit: Double, _ folder: String
  ) throws -> GeneratorOrder {
    GeneratorOrder(
      command: command,
      environment: try JSONDecoder().decode([String: String].self, from: Data(environment.utf8)),
      timeLimitSeconds: limit, folder: folder)
  }
}

import Model
import PostgresClient
import SQLText

/// What a production file declares, as the database has it: two of them say from what to what an `apply` changed things.
struct ProductionSnapshot {
  private struct Place: Hashable {
    var entity: String
    var name: String
  }

  private var fields: [Place: [(name: String, value: String)]] = [:]

  static func of(_ project: String, _ connection: PostgresConnection) async throws -> ProductionSnapshot {
    var snapshot = ProductionSnapshot()
    for row in try await connection.query(statement(project)).rows {
      let (entity, name, field, value) = try row.decode((String, String, String, String?).self)
      snapshot.fields[Place(entity: entity, name: name), default: []].append((field, value ?? "none"))
    }
    return snapshot
  }

  /// The changes of what was there, each with the fields that are not what they were.
  func explaining(
    _ changes: [ProductionChanges.Change], after: ProductionSnapshot
  ) -> [ProductionChanges.Change] {
    changes.map { change in
      let place = Place(entity: change.entity, name: change.name)
      guard !change.isNew, let old = fields[place], let new = after.fields[place] else { return change }
      let now = Dictionary(new.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
      var explained = change
      explained.fields = old.compactMap { field, value in
        guard let other = now[field], other != value else { return nil }
        return ProductionChanges.FieldChange(field: field, from: value, to: other)
      }
      return explained
    }
  }

  /// One row for each field. Of an environment only whether it is another one: it may hold secrets. The keys are what a production file calls them.
  private static func statement(_ project: String) -> SQL {
    """
    with p as (select * from projects where name = \(project)),
    declared as (
      select 1 as place, p.id, 'project' as entity, p.name,
        jsonb_build_object('description', p.description) || p.source_rules as fields from p
      union all
      select 2, m.id, 'user', u.name, jsonb_build_object('role', m.role)
      from p join project_members m on m.project_id = p.id join users u on u.id = m.user_id
      union all
      select 3, g.id, 'generator', g.name, jsonb_build_object('kind', g.kind, 'command', array_to_string(g.command, ' '),
        'environment', left(md5(g.environment::text), 8), 'time_limit', g.time_limit_seconds || ' s', 'attempts', g.max_attempts)
      from p join generators g on g.project_id = p.id
      union all
      select 4, c.id, 'character', c.name, jsonb_build_object('position', c.position)
      from p join characters c on c.project_id = p.id
      union all
      select 5, y.id, 'scene type', y.name, jsonb_build_object('generator', g.name, 'position', y.position,
        'segments', y.segments, 'seconds', y.segment_seconds, 'resolution', y.width || 'x' || y.height, 'fps', y.fps,
        'prompt', y.prompt, 'gpu', y.estimated_gpu_seconds || ' s', 'disk', y.estimated_disk_bytes || ' bytes')
      from p join scene_types y on y.project_id = p.id join generators g on g.id = y.generator_id
      union all
      select 6, w.id, 'variant type', w.name, jsonb_build_object('generator', g.name, 'position', w.position,
        'resolution', w.width || 'x' || w.height, 'prompt', w.prompt, 'gpu', w.estimated_gpu_seconds || ' s',
        'disk', w.estimated_disk_bytes || ' bytes')
      from p join variant_types w on w.project_id = p.id join generators g on g.id = w.generator_id
      union all
      select 7, b.id, 'budget', b.resource::text,
        jsonb_build_object('limit', b.allowed / case b.resource when 'gpu_hours' then 3600 else 1e9 end)
      from p join budgets b on b.project_id = p.id and b.run_id is null
      union all
      select 8, i.id, 'source image', c.name, jsonb_build_object('path', i.path, 'sha256', left(i.sha256, 8))
      from p join source_images i on i.project_id = p.id join characters c on c.id = i.character_id)
    select d.entity, d.name, f.key, f.value from declared d cross join lateral jsonb_each_text(d.fields) f
    order by d.place, d.id, f.key
    """
  }
}

import Model
import SQLText

/// What an action's outcome hangs on, for each row it is given: a plan keeps these and compares them before it is applied.
struct RowFacts {
  /// What a person calls them.
  let names: [String]
  /// `id`, `name` and `facts`, a JSON array as text, in the order of the names.
  let relation: SQL

  /// nil: an entity without actions.
  init?(entity: String, verb: String) {
    switch entity {
    case "cells": self = .cells(verb)
    case "variants": self = .variants
    case "sources": self = .sources
    case "jobs": self = .jobs
    default: return nil
    }
  }

  private init(_ facts: KeyValuePairs<String, SQL>, name: SQL, from tables: SQL, id: SQL) {
    names = facts.map(\.key)
    let columns = SQL.joined(facts.map(\.value), separator: ", ")
    relation = """
      select \(id) as id, \(name) as name, jsonb_build_array(\(columns))::text as facts
      from \(tables)
      """
  }

  private static let cellTables: SQL = """
    cells c
    join scenes s on s.id = c.scene_id
    join characters p on p.id = c.character_id
    join scene_types y on y.id = c.scene_type_id
    join variant_types w on w.id = c.variant_type_id
    join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
    join source_images i on i.character_id = c.character_id
    left join takes t on t.id = s.current_take_id
    """

  /// Those of an action that starts work hang on what the work needs; those of a mark on the mark alone.
  private static func cells(_ verb: String) -> RowFacts {
    let facts: KeyValuePairs<String, SQL>
    switch verb {
    case "tag", "untag": facts = ["tags": "c.tags"]
    case "prioritize": facts = ["status": "c.status", "priority": "c.priority"]
    case "hold": facts = ["status": "c.status", "held": "c.held"]
    case "submit", "resubmit", "unskip", "release":
      facts = [
        "status": "c.status", "stale": "c.stale", "take": "t.number", "held": "c.held", "look": "v.status",
        "source QA": "i.qa_status", "picture": "left(v.sha256, 8)", "source image": "left(i.sha256, 8)",
        "segments": "y.segments", "GPU seconds": "y.estimated_gpu_seconds", "bytes": "y.estimated_disk_bytes",
        "GPU seconds of the look": "w.estimated_gpu_seconds", "bytes of the look": "w.estimated_disk_bytes",
      ]
    default:
      facts = ["status": "c.status", "stale": "c.stale", "take": "t.number", "submitted": "c.submitted"]
    }
    return RowFacts(facts, name: "p.name || ' / ' || y.name || ' / ' || w.name", from: cellTables, id: "c.id")
  }

  private static let variants = RowFacts(
    [
      "status": "v.status", "generation": "v.generation", "picture": "left(v.sha256, 8)",
      "source image": "left(i.sha256, 8)",
      "takes": "(select count(*) from takes t where t.variant_id = v.id)",
    ],
    name: "p.name || ' / ' || w.name",
    from: """
      variants v
      join characters p on p.id = v.character_id
      join variant_types w on w.id = v.variant_type_id
      join source_images i on i.character_id = v.character_id
      """, id: "v.id")

  private static let sources = RowFacts(
    [
      "QA": "i.qa_status", "source image": "left(i.sha256, 8)",
      "takes":
        "(select count(*) from variants v join takes t on t.variant_id = v.id where v.character_id = i.character_id)",
    ], name: "p.name",
    from: "source_images i join characters p on p.id = i.character_id", id: "i.id")

  private static let jobs = RowFacts(
    ["status": "j.status", "attempts": "j.attempts"], name: "'job ' || j.id", from: "query_jobs j", id: "j.id")
}

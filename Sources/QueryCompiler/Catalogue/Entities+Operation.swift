import QueryLanguage

/// What drives the matrix, and the record of it.
extension Entity {
  static let runs = Entity(
    name: "runs", singular: "run", summary: "production runs: selections of the matrix that are driven together",
    scope: .project, timeField: "updated_at",
    defaultFields: ["id", "name", "status", "cells", "completed", "failed", "estimated_gpu_hours", "created_at"],
    fields: [
      .id, .named,
      Field("description", .text, "what it is for"),
      Field("status", .word(.jobStatus), "where it stands"),
      Field("cells", .int, "cells in all"),
      Field("completed", .int, "cells that are approved"),
      Field("failed", .int, "cells that failed"),
      Field("in_review", .int, "cells that wait for a person's word"),
      .optional("progress", .double, "cells approved, 0 to 1; 50% is 0.5"),
      .gpuSeconds,
      .optional("estimated_gpu_hours", .double, "GPU hours expected"),
      .optional("estimated_disk_gb", .double, "disk expected, in GB"),
      .optional("created_by", .text, "who made it"),
      .createdAt, .startedAt,
      .optional("completed_at", .time, "when its last cell was approved"),
      .updatedAt,
    ])

  static let jobs = Entity(
    name: "jobs", singular: "job", summary: "queued work", scope: .project, timeField: "updated_at",
    defaultFields: ["id", "run", "kind", "status", "attempts", "priority", "worker", "error", "queued_at"],
    fields: [
      .id, .maybeRun,
      Field("kind", .word(.jobKind), "what it does"),
      Field("status", .word(.jobStatus), "where it stands"),
      Field("subject_id", .int, "id of the source, variant, segment, take or delivery it is for"),
      .optional("character", .reference(.character), "the character it is for"),
      .optional("scene_type", .reference(.sceneType), "the scene type it is for"),
      .optional("variant", .reference(.variantType), "the variant type it is for"),
      .optional("take", .int, "number of the take it is for"),
      .optional("take_id", .int, "id of the take it is for"),
      .optional("segment", .int, "the segment's place in the take, from 1"),
      Field("attempts", .int, "tries so far"),
      Field("max_attempts", .int, "tries it gets"),
      .optional("outcomes", .list(.attemptOutcome), "how each try ended"),
      Field("priority", .int, "higher goes first"),
      .worker, .error,
      .optional("errors", .list(nil), "what went wrong in each try"),
      .optional("exit_code", .int, "of the generator in the last try"),
      .optional("log", .text, "what the generator wrote in the last try"),
      .gpuSeconds,
      .optional("progress", .double, "what the generator last reported, from 0 to 1"),
      .optional("leased_until", .time, "when it is given to another unless its worker is heard of"),
      .optional("run_at", .time, "not before this"),
      .queuedAt, .startedAt, .finishedAt, .updatedAt,
    ])

  static let workers = Entity(
    name: "workers", singular: "worker", summary: "processes that claim jobs", scope: .shared, timeField: "seen_at",
    defaultFields: ["id", "name", "host", "pid", "kinds", "slots", "busy", "live", "seen_at"],
    fields: [
      .id, .named,
      Field("host", .text, "the machine"),
      Field("pid", .int, "its process"),
      Field("kinds", .list(.jobKind), "the kinds of jobs it takes"),
      Field("slots", .int, "jobs it runs at once"),
      Field("busy", .int, "jobs it runs now"),
      Field("live", .bool, "heard of within the time that a lease lasts"),
      Field("seen_at", .time, "when it was last heard of"),
      Field("started_at", .time, "when it began"),
      .optional("stopped_at", .time, "when it left"),
    ])

  static let events = Entity(
    name: "events", singular: "event", summary: "what happened, in order", scope: .project, timeField: "at",
    defaultFields: ["id", "at", "run", "kind", "entity", "count", "detail"],
    fields: [
      .id, .maybeRun,
      Field("kind", .text, "what happened"),
      Field("entity", .text, "what it happened to"),
      Field("count", .int, "to how many"),
      Field("ids", .list(nil), "to which"),
      .optional("detail", .text, "which take or segment, and what went wrong with it"),
      Field(
        "cell", .list(nil), "the cells that it happened to, or to whose take, look or source", finder: "events_of_cell"),
      Field("at", .time, "when"),
    ])

  static let actions = Entity(
    name: "actions", singular: "action", summary: "state-changing statements: who did what, when", scope: .project,
    timeField: "at", defaultFields: ["id", "at", "user", "run", "verb", "entity", "selected", "changed", "statement"],
    fields: [
      .id, .maybeRun,
      Field("verb", .text, "the action"),
      .optional("user", .text, "who"),
      Field("entity", .text, "what it was done to"),
      Field("statement", .text, "as it was written"),
      Field("selected", .int, "rows chosen"),
      Field("changed", .int, "rows changed"),
      Field("left_alone", .list(nil), "what was left as it was, and why"),
      Field("ids", .list(nil), "of the rows changed"),
      Field(
        "cell", .list(nil), "the cells that it changed, or whose look, source or job", finder: "actions_of_cell"),
      .optional("reason", .text, "why, in the words of who did it"),
      Field("undone", .bool, "taken back since"),
      Field("at", .time, "when"),
    ])

  static let deliveries = Entity(
    name: "deliveries", singular: "delivery", summary: "packages of finished runs", scope: .project,
    timeField: "created_at",
    defaultFields: ["id", "run", "status", "phase", "path", "files", "bytes", "progress", "created_at", "error"],
    fields: [
      .id, .run,
      Field("status", .word(.jobStatus), "where it stands"),
      .optional("phase", .word(.deliveryPhase), "what the packing is at"),
      Field("path", .text, "the folder"),
      Field("cells", .int, "cells that it is about"),
      Field("skipped", .int, "cells among them that were skipped"),
      Field("files_done", .int, "files that this phase is done with"),
      Field("files", .int, "files of this phase"),
      Field("bytes", .int, "size of the package"),
      .optional("progress", .double, "files of this phase done, 0 to 1; 50% is 0.5"),
      .error,
      .optional("created_by", .text, "who asked for it"),
      .createdAt, .startedAt,
      .optional("completed_at", .time, "when it was whole"),
      .updatedAt,
    ])

  static let budgets = Entity(
    name: "budgets", singular: "budget", summary: "limits of GPU hours and disk", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "run", "resource", "limit", "reserved", "spent", "available"],
    fields: [
      .id,
      .optional("run", .reference(.run), "the run it limits; not set: the whole project"),
      Field("resource", .word(.resource), "what it limits"),
      Field("limit", .double, "how much there is"),
      Field("reserved", .double, "set aside for queued work"),
      Field("spent", .double, "used"),
      Field("available", .double, "left"),
      .updatedAt,
    ])

  static let macros = Entity(
    name: "macros", singular: "macro", summary: "saved pipelines with parameters, shared by the project",
    scope: .project, timeField: "created_at",
    defaultFields: ["id", "name", "parameters", "documentation", "definition"],
    fields: [
      .id, .named, .version, .parameters,
      .optional("documentation", .text, "what it is for"),
      Field("definition", .text, "as it was saved"),
      .savedBy, .savedAt,
    ])

  static let scripts = Entity(
    name: "scripts", singular: "script", summary: "saved files of statements, shared by the project", scope: .project,
    timeField: "created_at", defaultFields: ["id", "name", "parameters", "version", "created_by", "created_at"],
    fields: [.id, .named, .version, .parameters, Field("body", .text, "its statements"), .savedBy, .savedAt])

  static let users = Entity(
    name: "users", singular: "user", summary: "people who work in the project, and what they do there", scope: .shared,
    timeField: "created_at", defaultFields: ["id", "name", "role"],
    fields: [
      .id, .named,
      .optional("role", .word(.role), "what they do in the project; kept for people, and holds nobody back"),
      .createdAt,
    ])
}

extension Field {
  fileprivate static let version = Field("version", .int, "1, and one more whenever it is saved again")
  fileprivate static let parameters = Field("parameters", .text, "as they were written")
  fileprivate static let savedBy = optional("created_by", .text, "who saved it")
  fileprivate static let savedAt = Field("created_at", .time, "when it was saved")
}

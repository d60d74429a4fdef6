import QueryLanguage

/// The matrix, its axes, and what is made for it.
extension Entity {
  static let cells = Entity(
    name: "cells", singular: "cell",
    summary: "the positions of a run's matrix; each points at its scene's current take",
    scope: .run, timeField: "updated_at",
    defaultFields: ["id", "character", "scene_type", "variant", "status", "take", "progress", "stale", "error"],
    fields: [
      .id, .run, .character, .sceneType, .variant,
      Field("status", .word(.cellStatus), "where it stands"),
      Field("submitted", .bool, "armed: it advances by itself"),
      Field("stale", .bool, "made from something that has changed since"),
      Field("held", .bool, "held back by a person"),
      Field("skipped", .bool, "out of the run"),
      Field("skip_reason", .text, "why it is out of the run"),
      Field("blocked_by", .list(.blocker), "every cause it waits for"),
      Field("take", .int, "number of the current take"),
      Field("take_id", .int, "id of the current take"),
      Field("attempts", .int, "tries at the segments of the current take"),
      Field("priority", .int, "higher goes first"),
      Field("tags", .list(nil), "words given by people"),
      Field("segments_done", .int, "segments of the take that are generated"),
      Field("segments", .int, "segments of the take"),
      Field("progress", .double, "segments done, 0 to 1; 50% is 0.5"),
      .gpuSeconds, .estimatedGPUSeconds, .error, .reviewer, .note, .queuedAt, .startedAt, .finishedAt, .updatedAt,
    ])

  static let characters = Entity(
    name: "characters", singular: "character", summary: "who appears; an axis of the matrix", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "name", "source_status", "cells", "approved"],
    fields: [
      .id, .named, .position,
      Field("source_status", .word(.qaStatus), "QA of the source image"),
      Field("cells", .int, "cells of all runs"),
      Field("approved", .int, "approved cells of all runs"),
      .createdAt, .updatedAt,
    ])

  static let sceneTypes = Entity(
    name: "scene_types", singular: "scene type", summary: "what happens; an axis of the matrix", scope: .project,
    timeField: "updated_at",
    defaultFields: ["id", "name", "segments", "seconds", "width", "height", "fps", "generator"],
    fields: [
      .id, .named, .position,
      Field("segments", .int, "segments of a take"),
      Field("seconds", .duration, "length of a segment"),
      .width, .height,
      Field("fps", .double, "pictures a second"),
      .generator, .estimatedGPUSeconds,
      Field("prompt", .text, "what the generator is told"),
      .updatedAt,
    ])

  static let variantTypes = Entity(
    name: "variant_types", singular: "variant type", summary: "looks; an axis of the matrix", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "name", "width", "height", "generator"],
    fields: [
      .id, .named, .position, .width, .height, .generator, .estimatedGPUSeconds,
      Field("prompt", .text, "what the generator is told"),
      .updatedAt,
    ])

  static let variants = Entity(
    name: "variants", singular: "variant", summary: "one look of one character, as a picture", scope: .project,
    timeField: "updated_at",
    defaultFields: ["id", "character", "variant", "status", "attempts", "stale", "error", "reviewer"],
    fields: [
      .id, .character, .variant,
      Field("status", .word(.variantStatus), "where it stands"),
      Field("generation", .int, "how often it was begun anew"),
      Field("stale", .bool, "made from a source image that has changed since"),
      .path, .sha256, .error, .reviewer, .note,
      Field("attempts", .int, "tries at this generation"),
      Field("generated_at", .time, "when the picture was made"),
      Field("reviewed_at", .time, "when it was decided on"),
      .updatedAt,
    ])

  static let sources = Entity(
    name: "sources", singular: "source", summary: "the characters' input pictures", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "character", "status", "width", "height", "bytes", "reason"],
    fields: [
      .id, .character,
      Field("status", .word(.qaStatus), "its QA"),
      .path, .sha256, .width, .height, .bytes,
      Field("reason", .text, "why QA failed"),
      Field("waived_by", .text, "who let it pass all the same"),
      .note,
      Field("checked_at", .time, "when QA looked at it"),
      .updatedAt,
    ])

  static let takes = Entity(
    name: "takes", singular: "take", summary: "tries at scenes; old ones are kept", scope: .project,
    timeField: "updated_at",
    defaultFields: [
      "id", "character", "scene_type", "variant", "number", "status", "current", "stale", "reviewer", "error",
    ],
    fields: [
      .id, .character, .sceneType, .variant,
      Field("number", .int, "1 for the scene's first take"),
      Field("status", .word(.takeStatus), "where it stands"),
      Field("current", .bool, "the scene's current take"),
      Field("stale", .bool, "made from something that has changed since"),
      .reviewer, .note, .error,
      Field("qa_status", .word(.qaStatus), "scene QA"),
      Field("qa_reason", .text, "why scene QA failed"),
      Field("segments", .int, "segments in all"),
      Field("segments_done", .int, "segments that are generated"),
      .createdAt,
      Field("checked_at", .time, "when scene QA looked at it"),
      Field("reviewed_at", .time, "when it was decided on"),
      .updatedAt,
    ])

  static let segments = Entity(
    name: "segments", singular: "segment", summary: "the pieces a take is generated in", scope: .project,
    timeField: "updated_at",
    defaultFields: ["id", "character", "scene_type", "variant", "take", "number", "status", "gpu_seconds", "error"],
    fields: [
      .id, .character, .sceneType, .variant,
      Field("take", .int, "number of its take"),
      Field("take_id", .int, "id of its take"),
      Field("number", .int, "its place in the take, from 1"),
      Field("status", .word(.jobStatus), "where it stands"),
      .path, .sha256, .bytes,
      Field("seconds", .duration, "length"),
      .gpuSeconds, .error, .startedAt, .finishedAt, .updatedAt,
    ])
}

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
      .optional("skip_reason", .text, "why it is out of the run"),
      .optional("blocked_by", .list(.blocker), "every cause it waits for"),
      .optional("take", .int, "number of the current take"),
      .optional("take_id", .int, "id of the current take"),
      Field("attempts", .int, "tries at the segments of the current take"),
      Field("priority", .int, "higher goes first"),
      Field("tags", .list(nil), "words given by people"),
      Field("segments_done", .int, "segments of the take that are generated"),
      Field("segments", .int, "segments of the take"),
      .optional("progress", .double, "segments done, 0 to 1; 50% is 0.5"),
      .gpuSeconds, .estimatedGPUSeconds, .maybeBytes,
      .optional("qa_status", .word(.qaStatus), "scene QA of the current take"),
      .error, .worker, .reviewer,
      .optional("note", .text, "what the reviewer wrote, or why it was skipped"),
      .optional("submitted_at", .time, "when it was armed"),
      .optional("queued_at", .time, "when the current take was queued"),
      .startedAt, .finishedAt, .reviewedAt, .createdAt, .updatedAt,
    ])

  static let characters = Entity(
    name: "characters", singular: "character", summary: "who appears; an axis of the matrix", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "name", "source_status", "cells", "approved"],
    fields: [
      .id, .named, .position,
      .optional("source_status", .word(.qaStatus), "QA of the source image"),
      Field("cells", .int, "cells of all runs"),
      Field("approved", .int, "approved cells of all runs"),
      Field("failed", .int, "failed cells of all runs"),
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
      .generator, .estimatedGPUSeconds, .prompt, .createdAt, .updatedAt,
    ])

  static let variantTypes = Entity(
    name: "variant_types", singular: "variant type", summary: "looks; an axis of the matrix", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "name", "width", "height", "generator"],
    fields: [
      .id, .named, .position, .width, .height, .generator, .estimatedGPUSeconds, .prompt, .createdAt, .updatedAt,
    ])

  static let variants = Entity(
    name: "variants", singular: "variant", summary: "one look of one character, as a picture", scope: .project,
    timeField: "updated_at",
    defaultFields: ["id", "character", "variant", "status", "attempts", "stale", "error", "reviewer"],
    fields: [
      .id, .character, .variant,
      .optional("run", .reference(.run), "the run that asked for it"),
      Field("status", .word(.variantStatus), "where it stands"),
      Field("generation", .int, "how often it was begun anew"),
      Field("stale", .bool, "made from a source image that has changed since"),
      .maybePath, .maybeSHA256, .maybeBytes, .gpuSeconds, .error, .reviewer, .note,
      Field("attempts", .int, "tries at this generation"),
      .optional("generated_at", .time, "when the picture was made"),
      .reviewedAt, .createdAt, .updatedAt,
    ])

  static let sources = Entity(
    name: "sources", singular: "source", summary: "the characters' input pictures", scope: .project,
    timeField: "updated_at", defaultFields: ["id", "character", "status", "width", "height", "bytes", "reason"],
    fields: [
      .id, .character,
      Field("status", .word(.qaStatus), "its QA"),
      Field("generation", .int, "1, and one more with each replacement"),
      .path, .sha256,
      .optional("width", .int, "pixels across, once it was looked at"),
      .optional("height", .int, "pixels down, once it was looked at"),
      .bytes,
      .optional("reason", .text, "why QA failed"),
      .optional("waived_by", .text, "who let it pass all the same"),
      .reviewer, .note,
      .optional("checked_at", .time, "when QA looked at it"),
      .reviewedAt, .createdAt, .updatedAt,
    ])

  static let takes = Entity(
    name: "takes", singular: "take", summary: "tries at scenes; old ones are kept", scope: .project,
    timeField: "updated_at",
    defaultFields: [
      "id", "character", "scene_type", "variant", "number", "status", "current", "stale", "reviewer", "error",
    ],
    fields: [
      .id,
      .optional("run", .reference(.run), "the run that asked for it"),
      .character, .sceneType, .variant,
      Field("number", .int, "1 for the scene's first take"),
      Field("status", .word(.takeStatus), "where it stands"),
      Field("current", .bool, "the scene's current take"),
      Field("stale", .bool, "made from something that has changed since"),
      Field("attempts", .int, "tries at its segments"),
      .worker,
      Field("qa_status", .word(.qaStatus), "scene QA"),
      .optional("qa_reason", .text, "why scene QA failed"),
      .optional("review", .word(.reviewDecision), "what the reviewer decided"),
      .reviewer, .note, .error,
      Field("segments", .int, "segments in all"),
      Field("segments_done", .int, "segments that are generated"),
      .optional("progress", .double, "segments done, 0 to 1; 50% is 0.5"),
      .gpuSeconds, .maybeBytes,
      Field("seed", .int, "what the generator draws by"),
      .queuedAt, .startedAt, .finishedAt,
      .optional("checked_at", .time, "when scene QA looked at it"),
      .reviewedAt,
      .optional("cancelled_at", .time, "when it was cancelled"),
      .createdAt, .updatedAt,
    ])

  static let segments = Entity(
    name: "segments", singular: "segment", summary: "the pieces a take is generated in", scope: .project,
    timeField: "updated_at",
    defaultFields: ["id", "character", "scene_type", "variant", "take", "number", "status", "gpu_seconds", "error"],
    fields: [
      .id,
      .optional("run", .reference(.run), "the run that asked for it"),
      .character, .sceneType, .variant,
      Field("take", .int, "number of its take"),
      Field("take_id", .int, "id of its take"),
      Field("number", .int, "its place in the take, from 1"),
      Field("status", .word(.jobStatus), "where it stands"),
      Field("attempts", .int, "tries so far"),
      .optional("progress", .double, "what the generator last reported, from 0 to 1"),
      .maybePath,
      .optional("last_frame", .text, "the picture that the next segment starts from"),
      .maybeSHA256, .maybeBytes,
      Field("seconds", .duration, "length"),
      .gpuSeconds, .error, .startedAt, .finishedAt, .updatedAt,
    ])
}

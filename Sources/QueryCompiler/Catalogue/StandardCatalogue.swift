import QueryLanguage

extension Catalogue {
  /// Every entity has a view `query_<entity>`, and every field a column of its name there; a reference has a second one, `<name>_id`.
  public static let standard = Catalogue(entities: [
    .cells, .characters, .sceneTypes, .variantTypes, .variants, .sources, .takes, .segments, .jobs, .runs, .workers,
    .events, .actions, .deliveries, .budgets, .users, .history,
  ])
}

extension Vocabulary {
  static let cellStatus = Vocabulary(
    name: "status",
    words: [
      "not_started", "blocked", "queued", "generating", "qa_review", "approved", "failed", "rejected", "skipped",
    ],
    databaseType: "cell_status", isStatus: true)

  static let variantStatus = Vocabulary(
    name: "status", words: ["not_started", "queued", "generating", "review", "approved", "rejected", "failed"],
    databaseType: "variant_status", isStatus: true)

  static let qaStatus = Vocabulary(
    name: "QA status", words: ["pending", "passed", "failed", "waived"], databaseType: "qa_status", isStatus: true)

  static let takeStatus = Vocabulary(
    name: "status", words: ["queued", "generating", "qa", "review", "approved", "rejected", "failed", "cancelled"],
    databaseType: "take_status", isStatus: true)

  static let jobStatus = Vocabulary(
    name: "status", words: ["pending", "running", "paused", "completed", "failed", "cancelled"], databaseType: nil,
    isStatus: true)

  static let jobKind = Vocabulary(
    name: "kind of job", words: ["source_qa", "variant", "segment", "scene_qa", "delivery", "noop"],
    databaseType: "job_kind")

  static let resource = Vocabulary(name: "resource", words: ["gpu_hours", "disk_gb"], databaseType: "budget_resource")

  static let role = Vocabulary(name: "role", words: ["producer", "reviewer", "viewer"], databaseType: nil)

  /// The causes of the view `cell_blockers`.
  static let blocker = Vocabulary(
    name: "blocker",
    words: [
      "source_qa", "source_qa_failed", "variant_generation", "variant_approval", "variant_rejected", "variant_failed",
      "variant_stale", "gpu_budget", "disk_budget", "run_paused", "held",
    ],
    databaseType: nil)
}

/// Fields that several entities have.
extension Field {
  static let id = Field("id", .int, "its number, the same for ever")
  static let named = Field("name", .text, "its name")
  static let run = Field("run", .reference(.run), "the run it belongs to")
  static let character = Field("character", .reference(.character), "the character, by id or name")
  static let sceneType = Field("scene_type", .reference(.sceneType), "the scene type, by id or name")
  static let variant = Field("variant", .reference(.variantType), "the variant type, by id or name")
  static let sha256 = Field("sha256", .text, "SHA-256 of the file")
  static let path = Field("path", .text, "the file")
  static let error = Field("error", .text, "what went wrong last")
  static let reviewer = Field("reviewer", .text, "who decided")
  static let note = Field("note", .text, "what the reviewer wrote")
  static let createdAt = Field("created_at", .time, "when it was made")
  static let updatedAt = Field("updated_at", .time, "when it last changed")
  static let queuedAt = Field("queued_at", .time, "when it was queued")
  static let startedAt = Field("started_at", .time, "when work on it began")
  static let finishedAt = Field("finished_at", .time, "when work on it ended")
  static let gpuSeconds = Field("gpu_seconds", .duration, "GPU time spent")
  static let estimatedGPUSeconds = Field("estimated_gpu_seconds", .duration, "GPU time expected")
  static let generator = Field("generator", .text, "the generator that makes it")
  static let position = Field("position", .int, "its place in the production file")
  static let width = Field("width", .int, "pixels across")
  static let height = Field("height", .int, "pixels down")
  static let bytes = Field("bytes", .int, "size of the file")
}

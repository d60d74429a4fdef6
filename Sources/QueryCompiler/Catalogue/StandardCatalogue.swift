import QueryLanguage

extension Catalogue {
  /// Every entity has a view `query_<entity>`, and every field a column of its name there; a reference has a second one, `<name>_id`.
  public static let standard = Catalogue(entities: [
    .cells, .characters, .sceneTypes, .variantTypes, .variants, .sources, .takes, .segments, .jobs, .runs, .workers,
    .events, .actions, .deliveries, .budgets, .macros, .scripts, .users, .history,
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

  static let reviewDecision = Vocabulary(
    name: "decision", words: ["approved", "rejected"], databaseType: "review_decision", isStatus: true)

  static let attemptOutcome = Vocabulary(
    name: "outcome", words: ["completed", "failed", "cancelled", "handed_back", "lost"], databaseType: nil)

  static let deliveryPhase = Vocabulary(
    name: "phase", words: ["validating", "joining", "finishing"], databaseType: nil)

  /// The causes of the view `cell_blockers`.
  static let blocker = Vocabulary(
    name: "blocker",
    words: [
      "source_qa", "source_qa_failed", "variant_generation", "variant_approval", "variant_rejected", "variant_failed",
      "variant_stale", "gpu_budget", "disk_budget", "run_paused", "held",
      "scene_type_held",
    ],
    databaseType: nil)
}

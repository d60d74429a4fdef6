import QueryLanguage

/// Fields that several entities have.
extension Field {
  /// A field that rows may be without.
  static func optional(_ name: String, _ type: FieldType, _ summary: String) -> Field {
    Field(name, type, summary, isOptional: true)
  }

  static let id = Field("id", .int, "its number, the same for ever")
  static let named = Field("name", .text, "its name")
  static let run = Field("run", .reference(.run), "the run it belongs to")
  static let maybeRun = optional("run", .reference(.run), "the run it belongs to")
  static let character = Field("character", .reference(.character), "the character, by id or name")
  static let sceneType = Field("scene_type", .reference(.sceneType), "the scene type, by id or name")
  static let variant = Field("variant", .reference(.variantType), "the variant type, by id or name")
  static let worker = optional("worker", .reference(.worker), "who runs it or ran it last")
  static let sha256 = Field("sha256", .text, "SHA-256 of the file")
  static let maybeSHA256 = optional("sha256", .text, "SHA-256 of the file, once there is one")
  static let path = Field("path", .text, "the file")
  static let maybePath = optional("path", .text, "the file, once there is one")
  static let error = optional("error", .text, "what went wrong last")
  static let reviewer = optional("reviewer", .text, "who decided")
  static let note = optional("note", .text, "what the reviewer wrote")
  static let createdAt = Field("created_at", .time, "when it was made")
  static let updatedAt = Field("updated_at", .time, "when it last changed")
  static let queuedAt = Field("queued_at", .time, "when it was queued")
  static let startedAt = optional("started_at", .time, "when work on it began")
  static let finishedAt = optional("finished_at", .time, "when work on it ended")
  static let reviewedAt = optional("reviewed_at", .time, "when it was decided on")
  static let gpuSeconds = Field("gpu_seconds", .duration, "GPU time spent")
  static let estimatedGPUSeconds = Field("estimated_gpu_seconds", .duration, "GPU time expected")
  static let generator = Field("generator", .text, "the generator that makes it")
  static let prompt = Field("prompt", .text, "what the generator is told")
  static let position = Field("position", .int, "its place in the production file")
  static let width = Field("width", .int, "pixels across")
  static let height = Field("height", .int, "pixels down")
  static let bytes = Field("bytes", .int, "size of the file")
  static let maybeBytes = optional("bytes", .int, "size of what was made so far")
}

import QueryLanguage

/// What the shell knows of itself.
extension Entity {
  static let history = Entity(
    name: "history", singular: "statement", summary: "what was entered at this user's prompts", scope: .shared,
    timeField: "at", defaultFields: ["id", "at", "took", "result", "action", "statement"],
    fields: [
      Field("id", .int, "its place, the newest has the highest"),
      Field("at", .time, "when it was entered"),
      Field("statement", .text, "as it was typed"),
      .optional("project", .text, "the project in use"),
      .optional("run", .text, "the run in use"),
      .optional("took", .duration, "how long it ran"),
      .optional("result", .word(.historyResult), "what became of it"),
      .optional("action", .int, "id of the last action it carried out"),
      Field("here", .bool, "entered at this prompt"),
    ])
}

extension Vocabulary {
  static let historyResult = Vocabulary(
    name: "result", words: ["done", "partly_done", "failed", "cancelled", "declined", "unknown"], databaseType: nil)
}

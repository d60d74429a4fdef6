/// The texts of `help`.
public enum Help {
  /// Words with a page of their own beside topics and entities.
  static let lists: [String: Topic.Kind] = [
    "statements": .statement, "stages": .stage, "actions": .action, "conditions": .condition,
  ]

  /// Words whose pages are tables of their own.
  static let pages = ["entities", "errors", "statuses", "exit", "settings"]

  /// Every word that `help` knows.
  public static func words(in catalogue: Catalogue) -> [String] {
    (Topic.all.map(\.name) + Topic.aliases.keys + lists.keys + pages + catalogue.entities.map(\.name)).sorted()
  }

  /// The page for what stands behind `help`, lines ending in newlines; the overview for nothing, nil for what is unknown.
  public static func text(for words: [String], in catalogue: Catalogue) -> String? {
    guard let word = words.first?.lowercased() else { return overview(catalogue) }
    if word == "errors", words.count > 1 { return ErrorTopic.named(words[1]).map(page) }
    let parts = [
      pages.contains(word) ? table(word, catalogue) : nil,
      lists[word].map(list),
      Topic.named(word).map(page),
      catalogue.entity(word).map(describe),
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private static func table(_ word: String, _ catalogue: Catalogue) -> String {
    switch word {
    case "errors": columns(ErrorTopic.all.map { ($0.code, $0.summary) }) + "\nhelp errors CODE says what to do\n"
    case "statuses": statuses(catalogue)
    case "exit": columns(ExitStatus.allCases.map { (String($0.rawValue), $0.summary) })
    case "settings":
      columns(SettingName.allCases.map { ($0.rawValue, "\($0.summary) (\($0.value.description))") })
        + "\nset NAME VALUE changes one\n"
    default: entities(catalogue)
    }
  }

  private static func page(_ error: ErrorTopic) -> String {
    "\(error.code)\n" + Wrapping.block(error.summary, indent: 4) + "\n" + Wrapping.block(error.remedy, indent: 4)
      + (error.example.map { "\n    \($0)\n" } ?? "")
  }

  /// The words of every status, by whose it is.
  private static func statuses(_ catalogue: Catalogue) -> String {
    columns(
      catalogue.entities.flatMap { entity in
        entity.fields.compactMap { field in
          guard case .word(let vocabulary) = field.type, vocabulary.isStatus else { return nil }
          return ("\(entity.name) \(field.name)", vocabulary.words.joined(separator: " "))
        }
      })
  }

  /// An entity's fields.
  public static func describe(_ entity: Entity) -> String {
    let rows = entity.fields.map { field in
      (field.name, "\(field.type.description)\(field.isOptional ? " or null" : ""): \(field.summary)")
    }
    return Wrapping.block("\(entity.name): \(entity.summary)", indent: 0) + "\n" + columns(rows)
  }

  /// A kept macro: how it is called, what it is for, what it stands for. `checked` is `Checker.checkedMacro`: nil when something that
  /// it names has gone.
  public static func page(of macro: MacroDefinition, checked: CheckedMacro?) -> String {
    var lines = [checked?.usage ?? "@\(macro.name.value)"]
    if let documentation = macro.documentation { lines.append("    " + documentation) }
    lines += ["", "    " + macro.body.description]
    if let action = checked?.action { lines.append("It ends in an action: \(action.rawValue)") }
    if !macro.calls.isEmpty { lines.append("It calls " + macro.calls.map { "@\($0)" }.joined(separator: ", ")) }
    if checked == nil { lines.append("It does not work as things are: something that it names is no longer there") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func overview(_ catalogue: Catalogue) -> String {
    let parts = Topic.Kind.allCases.map { kind in
      "\(kind.rawValue)s: "
        + Topic.all.filter { $0.kind == kind }.map(\.name).joined(separator: "  ")
    }
    let entities = "entities: " + catalogue.entities.map(\.name).joined(separator: "  ")
    let more = "more: " + (pages + lists.keys.sorted()).joined(separator: "  ")
    return """
      A statement is a pipeline: rows, stages, and at most one action at its end.

          cells where status=failed and character=3 | submit


      """ + (parts + [entities, more]).map { wrap($0) }.joined(separator: "\n")
        + "\n\nhelp WORD says more about any of them\n"
  }

  private static func page(_ topic: Topic) -> String {
    Wrapping.block(topic.usage, indent: 0, hanging: 8) + Wrapping.block(topic.summary, indent: 4) + "\n"
      + topic.examples.map { "    \($0)\n" }.joined()
  }

  private static func list(_ kind: Topic.Kind) -> String {
    columns(Topic.all.filter { $0.kind == kind }.map { ($0.name, $0.summary) })
  }

  private static func entities(_ catalogue: Catalogue) -> String {
    columns(catalogue.entities.map { ($0.name, $0.summary) })
  }

  private static func columns(_ rows: [(String, String)]) -> String {
    let column = (rows.map(\.0.count).max() ?? 0) + 4
    return rows.map { name, text in
      Wrapping.lines(
        text.split(separator: " ", omittingEmptySubsequences: false).map(String.init), joint: " ",
        width: width - column, hanging: 0
      ).enumerated().map { index, line in
        let lead = index == 0 ? "  " + name : ""
        return lead + String(repeating: " ", count: column - lead.count) + line + "\n"
      }.joined()
    }.joined()
  }

  static let width = 80

  /// The words that come by two blanks, with later lines indented.
  private static func wrap(_ text: String) -> String {
    Wrapping.lines(text.split(separator: "  ").map(String.init), joint: "  ", width: width, hanging: 2).joined(
      separator: "\n")
  }
}

extension FieldType {
  /// What a person may compare the field with.
  public var description: String {
    switch self {
    case .bool: "true or false"
    case .int: "whole number"
    case .double: "number"
    case .text: "text"
    case .word(let vocabulary): "one of " + vocabulary.words.joined(separator: " ")
    case .time: "time"
    case .duration: "duration"
    case .list(let vocabulary):
      vocabulary.map { "any of " + $0.words.joined(separator: " ") } ?? "several texts"
    case .reference(let kind): "\(kind.rawValue), by id or name"
    }
  }
}

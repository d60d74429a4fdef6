/// The language as a page of markdown, made from the same tables as `help`.
public enum LanguagePage {
  /// Lines ending in newlines, without a heading of its own.
  public static func markdown(_ catalogue: Catalogue) -> String {
    let topics = Topic.Kind.allCases.map { kind in
      "### \(kind.title)\n\n"
        + table(["usage", "what it does", "for example"], Topic.all.filter { $0.kind == kind }.map(row))
    }
    let settings = SettingName.allCases.map { ["`\($0.rawValue)`", $0.summary, $0.value.description] }
    return
      (topics + [
        "### Entities\n\n" + table(["entity", "what", "fields"], catalogue.entities.map(row)),
        "### Settings\n\n" + table(["setting", "what", "values"], settings),
        "### Exit codes\n\n"
          + table(["code", "means"], ExitStatus.allCases.map { [String($0.rawValue), $0.summary] }),
      ]).joined(separator: "\n")
  }

  private static func row(_ topic: Topic) -> [String] {
    [code(topic.usage), topic.summary, topic.examples.first.map(code) ?? ""]
  }

  private static func row(_ entity: Entity) -> [String] {
    [
      "`\(entity.name)`", entity.summary,
      entity.fields.map { $0.name.replacing("_", with: "\\_") }.joined(separator: " "),
    ]
  }

  private static func code(_ text: String) -> String { "`\(text)`" }

  private static func table(_ heads: [String], _ rows: [[String]]) -> String {
    ([heads, heads.map { _ in "---" }] + rows).map { row in
      "| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }.joined()
  }
}

extension Topic.Kind {
  fileprivate var title: String {
    switch self {
    case .statement: "Statements"
    case .stage: "Stages"
    case .action: "Actions"
    case .condition: "Conditions and values"
    }
  }
}

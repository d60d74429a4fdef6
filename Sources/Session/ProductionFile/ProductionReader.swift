import Diagnostics
import Model
import Orchestrator
import Yams

/// Walks the tree of a production file, section by section.
struct ProductionReader {
  var reader: FieldReader
  let folder: String
  /// Filled by `generators`, read by what uses them. A generator with a mistake is still known by name.
  var generatorKinds: [String: GeneratorKind?] = [:]

  init(document: YAMLDocument, folder: String) {
    reader = FieldReader(document: document)
    self.folder = folder
  }

  var report: FindingReport { reader.report }

  /// nil when something was missing or wrong; then the report says what.
  mutating func production() -> ProductionFile? {
    guard let root = reader.document.root, !isNothing(root) else {
      reader.report.add(
        "empty_file", "the production file declares nothing", at: Span(0, 0), hint: "begin with  project: NAME")
      return nil
    }
    let known = [
      "project", "description", "users", "generators", "source_rules", "characters", "scene_types", "variant_types",
      "budgets",
    ]
    let required = ["project", "generators", "characters", "scene_types", "variant_types"]
    guard let fields = reader.fields(root, of: "the production file", known: known, required: required) else {
      return nil
    }
    let project = name("project", of: fields)
    let description = reader.text("description", of: fields)?.value ?? ""
    let users = users(fields)
    let generators = generators(fields)
    let sourceRules = sourceRules(fields)
    let characters = characters(fields)
    let sceneTypes = sceneTypes(fields)
    let variantTypes = variantTypes(fields)
    let budgets = budgets(fields)
    guard let project else { return nil }
    return ProductionFile(
      project: project.value, description: description, folder: folder, users: users, generators: generators,
      sourceRules: sourceRules, characters: characters, sceneTypes: sceneTypes, variantTypes: variantTypes,
      gpuHours: budgets.gpuHours, diskGB: budgets.diskGB)
  }

  /// Comments alone, or an explicit null.
  private func isNothing(_ root: Node) -> Bool {
    root.scalar.map { $0.style == .plain && ["", "~", "null"].contains($0.string) } ?? false
  }

  // MARK: Names

  mutating func name(_ key: String, of fields: Fields) -> Located<String>? {
    reader.text(key, of: fields).flatMap { checkedName($0, what: "\"\(key)\" of \(fields.owner)") }
  }

  /// 1 to 64 characters that can stand on one line of a table.
  mutating func checkedName(_ name: Located<String>, what: String) -> Located<String>? {
    let problem: String? =
      if name.value.isEmpty {
        "is empty"
      } else if name.value.count > 64 {
        "has \(name.value.count) characters; a name has at most 64"
      } else if name.value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
        "holds a control character"
      } else if name.value.first?.isWhitespace == true || name.value.last?.isWhitespace == true {
        "begins or ends with a space"
      } else {
        nil
      }
    guard let problem else { return name }
    reader.report.add("bad_name", "\(what) \(problem)", at: name.span)
    return nil
  }

  /// The list under `key`, each element read by `read` from its fields and its name, which no two share.
  mutating func namedList<Item>(
    _ key: String, of root: Fields, what: String, known: [String], required: [String],
    read: (inout ProductionReader, Fields, String) -> Item?
  ) -> [Item] {
    guard let nodes = reader.list(key, of: root) else { return [] }
    if nodes.isEmpty && key != "users" {
      reader.report.add("missing_key", "\"\(key)\" is empty; at least one \(what) is needed", at: span(key, of: root))
    }
    var places: [String: Span] = [:]
    return nodes.compactMap { node in
      let owner = peekedName(of: node).map { "\(what) \"\($0)\"" } ?? "a \(what)"
      guard let fields = reader.fields(node, of: owner, known: ["name"] + known, required: ["name"] + required)
      else { return nil }
      let name = name("name", of: fields)
      if let name { noteDuplicate(name, what: what, places: &places) }
      let item = read(&self, fields, name?.value ?? "")
      return name == nil ? nil : item
    }
  }

  private mutating func noteDuplicate(_ name: Located<String>, what: String, places: inout [String: Span]) {
    if let first = places[name.value] {
      let line = reader.report.line(of: first)
      reader.report.add("duplicate_name", "\(what) \"\(name.value)\" stands already in \(line)", at: name.span)
    } else {
      places[name.value] = name.span
    }
  }

  /// The name for messages, before anything is checked.
  private func peekedName(of node: Node) -> String? {
    let entry = reader.document.resolved(node)?.mapping?.first { $0.key.scalar?.string == "name" }
    return entry?.value.scalar.map { String(reader.document.text(of: $0).prefix(64)) }
  }

  func span(_ key: String, of fields: Fields) -> Span {
    reader.node(key, of: fields).map { reader.document.span(of: $0) } ?? fields.span
  }
}

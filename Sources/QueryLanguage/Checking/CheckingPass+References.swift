import Diagnostics

extension CheckingPass {
  /// The value with `$x` replaced by what it stands for. While a definition is checked, a parameter of it is remembered as one of
  /// the type; without a type it stays as it is.
  mutating func resolved(_ literal: Located<Literal>, as type: ParameterType?) -> Located<Literal>? {
    guard literal.value.kind == .parameter else { return literal }
    if definition != nil { return use(literal, as: type) }
    let name = literal.value.text.lowercased()
    if let value = checker.variables[name] { return Located(value, literal.span) }
    report(
      .unknownVariable, "$\(literal.value.text) has no value", at: literal.span,
      hint: Spelling.suggestion(for: name, among: checker.variables.keys.sorted(), prefix: "$")
        ?? "give it one:  let $\(name) = ...  or on the command line  --var \(name)=...")
    return nil
  }

  /// `3` is an id, anything else a name.
  mutating func reference(_ literal: Located<Literal>, _ kind: ReferenceKind) -> Reference? {
    kindsAsked.insert(kind)
    if literal.value.kind == .parameter, definition != nil {
      return use(literal, as: .reference(kind)).map { _ in .name("") }
    }
    guard let literal = resolved(literal, as: .reference(kind)) else { return nil }
    if case .integer(let id) = literal.value.kind { return reference(id, kind, at: literal.span) }
    guard literal.value.kind != .null else {
      report(.wrongType, "a \(kind.rawValue) is needed here", at: literal.span)
      return nil
    }
    let name = literal.value.text
    switch checker.names.match(name, kind) {
    case .found(let entry):
      return .id(entry.id, name: entry.name)
    case .notRead:
      return .name(name)
    case .ambiguous(let entries):
      let choices = entries.prefix(5).map { "\"\($0.name)\"" }
      report(
        .ambiguousName, "\"\(name)\" could be " + Spelling.list(choices, conjunction: "or"), at: literal.span,
        hint: "write the whole name in quotes")
      return nil
    case .unknown:
      report(
        .unknownName, "there is no \(kind.rawValue) \"\(name)\"", at: literal.span, hint: suggestion(for: name, kind))
      return nil
    }
  }

  private mutating func reference(_ id: Int64, _ kind: ReferenceKind, at span: Span) -> Reference? {
    guard let entries = checker.names.entries[kind] else { return .id(id, name: nil) }
    if let entry = entries.first(where: { $0.id == id }) { return .id(id, name: entry.name) }
    let namesake = entries.contains { $0.name == String(id) }
    report(
      .unknownName, "there is no \(kind.rawValue) with the id \(id)", at: span,
      hint: namesake ? "the name needs quotes: \"\(id)\"" : known(kind))
    return nil
  }

  private func suggestion(for name: String, _ kind: ReferenceKind) -> String? {
    let names = (checker.names.entries[kind] ?? []).map(\.name)
    let firstWords = names.compactMap { $0.split(separator: " ").first.map(String.init) }
    return Spelling.suggestion(for: name, among: names) ?? Spelling.suggestion(for: name, among: firstWords)
      ?? known(kind)
  }

  private func known(_ kind: ReferenceKind) -> String? {
    let entries = checker.names.entries[kind] ?? []
    if entries.isEmpty { return "there are none yet" }
    guard entries.count <= 8 else { return nil }
    return "known: " + entries.map { "\($0.name) (id \($0.id))" }.joined(separator: ", ")
  }

  /// What people call a field before they know its name.
  private static let otherWords = [
    "text": "statement", "line": "statement", "command": "statement", "query": "statement", "who": "user", "by": "user",
    "when": "at", "time": "at", "duration": "took", "scene": "scene_type", "look": "variant", "state": "status",
    "reason": "error", "message": "error",
  ]

  /// A field of the rows at hand.
  mutating func field(_ name: Name, in scope: FieldScope) -> Field? {
    if let field = scope.shape.fields.first(where: { $0.name == name.value }) { return field }
    let known = scope.shape.fields.map(\.name)
    let owner = scope.shape.isEntity ? scope.entity.name : "the rows here"
    let meant = Self.otherWords[name.value.lowercased()].flatMap { word in known.contains(word) ? word : nil }
    let hint =
      meant.map { "did you mean \($0)?" } ?? Spelling.suggestion(for: name.value, among: known)
      ?? (known.count <= 8
        ? "there is " + known.joined(separator: ", ") : "\"describe \(scope.entity.name)\" lists them")
    // history is one
    let verb = owner.hasSuffix("y") ? "has" : "have"
    report(.unknownField, "\(owner) \(verb) no field \"\(name.value)\"", at: name.span, hint: hint)
    return nil
  }
}

/// What the names in a stage are looked up in.
struct FieldScope {
  var entity: Entity
  var shape: Shape
}

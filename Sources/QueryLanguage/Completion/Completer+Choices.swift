import Diagnostics

/// What each place offers.
extension Completer {
  func choices(_ place: Place) -> [Suggestions.Item] {
    switch place {
    case .statement(let inner): statementWords(inner)
    case .source: entities + macros(called: true)
    case .afterSource: [Suggestions.Item("where"), Suggestions.Item("|")]
    case .condition(let rows): conditionWords(rows)
    case .comparison(let field): comparisons(field)
    case .value(let field, let rows, let isListed): values(field, rows, isListed)
    case .afterCondition: ["and", "or", "|"].map { Suggestions.Item($0) }
    case .nullness: ["set", "null", "not"].map { Suggestions.Item($0) }
    case .moment: (MomentReader.words + ["1h", "2h", "1d", "7d"]).map { Suggestions.Item($0) } + variables
    case .stage(let rows): stages(rows)
    case .field(let rows): rows.fields.map(plain)
    case .aggregate:
      [Suggestions.Item("count"), Suggestions.Item("by")]
        + ["sum", "avg", "min", "max"].map { (word: String) in Suggestions.Item("\(word)(", label: word, suffix: "") }
    case .axis: ["characters", "scene_types", "variant_types", "show"].map { Suggestions.Item($0) }
    case .option(let action): action.options.keys.sorted().map { Suggestions.Item("\($0)=", suffix: "") }
    case .optionValue(let kind): optionValues(kind)
    case .reference(let kind): names(kind)
    case .budget: names(.run) + words(["project"] + Self.budgetOptions)
    case .macroName: macros(called: false) + [Suggestions.Item("script", summary: "a saved script")]
    case .macroArgument(let name): arguments(name)
    case .setting: live.settings.map { Suggestions.Item($0.name, summary: $0.summary) }
    case .settingValue(let key):
      (live.settings.first { $0.name == key }?.values ?? []).map { Suggestions.Item($0) }
    case .helpWord: helpWords
    case .planName: live.plans.map { name($0) } + [Suggestions.Item("\"", label: "\"", summary: "a file", suffix: "")]
    case .scriptName: live.scripts.map { name($0) }
    case .tag: live.tags.map { name($0) }
    case .words(let list): words(list)
    case .path, .nothing: []
    }
  }

  // MARK: Words of the language

  static let budgetOptions = ["gpu_hours=", "disk_gb="]

  private func words(_ words: [String]) -> [Suggestions.Item] {
    words.map { Suggestions.Item($0, suffix: $0.hasSuffix("=") ? "" : " ") }
  }

  private var entities: [Suggestions.Item] {
    catalogue.entities.map { Suggestions.Item($0.name, summary: $0.summary) }
  }

  /// Named, for help and the like, they are not called.
  private func macros(called: Bool) -> [Suggestions.Item] {
    live.macros.map { macro in
      let usage = macro.parameters.isEmpty ? "" : "($\(macro.parameters.joined(separator: ", $"))) "
      return Suggestions.Item(
        "@\(macro.name)", summary: usage + macro.summary, suffix: called && macro.needsArguments ? "(" : " ")
    }
  }

  private func statementWords(_ inner: Bool) -> [Suggestions.Item] {
    let views = Parser.leadingViews.sorted().map { Suggestions.Item($0, summary: Topic.named($0)?.summary ?? "") }
    if inner { return entities + views + macros(called: true) }
    let words = (Parser.statementWords + ["select"]).sorted()
    return entities + views + words.map { Suggestions.Item($0, summary: Topic.named($0)?.summary ?? "") }
      + macros(called: true)
  }

  private func stages(_ rows: Rows) -> [Suggestions.Item] {
    let stages = Parser.stageReaders.keys.sorted().map { Suggestions.Item($0, summary: Topic.named($0)?.summary ?? "") }
    guard rows.isEntity else { return stages }
    let actions = ActionName.allCases.filter { name in
      rows.entity.map { ActionSpecification.of(name).entities.contains($0.name) } ?? true
    }
    return stages + actions.map { Suggestions.Item($0.rawValue, summary: Topic.named($0.rawValue)?.summary ?? "") }
  }

  private func conditionWords(_ rows: Rows) -> [Suggestions.Item] {
    let times = rows.entity?.timeField == nil ? [] : ["since", "before", "older than"]
    return rows.fields.map(compared) + (["not"] + times).map { Suggestions.Item($0) }
      + (live.macros.isEmpty
        ? [] : [Suggestions.Item("in @", label: "in @", summary: "the rows of a macro", suffix: "")])
  }

  private func plain(_ field: Field) -> Suggestions.Item { Suggestions.Item(field.name, summary: field.summary) }

  /// A field that is nearly always compared with one value brings its `=` along.
  private func compared(_ field: Field) -> Suggestions.Item {
    switch field.type {
    case .word, .reference, .list: Suggestions.Item(field.name, summary: field.summary, suffix: "=")
    case .bool, .int, .double, .text, .time, .duration: plain(field)
    }
  }

  private func comparisons(_ field: Field) -> [Suggestions.Item] {
    let words: [String] =
      switch field.type {
      case .bool: ["=", "and", "or", "|"]
      case .word, .reference, .list: ["=", "!=", "in (", "not in (", "is set", "is null"]
      case .int, .double, .duration: ["=", "!=", "<", "<=", ">", ">=", "in (", "is set", "is null"]
      case .text: ["=", "!=", "like", "~", "in (", "not like", "is set", "is null"]
      case .time: ["since", "before", "older than", "<", ">", "is set", "is null"]
      }
    return words.map { Suggestions.Item($0, suffix: ["=", "!=", "in (", "not in ("].contains($0) ? "" : " ") }
  }

  private var helpWords: [Suggestions.Item] {
    Help.words(in: catalogue).map { Suggestions.Item($0, summary: Topic.named($0)?.summary ?? "") }
      + macros(called: false)
  }

  // MARK: Values

  private func values(_ field: Field, _ rows: Rows, _ isListed: Bool) -> [Suggestions.Item] {
    let counts = rows.entity.flatMap { live.counts[$0.name]?[field.name] } ?? [:]
    func item(_ word: String) -> Suggestions.Item {
      Suggestions.Item(
        Literal.spelled(word), label: word, count: counts.isEmpty ? nil : counts[word] ?? 0,
        suffix: isListed ? "" : " ")
    }
    switch field.type {
    case .bool: return ["true", "false"].map { Suggestions.Item($0) }
    case .word(let vocabulary): return byCount(vocabulary.words.map(item)) + variables
    case .list(let vocabulary): return (vocabulary?.words ?? live.tags).map(item) + variables
    case .reference(let kind): return names(of: kind).map(item) + variables
    case .time: return MomentReader.words.map { Suggestions.Item($0) } + variables
    case .text where ["user", "reviewer", "created_by"].contains(field.name): return live.users.map(item) + variables
    case .text where !counts.isEmpty: return counts.keys.sorted().map(item) + variables
    case .int, .double, .text, .duration: return variables
    }
  }

  /// What there is comes before what there is none of.
  private func byCount(_ items: [Suggestions.Item]) -> [Suggestions.Item] {
    items.filter { $0.count != 0 } + items.filter { $0.count == 0 }
  }

  private var variables: [Suggestions.Item] { live.variables.map { Suggestions.Item("$\($0)", summary: "a variable") } }

  private func names(_ kind: ReferenceKind) -> [Suggestions.Item] { names(of: kind).map { name($0) } }

  /// There may be thousands: nothing is made of those that are not offered.
  private func names(of kind: ReferenceKind) -> [String] {
    typed.matching(live.names[kind] ?? [], by: \.self, most: Self.most)
  }

  private func name(_ text: String) -> Suggestions.Item {
    Suggestions.Item(Literal.spelled(text), label: text)
  }

  private func arguments(_ macro: String) -> [Suggestions.Item] {
    let parameters = live.macros.first { $0.name == macro }?.parameters ?? []
    return parameters.map { Suggestions.Item("\($0)=", suffix: "") }
  }

  private func optionValues(_ kind: ActionSpecification.OptionKind) -> [Suggestions.Item] {
    switch kind {
    case .bool: ["true", "false"].map { Suggestions.Item($0) }
    case .newTake: [Suggestions.Item("new", summary: "the next take")]
    case .text: [Suggestions.Item("\"", summary: "a text in quotes", suffix: "")]
    case .wholeNumber, .takeNumber: []
    }
  }
}

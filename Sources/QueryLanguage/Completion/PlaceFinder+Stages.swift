/// Inside the source, a stage, a condition.
extension PlaceFinder {
  func source(_ tokens: Tokens) -> Place {
    let isSelect = tokens.first?.word == "select"
    let tokens = isSelect ? tokens.dropFirst() : tokens
    guard let first = tokens.first else { return isSelect ? .source : .statement(inner: true) }
    let rest = tokens.dropFirst()
    if case .macro = first.kind { return .afterCondition }
    guard let word = first.word else { return .nothing }
    if Parser.leadingViews.contains(word) {
      if let start = rest.firstIndex(where: { $0.word == "where" }) {
        return condition(rest[(start + 1)...], Rows(catalogue.entity("cells")))
      }
      return word == "matrix" ? matrix(rest, mayFilter: true) : .words(["where"])
    }
    if rest.isEmpty { return .afterSource }
    guard rest.first?.word == "where" else { return .nothing }
    return condition(rest.dropFirst(), Rows(catalogue.entity(word)))
  }

  func stage(_ tokens: Tokens, _ rows: Rows) -> Place {
    guard let word = tokens.first?.word else { return .stage(rows) }
    let rest = tokens.dropFirst()
    switch word {
    case "where": return condition(rest, rows)
    case "expect": return rest.first?.word == "none" ? .nothing : condition(rest, rows)
    case "sort", "pick", "distinct": return list(rest, rows)
    case "group":
      if let by = rest.firstIndex(where: { $0.word == "by" }) { return list(rest[(by + 1)...], rows) }
      return rest.last.map { $0.kind == .comma } ?? true ? .aggregate : .words(["by"])
    case "take": return rest.isEmpty ? .words(["last"]) : .nothing
    case "union", "except", "intersect": return rest.isEmpty ? .source : source(rest)
    case "matrix": return matrix(rest, mayFilter: false)
    case "watch":
      if let until = rest.firstIndex(where: { $0.word == "until" }) {
        return condition(rest[(until + 1)...], rows.isEntity ? Rows(nil).withCount : rows)
      }
      return rest.last?.word == "every" ? .nothing : .words(rest.isEmpty ? ["every", "until"] : ["until"])
    case "export":
      if rest.isEmpty { return .path }
      return rest.last?.word == "format" ? .settingValue("format") : rest.count == 1 ? .words(["format"]) : .nothing
    default:
      return ActionName(rawValue: word).map { action(ActionSpecification.of($0), rest) } ?? .nothing
    }
  }

  /// Fields with commas between them.
  private func list(_ tokens: Tokens, _ rows: Rows) -> Place {
    guard let last = tokens.last else { return .field(rows) }
    return last.kind == .comma || last.kind == .minus ? .field(rows) : .nothing
  }

  private func matrix(_ rest: Tokens, mayFilter: Bool) -> Place {
    if let show = rest.firstIndex(where: { $0.word == "show" }) {
      return rest.endIndex == show + 1 ? .field(Rows(catalogue.entity("cells"))) : .words(mayFilter ? ["where"] : [])
    }
    switch rest.count {
    case 0: return .axis
    case 1: return .words(["x"])
    case 2: return .axis
    default: return .words(mayFilter ? ["show", "where"] : ["show"])
    }
  }

  private func action(_ specification: ActionSpecification, _ rest: Tokens) -> Place {
    guard let last = rest.last else {
      return specification.argument == "tag" ? .tag : .option(specification)
    }
    if last.kind == .comparison(.equal), let key = rest.dropLast().last?.word {
      if key == "tag" { return .tag }
      return specification.options[key].map { .optionValue($0) } ?? .nothing
    }
    return .option(specification)
  }

  // MARK: Conditions

  private enum Progress {
    case operand
    case field(Field)
    case value(Field)
    case nullness
    case moment
    case macro
    case anything
    case whole
  }

  func condition(_ tokens: Tokens, _ rows: Rows) -> Place {
    var progress = Progress.operand
    var index = tokens.startIndex
    while index < tokens.endIndex {
      if tokens[index].kind == .openBracket {
        index = end(of: index, in: tokens)
        progress = .whole
      } else {
        progress = next(progress, tokens[index], rows)
        index += 1
      }
    }
    switch progress {
    case .operand: return .condition(rows)
    case .field(let field): return .comparison(field)
    case .value(let field): return .value(field, of: rows, isListed: false)
    case .nullness: return .nullness
    case .moment: return .moment
    case .macro: return .macroName
    case .anything: return .nothing
    case .whole: return .afterCondition
    }
  }

  /// Behind the closing bracket.
  private func end(of open: Int, in tokens: Tokens) -> Int {
    var depth = 0
    for index in open..<tokens.endIndex {
      if tokens[index].kind == .openBracket { depth += 1 }
      if tokens[index].kind == .closeBracket { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return tokens.endIndex
  }

  private func next(_ progress: Progress, _ token: Token, _ rows: Rows) -> Progress {
    if let word = token.word, ["and", "or"].contains(word) { return .operand }
    switch progress {
    case .operand: return operand(token, rows)
    case .field(let field): return comparison(field, token)
    case .value(let field):
      if case .minus = token.kind { return .value(field) }
      return .whole
    case .nullness: return token.word == "not" ? .nullness : .whole
    case .moment: return token.word == "than" ? .moment : .whole
    case .macro, .anything: return .whole
    case .whole:
      return token.kind == .range ? .anything : .whole
    }
  }

  private func operand(_ token: Token, _ rows: Rows) -> Progress {
    guard let word = token.word else { return .whole }
    switch word {
    case "not": return .operand
    case "since", "before", "older": return .moment
    case "in": return .macro
    case "true", "false": return .whole
    default: return rows.field(word).map { .field($0) } ?? .anything
    }
  }

  private func comparison(_ field: Field, _ token: Token) -> Progress {
    switch token.kind {
    case .comparison: return .value(field)
    case .tilde: return .anything
    case .word(let word):
      switch word.lowercased() {
      case "is": return .nullness
      case "like": return .anything
      case "since", "before", "older": return .moment
      default: return .field(field)
      }
    default: return .field(field)
    }
  }
}

extension Rows {
  /// What `until` can speak of beside the rows' own fields.
  fileprivate var withCount: Rows {
    Rows(entity: entity, fields: fields + [Field("count", .int, "how many rows")], isEntity: isEntity)
  }
}

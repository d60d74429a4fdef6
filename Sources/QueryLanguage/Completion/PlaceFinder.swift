import Diagnostics

/// Finds out what the grammar expects behind some tokens. It goes by what is there and does not mind what is wrong with it.
struct PlaceFinder {
  typealias Tokens = ArraySlice<Token>

  let catalogue: Catalogue
  let live: LiveValues

  /// `tokens` are those of one statement, without the word at the cursor.
  func place(_ tokens: Tokens) -> Place {
    guard let first = tokens.first else { return .statement(inner: false) }
    guard let word = first.word else { return pipeline(tokens) }
    let rest = tokens.dropFirst()
    switch word {
    case "plan": return rest.contains { $0.word == "as" } ? .nothing : inner(rest)
    case "explain": return inner(rest.first?.word == "analyze" ? rest.dropFirst() : rest)
    case "save": return save(rest)
    case _ where Parser.statementWords.contains(word): return statement(word, rest)
    default: return pipeline(tokens)
    }
  }

  private func inner(_ tokens: Tokens) -> Place { tokens.isEmpty ? .statement(inner: true) : pipeline(tokens) }

  // MARK: Statements

  private func statement(_ word: String, _ rest: Tokens) -> Place {
    let isFirst = rest.isEmpty
    switch word {
    case "use":
      if isFirst { return .words(["project", "run"]) }
      return rest.count == 1 ? .reference(rest.first?.word == "project" ? .project : .run) : .nothing
    case "pause", "resume": return isFirst ? .reference(.run) : .nothing
    case "deliver":
      if let last = rest.last, last.kind == .comparison(.equal) { return .path }
      return isFirst ? .reference(.run) : .words(["to="])
    case "budget":
      if rest.last?.kind == .comparison(.equal) { return .nothing }
      return isFirst ? .budget : .words(budgetOptions(rest))
    case "limit": return isFirst ? .words(catalogue.jobKinds) : rest.count == 1 ? .words(["none"]) : .nothing
    case "keep": return isFirst ? .words(KeptSubject.allCases.map(\.rawValue)) : .nothing
    case "apply": return isFirst ? .planName : .nothing
    case "include": return isFirst ? .path : .nothing
    case "run": return isFirst ? .scriptName : .nothing
    case "create": return create(rest)
    case "describe": return isFirst ? .words(catalogue.entities.map(\.name)) : .nothing
    case "help", "?":
      if isFirst { return .helpWord }
      return rest.count == 1 && rest.first?.word == "script" ? .scriptName : .nothing
    case "check": return isFirst ? .words(["matrix"]) : .nothing
    case "show": return isFirst ? .words(ShowTopic.allCases.map(\.rawValue).sorted()) : .nothing
    case "set":
      guard let key = rest.first?.word else { return isFirst ? .setting : .nothing }
      return rest.dropFirst().allSatisfy { $0.kind == .comparison(.equal) } ? .settingValue(key) : .nothing
    case "drop":
      if isFirst { return .macroName }
      return rest.count == 1 && rest.first?.word == "script" ? .scriptName : .nothing
    default: return .nothing
    }
  }

  private func create(_ rest: Tokens) -> Place {
    guard rest.first != nil else { return .words(["run"]) }
    if rest.count == 1 { return .nothing }
    let axes: [(String, ReferenceKind)] = [
      ("characters", .character), ("scene_types", .sceneType), ("variant_types", .variantType),
    ]
    if let open = rest.lastIndex(where: { $0.kind == .openBracket }),
      !rest[open...].contains(where: { $0.kind == .closeBracket })
    {
      guard let last = rest.last, last.kind == .openBracket || last.kind == .comma else { return .nothing }
      return axes.first { $0.0 == rest[..<open].last?.word }.map { .reference($0.1) } ?? .nothing
    }
    let named = rest.compactMap(\.word)
    if axes.contains(where: { $0.0 == rest.last?.word }) { return .nothing }
    if rest.last?.kind == .comparison(.equal) { return .nothing }
    return .words(axes.map(\.0).filter { !named.contains($0) } + budgetOptions(rest))
  }

  private func budgetOptions(_ rest: Tokens) -> [String] {
    let named = rest.compactMap(\.word)
    return Completer.budgetOptions.filter { !named.contains(String($0.dropLast())) }
  }

  /// `save @name(..) = PIPELINE`, `save script NAME from "file"`.
  private func save(_ rest: Tokens) -> Place {
    guard let first = rest.first else { return .words(["script"]) }
    if first.word == "script" {
      if rest.last?.word == "from" { return .path }
      if rest.contains(where: { $0.word == "from" }) { return .nothing }
      return rest.count == 1 ? .nothing : .words(["from"])
    }
    if rest.last?.word == "from", rest.count == 2 { return .words(["version"]) }
    var depth = 0
    for index in rest.indices {
      if rest[index].kind == .openBracket { depth += 1 }
      if rest[index].kind == .closeBracket { depth -= 1 }
      if depth == 0, rest[index].kind == .comparison(.equal) { return inner(rest[(index + 1)...]) }
    }
    return .nothing
  }

  // MARK: Pipelines

  func pipeline(_ tokens: Tokens) -> Place {
    if let open = openBracket(in: tokens) { return bracketed(tokens, at: open) }
    let segments = segments(of: tokens)
    guard segments.count > 1, let last = segments.last else { return source(tokens) }
    return stage(last, rows(after: segments.dropLast()))
  }

  /// The innermost bracket that is still open.
  private func openBracket(in tokens: Tokens) -> Int? {
    var open: [Int] = []
    for index in tokens.indices {
      if tokens[index].kind == .openBracket { open.append(index) }
      if tokens[index].kind == .closeBracket, !open.isEmpty { open.removeLast() }
    }
    return open.last
  }

  private func bracketed(_ tokens: Tokens, at open: Int) -> Place {
    let (before, inside) = (tokens[..<open], tokens[(open + 1)...])
    guard let previous = before.last else { return .nothing }
    if case .macro(let name) = previous.kind { return argument(of: name, inside) }
    switch previous.word {
    case "union", "except", "intersect": return inside.isEmpty ? .source : pipeline(inside)
    case "sum", "avg", "min", "max": return inside.isEmpty ? .field(rowsInScope(before)) : .nothing
    case "in":
      let named = before.dropLast().last?.word == "not" ? before.dropLast(2) : before.dropLast()
      let rows = rowsInScope(before)
      guard let field = named.last?.word.flatMap(rows.field) else { return .nothing }
      let expectsValue = inside.last.map { $0.kind == .comma || $0.kind == .range } ?? true
      return expectsValue ? .value(field, of: rows, isListed: true) : .nothing
    default: return condition(inside, rowsInScope(before))
    }
  }

  private func argument(of macro: String, _ inside: Tokens) -> Place {
    if let last = inside.last, last.kind != .comma { return .nothing }
    return .macroArgument(macro.lowercased())
  }

  /// The rows that a condition or a field in the last stage is about, whatever brackets it stands in.
  private func rowsInScope(_ tokens: Tokens) -> Rows {
    var tokens = tokens
    while let open = openBracket(in: tokens) {
      let inside = tokens[(open + 1)...]
      if ["union", "except", "intersect"].contains(tokens[..<open].last?.word), !inside.isEmpty {
        return rowsInScope(inside)
      }
      tokens = tokens[..<open]
    }
    let segments = segments(of: tokens)
    return segments.count > 1 ? rows(after: segments.dropLast()) : sourceRows(tokens)
  }

  private func segments(of tokens: Tokens) -> [Tokens] {
    var segments: [Tokens] = []
    var (start, depth) = (tokens.startIndex, 0)
    for index in tokens.indices {
      switch tokens[index].kind {
      case .openBracket: depth += 1
      case .closeBracket: depth -= 1
      case .pipe where depth == 0:
        segments.append(tokens[start..<index])
        start = index + 1
      default: break
      }
    }
    return segments + [tokens[start...]]
  }

  // MARK: Rows

  private func sourceRows(_ tokens: Tokens) -> Rows {
    let tokens = tokens.first?.word == "select" ? tokens.dropFirst() : tokens
    guard let first = tokens.first else { return .unknown }
    if case .macro(let name) = first.kind {
      let macro = live.macros.first { $0.name == name.lowercased() }
      return Rows(macro?.entity.flatMap(catalogue.entity))
    }
    guard let word = first.word else { return .unknown }
    return Rows(catalogue.entity(Parser.leadingViews.contains(word) ? "cells" : word))
  }

  private func rows(after segments: ArraySlice<Tokens>) -> Rows {
    guard let first = segments.first else { return .unknown }
    return segments.dropFirst().reduce(sourceRows(first)) { rows, stage in
      let words = stage.compactMap(\.word)
      switch words.first {
      case "count": return Rows(entity: rows.entity, fields: [Self.count], isEntity: false)
      case "distinct":
        return Rows(entity: rows.entity, fields: words.dropFirst().compactMap(rows.field), isEntity: false)
      case "group": return grouped(stage, rows)
      default: return rows
      }
    }
  }

  private static let count = Field("count", .int, "how many rows")

  private func grouped(_ stage: Tokens, _ rows: Rows) -> Rows {
    let by = stage.firstIndex { $0.word == "by" } ?? stage.endIndex
    let keys = stage[by...].dropFirst().compactMap { $0.word.flatMap(rows.field) }
    let head = stage[..<by].dropFirst()
    var results: [Field] = []
    for index in head.indices {
      guard let word = head[index].word else { continue }
      if word == "count" { results.append(Self.count) }
      guard ["sum", "avg", "min", "max"].contains(word), index + 2 < head.endIndex,
        let field = head[index + 2].word.flatMap(rows.field)
      else { continue }
      results.append(Field("\(word)_\(field.name)", field.type, "\(word) of \(field.name)"))
    }
    if results.isEmpty { results = [Self.count] }
    return Rows(entity: rows.entity, fields: keys + results, isEntity: false)
  }
}

extension Token {
  /// A word, in lower case.
  var word: String? {
    if case .word(let word) = kind { word.lowercased() } else { nil }
  }
}

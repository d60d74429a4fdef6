import Diagnostics

/// The canonical text of a statement: it parses to an equal tree. Macros are kept in this form.
extension Statement.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pipeline(let pipeline): pipeline.description
    case .plan(let pipeline, let name): "plan \(pipeline)" + text(" as ", name?.value)
    case .applyPlan(let name): "apply \(name.value)"
    case .explain(let pipeline, let analyze): "explain \(analyze ? "analyze " : "")\(pipeline)"
    case .useProject(let name): "use project \(name)"
    case .useRun(let name): "use run \(name)"
    case .createRun(let run): run.description
    case .applyFile(let path): "apply \(Literal.quoted(path.value))"
    case .deliver(let run, let options): "deliver" + text(" ", run) + text(options)
    case .pause(let run): "pause" + text(" ", run)
    case .resume(let run): "resume" + text(" ", run)
    case .budget(let run, let options): "budget" + text(" ", run) + text(options)
    case .limit(let kind, let value): "limit \(kind.value) \(value)"
    case .keep(let subject, let value): "keep \(subject.value) \(value)"
    case .undo(let action, let options): "undo" + text(" ", action) + text(options)
    case .saveMacro(let macro): macro.description
    case .restoreMacro(let name, let version): "save @\(name.value) from version \(version)"
    case .saveScript(let script): script.description
    case .dropMacro(let name): "drop @\(name.value)"
    case .dropScript(let name): "drop script \(name.value)"
    case .runScript(let name, let arguments): "run \(name.value)" + brackets(arguments)
    case .include(let path): "include \(Literal.quoted(path.value))"
    case .bind(let name, let value): "let $\(name.value) = \(value)"
    case .set(let key, let value): "set" + text(" ", key?.value) + text(" ", value)
    case .show(let topic): "show" + text(" ", topic?.value)
    case .help(let words): (["help"] + words.map(\.value)).joined(separator: " ")
    case .checkMatrix: "check matrix"
    case .describe(let entity): "describe \(entity.value)"
    case .invalid: ""
    }
  }
}

extension Located: CustomStringConvertible where Value: CustomStringConvertible {
  public var description: String { value.description }
}

extension Literal: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .text: Self.quoted(text)
    case .parameter: "$\(text)"
    case .integer, .decimal, .word, .bool, .duration, .percent, .date, .null: text
    }
  }

  /// In quotes, with what needs it escaped.
  public static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// As a value has to be written: in quotes unless it is one plain word that means nothing else.
  public static func spelled(_ text: String) -> String {
    let tokens = Lexer.tokens(of: SourceText(name: "", text: text))
    if tokens.count == 2, case .word(text) = tokens[0].kind, !reserved.contains(text.lowercased()) { return text }
    return quoted(text)
  }

  private static let reserved: Set = ["and", "or", "not", "null", "true", "false", "in", "is", "set", "like"]
}

extension Argument: CustomStringConvertible {
  public var description: String { (name.map { "\($0.value)=" } ?? "") + value.description }
}

extension CreateRun: CustomStringConvertible {
  public var description: String {
    "create run \(Literal.quoted(name.value))" + axis("characters", characters) + axis("scene_types", sceneTypes)
      + axis("variant_types", variantTypes) + text(options)
  }

  private func axis(_ name: String, _ values: [Located<Literal>]?) -> String {
    values.map { " \(name) (\($0.map(\.description).joined(separator: ", ")))" } ?? ""
  }
}

extension MacroDefinition: CustomStringConvertible {
  public var description: String {
    "save @\(name.value)\(brackets(parameters))" + text(" ", documentation.map(Literal.quoted)) + " = \(body)"
  }
}

extension MacroParameter: CustomStringConvertible {
  public var description: String { "$\(name.value)" + text(": ", type?.value) + text(" = ", defaultValue) }
}

extension ScriptDefinition: CustomStringConvertible {
  public var description: String {
    let origin =
      switch source {
      case .file(let path): Literal.quoted(path.value)
      case .last(let number): "last \(number)"
      case .version(let number): "version \(number)"
      }
    return "save script \(name.value)\(brackets(parameters)) from \(origin)"
  }
}

extension Pipeline: CustomStringConvertible {
  public var description: String {
    var steps = stages.map { $0.value.description }
    switch source {
    case .entity(let name, let condition):
      // By itself a word that is no entity would be a mistyped statement.
      let lead = Parser.entityWords.contains(name.value) ? "" : "select "
      steps.insert(lead + name.value + text(" where ", condition), at: 0)
    case .macro(let name, let arguments): steps.insert("@\(name.value)" + brackets(arguments), at: 0)
    case .cellsInUse(let condition): steps[0] += text(" where ", condition)
    }
    return (steps + [action?.value.description].compactMap { $0 }).joined(separator: " | ")
  }
}

extension Pipeline {
  /// Those of its rows that meet a condition, as text; the condition holds no `or` outside brackets.
  public func narrowed(to condition: String) -> String {
    guard case .entity(let name, let first) = source else { return "\(self) | where \(condition)" }
    var conditions = [first].compactMap { $0 }
    for stage in stages {
      guard case .filter(let filter) = stage.value else { return "\(self) | where \(condition)" }
      conditions.append(filter)
    }
    let parts = conditions.flatMap { condition -> [Condition] in
      if case .and(let operands) = condition { operands } else { [condition] }
    }
    let texts = parts.filter { $0 != .constant(true) }.map(\.bracketed) + [condition]
    return "\(name.value) where \(texts.joined(separator: " and "))"
  }
}

extension ActionCall: CustomStringConvertible {
  public var description: String { name.value + text(" ", argument) + text(options) }
}

extension Stage: CustomStringConvertible {
  public var description: String {
    switch self {
    case .filter(let condition): "where \(condition)"
    case .sort(let keys): "sort " + keys.map { ($0.descending ? "-" : "") + $0.field.value }.joined(separator: ", ")
    case .take(let number): "take \(number)"
    case .takeLast(let number): "take last \(number)"
    case .offset(let number): "offset \(number)"
    case .pick(let fields): "pick " + names(fields)
    case .distinct(let fields): "distinct " + names(fields)
    case .count: "count"
    case .group(let aggregates, let fields): "group " + list(aggregates) + "by " + names(fields)
    case .combine(let combination, let pipeline):
      "\(combination.rawValue) " + (pipeline.stages.isEmpty && pipeline.action == nil ? "\(pipeline)" : "(\(pipeline))")
    case .sample(let number): "sample \(number)"
    case .why: "why"
    case .matrix(let axes, let show):
      "matrix" + text(" ", axes.map { "\($0.rows.value) x \($0.columns.value)" }) + text(" show ", show?.value)
    case .progress: "progress"
    case .watch(let every, let until): "watch" + text(" every ", every) + text(" until ", until)
    case .export(let path, let format): "export \(path)" + text(" format ", format?.value)
    case .expectNone: "expect none"
    case .expect(let condition): "expect \(condition)"
    }
  }

  private func names(_ fields: [Name]) -> String { fields.map(\.value).joined(separator: ", ") }

  private func list(_ aggregates: [Aggregate]) -> String {
    let written = aggregates.map { aggregate in
      aggregate.function.value.rawValue + (aggregate.field.map { "(\($0.value))" } ?? "")
    }
    return written.isEmpty ? "" : written.joined(separator: ", ") + " "
  }
}

extension Condition: CustomStringConvertible {
  public var description: String {
    switch self {
    case .and(let operands): operands.map(\.bracketed).joined(separator: " and ")
    case .or(let operands): operands.map(\.bracketed).joined(separator: " or ")
    case .not(let operand): "not \(operand.bracketed)"
    case .constant(let value): value ? "true" : "false"
    case .flag(let field): field.value
    case .comparison(let field, let comparison, let operand): "\(field.value) \(comparison.rawValue) \(operand)"
    case .membership(let field, let negated, let operands):
      "\(field.value) \(negated ? "not " : "")in (\(operands.map(\.description).joined(separator: ", ")))"
    case .like(let field, let negated, let pattern): "\(field.value) \(negated ? "not " : "")like \(pattern)"
    case .matches(let field, let regex): "\(field.value) ~ \(regex)"
    case .isNull(let field, let negated): "\(field.value) is \(negated ? "set" : "null")"
    case .time(let field, let comparison, let literal):
      text("", field?.value, " ") + "\(comparison.rawValue) \(literal)"
    case .inMacro(let name, let arguments): "in @\(name.value)" + brackets(arguments)
    }
  }

  /// As an operand: what holds others is put into brackets, so that nobody has to know what binds first.
  fileprivate var bracketed: String {
    switch self {
    case .and, .or: "(\(self))"
    case .not, .constant, .flag, .comparison, .membership, .like, .matches, .isNull, .time, .inMacro: description
    }
  }
}

extension Operand: CustomStringConvertible {
  public var description: String {
    switch self {
    case .value(let literal): literal.description
    case .range(let lower, let upper): "\(lower)..\(upper)"
    }
  }
}

extension RegexLiteral: CustomStringConvertible {
  public var description: String { "/\(pattern.replacing("/", with: "\\/"))/\(ignoresCase ? "i" : "")" }
}

private func text(_ lead: String, _ value: (some CustomStringConvertible)?, _ trail: String = "") -> String {
  value.map { lead + $0.description + trail } ?? ""
}

private func text(_ options: [Argument]) -> String { options.map { " \($0)" }.joined() }

private func brackets(_ items: [some CustomStringConvertible]) -> String {
  items.isEmpty ? "" : "(\(items.map(\.description).joined(separator: ", ")))"
}

import QueryLanguage
import SQLText

extension CheckedCondition {
  /// A boolean expression that can stand beside `and` and `or` as it is.
  func sql(_ compiler: PipelineCompiler) -> SQL {
    switch self {
    case .and(let operands): "(\(SQL.joined(operands.map { $0.sql(compiler) }, separator: " and ")))"
    case .or(let operands): "(\(SQL.joined(operands.map { $0.sql(compiler) }, separator: " or ")))"
    case .not(let operand): operand.negated(compiler)
    case .constant(let value): value ? "true" : "false"
    case .flag(let field): field.column
    case .compare(let field, let comparison, let value): Self.compare(field, comparison, value)
    case .between(let field, let lower, let upper):
      "\(field.side(for: lower)) between \(lower.sql) and \(upper.sql)"
    case .among(let field, let values): Self.among(field, values)
    case .like(let field, let glob): Self.letters(of: field, match: "ilike \(Self.likePattern(glob))")
    case .matches(let field, let regex):
      Self.letters(of: field, match: regex.ignoresCase ? "~* \(regex.pattern)" : "~ \(regex.pattern)")
    case .isNull(let field): Self.isNull(field)
    case .inPipeline(let pipeline): "\(Field.id.column) in (\(compiler.idSet(pipeline)))"
    }
  }

  /// True where the condition is false or unknown: two-valued, so that rows without a value are among the others.
  private func negated(_ compiler: PipelineCompiler) -> SQL {
    switch self {
    case .compare(let field, .equal, let value) where !field.type.isList:
      "\(field.side(for: value)) is distinct from \(field.value(value))"
    case .isNull(let field) where !field.type.isList: "\(field.nullSide) is not null"
    case .and, .or, .not, .constant, .flag, .compare, .between, .among, .like, .matches, .isNull,
      .inPipeline:
      "(\(sql(compiler))) is not true"
    }
  }

  func mentions(_ name: String) -> Bool {
    switch self {
    case .and(let operands), .or(let operands): operands.contains { $0.mentions(name) }
    case .not(let operand): operand.mentions(name)
    case .constant, .inPipeline: false
    case .flag(let field), .compare(let field, _, _), .between(let field, _, _), .among(let field, _),
      .like(let field, _), .matches(let field, _), .isNull(let field):
      field.name == name
    }
  }

  private static func compare(_ field: Field, _ comparison: Comparison, _ value: Scalar) -> SQL {
    if field.type.isList { return "\(field.value(value)) = any(\(field.column))" }
    let (side, other) = (field.side(for: value), field.value(value))
    return switch comparison {
    case .equal: "\(side) = \(other)"
    case .notEqual: "\(side) is distinct from \(other)"
    case .less: "\(side) < \(other)"
    case .lessOrEqual: "\(side) <= \(other)"
    case .greater: "\(side) > \(other)"
    case .greaterOrEqual: "\(side) >= \(other)"
    }
  }

  /// One array parameter for the values of each kind, however many there are.
  private static func among(_ field: Field, _ values: [Scalar]) -> SQL {
    let ints = values.compactMap { if case .int(let value) = $0 { value } else { nil } }
    let doubles = values.compactMap { if case .double(let value) = $0 { value } else { nil } }
    let texts = values.compactMap { if case .text(let value) = $0 { value } else { nil } }
    var parts: [SQL] = []
    if let first = ints.first { parts.append("\(field.side(for: .int(first))) = any(\(ints))") }
    if !doubles.isEmpty { parts.append("\(field.column) = any(\(doubles))") }
    if !texts.isEmpty { parts.append(among(field, texts)) }
    for value in values {
      switch value {
      case .bool, .time: parts.append(compare(field, .equal, value))
      case .int, .double, .text: break
      }
    }
    return parts.count == 1 ? parts[0] : "(\(SQL.joined(parts, separator: " or ")))"
  }

  private static func among(_ field: Field, _ texts: [String]) -> SQL {
    if field.type.isList { return "\(field.column) && \(texts)" }
    if case .reference = field.type { return "lower(\(field.column)) = any(\(texts.map { $0.lowercased() }))" }
    guard let type = field.type.databaseType else { return "\(field.column) = any(\(texts))" }
    return "\(field.column) = any(\(texts)::\(identifier: type)[])"
  }

  private static func letters(of field: Field, match: SQL) -> SQL {
    if field.type.isList {
      return "exists (select from unnest(\(field.column)) as element where element \(match))"
    }
    return field.type.databaseType == nil ? "\(field.column) \(match)" : "\(field.column)::text \(match)"
  }

  private static func isNull(_ field: Field) -> SQL {
    field.type.isList ? "coalesce(cardinality(\(field.column)), 0) = 0" : "\(field.nullSide) is null"
  }

  /// A glob as `like` has it; what is special to `like` stands for itself.
  static func likePattern(_ glob: String) -> String {
    var pattern = ""
    for character in glob {
      switch character {
      case "*": pattern += "%"
      case "?": pattern += "_"
      case "%", "_", "\\": pattern += "\\\(character)"
      default: pattern.append(character)
      }
    }
    return pattern
  }
}

extension Field {
  /// What a value is compared with: of a reference the id for a number, the name whatever its case for a text.
  fileprivate func side(for value: Scalar) -> SQL {
    guard case .reference = type else { return column }
    return if case .int = value { idColumn } else { "lower(\(column))" }
  }

  fileprivate func value(_ value: Scalar) -> SQL {
    switch (type, value) {
    case (.reference, .text(let name)): "lower(\(name))"
    case (.word(let vocabulary), _):
      vocabulary.databaseType.map { "\(value.sql)::\(identifier: $0)" } ?? value.sql
    case (.bool, _), (.int, _), (.double, _), (.text, _), (.time, _), (.duration, _), (.list, _), (.reference, _):
      value.sql
    }
  }

  fileprivate var nullSide: SQL {
    if case .reference = type { idColumn } else { column }
  }
}

extension FieldType {
  fileprivate var isList: Bool {
    if case .list = self { true } else { false }
  }

  fileprivate var databaseType: String? {
    if case .word(let vocabulary) = self { vocabulary.databaseType } else { nil }
  }
}

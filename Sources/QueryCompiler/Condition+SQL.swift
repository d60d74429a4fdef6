import QueryLanguage
import SQLText

extension PipelineCompiler {
  /// A boolean expression that can stand beside `and` and `or` as it is.
  func sql(_ condition: CheckedCondition) -> SQL {
    switch condition {
    case .and(let operands): "(\(SQL.joined(operands.map(sql), separator: " and ")))"
    case .or(let operands): "(\(SQL.joined(operands.map(sql), separator: " or ")))"
    case .not(let operand): negated(operand)
    case .constant(let value): value ? "true" : "false"
    case .flag(let field): field.column
    case .compare(let field, let comparison, let value): field.compared(comparison, value)
    case .between(let field, let lower, let upper):
      "\(field.side(for: lower)) between \(lower.sql) and \(upper.sql)"
    case .among(let field, let values): field.isOne(of: values)
    case .like(let field, let glob): field.letters(match: "ilike \(LikePattern.of(glob))")
    case .matches(let field, let regex):
      field.letters(match: regex.ignoresCase ? "~* \(regex.pattern)" : "~ \(regex.pattern)")
    case .isNull(let field): field.isNull
    case .inPipeline(let pipeline): Relation.isAmong(idSet(pipeline))
    }
  }

  /// True where the condition is false or unknown: two-valued, so that rows without a value are among the others.
  private func negated(_ condition: CheckedCondition) -> SQL {
    switch condition {
    case .compare(let field, .equal, let value) where !field.type.isList:
      "\(field.side(for: value)) is distinct from \(field.value(value))"
    case .isNull(let field) where !field.type.isList: "\(field.nullSide) is not null"
    case .inPipeline(let pipeline): Relation.isNotAmong(idSet(pipeline))
    case .and, .or, .not, .constant, .flag, .compare, .between, .among, .like, .matches, .isNull:
      "(\(sql(condition))) is not true"
    }
  }
}

extension CheckedCondition {
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
}

enum LikePattern {
  /// A glob as `like` has it; what is special to `like` stands for itself.
  static func of(_ glob: String) -> String {
    // By scalars: a letter and its accent are two to `like`.
    var pattern = String.UnicodeScalarView()
    for scalar in glob.unicodeScalars {
      switch scalar {
      case "*": pattern.append("%")
      case "?": pattern.append("_")
      case "%", "_", "\\": pattern.append(contentsOf: ["\\", scalar])
      default: pattern.append(scalar)
      }
    }
    return String(pattern)
  }
}

extension Field {
  fileprivate func compared(_ comparison: Comparison, _ value: Scalar) -> SQL {
    if let finder { return "q.id in (select f.id from \(identifier: finder)(\(self.value(value))) as f (id))" }
    if type.isList { return "\(self.value(value)) = any(\(column))" }
    let (side, other) = (side(for: value), self.value(value))
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
  fileprivate func isOne(of values: [Scalar]) -> SQL {
    let ints = values.compactMap { if case .int(let value) = $0 { value } else { nil } }
    let doubles = values.compactMap { if case .double(let value) = $0 { value } else { nil } }
    let texts = values.compactMap { if case .text(let value) = $0 { value } else { nil } }
    var parts: [SQL] = []
    if let first = ints.first { parts.append("\(side(for: .int(first))) = any(\(ints))") }
    if !doubles.isEmpty { parts.append("\(column) = any(\(doubles))") }
    if !texts.isEmpty { parts.append(isOne(of: texts)) }
    for value in values {
      switch value {
      case .bool, .time: parts.append(compared(.equal, value))
      case .int, .double, .text: break
      }
    }
    return parts.count == 1 ? parts[0] : "(\(SQL.joined(parts, separator: " or ")))"
  }

  private func isOne(of texts: [String]) -> SQL {
    if let finder {
      return "q.id in (select f.id from unnest(\(texts)) as n (word), \(identifier: finder)(n.word) as f (id))"
    }
    if type.isList { return "\(column) && \(texts)" }
    if case .reference = type { return "lower(\(column)) = any(array(select lower(n) from unnest(\(texts)) as n))" }
    guard let type = type.databaseType else { return "\(column) = any(\(texts))" }
    return "\(column) = any(\(texts)::\(identifier: type)[])"
  }

  fileprivate func letters(match: SQL) -> SQL {
    if type.isList {
      return "exists (select from unnest(\(column)) as element where element \(match))"
    }
    return type.databaseType == nil ? "\(column) \(match)" : "\(column)::text \(match)"
  }

  fileprivate var isNull: SQL {
    type.isList ? "coalesce(cardinality(\(column)), 0) = 0" : "\(nullSide) is null"
  }

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

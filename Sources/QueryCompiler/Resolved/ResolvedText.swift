import Foundation
import QueryLanguage

/// A checked pipeline in words: names with their ids, times as the moments that they came to.
public struct ResolvedText: Sendable {
  /// What an id is called; an id that is absent was not looked up.
  public let names: [ReferenceKind: [Int64: String]]
  public let timeZone: TimeZone

  public init(names: [ReferenceKind: [Int64: String]] = [:], timeZone: TimeZone) {
    self.names = names
    self.timeZone = timeZone
  }

  /// One line for the rows and one for each step but the action.
  public func lines(_ pipeline: CheckedPipeline) -> [String] {
    var lines = [pipeline.entity.name] + pipeline.stages.map(stage)
    if let view = pipeline.view { lines.append(text(view)) }
    switch pipeline.expectation {
    case .everyRow(let condition): lines.append("expect \(text(condition)) of every row")
    case Expectation.none?: lines.append("expect no rows")
    case nil: break
    }
    if let export = pipeline.export {
      lines.append("export \(Literal.quoted(export.path))" + (export.format.map { " format \($0)" } ?? ""))
    }
    return lines
  }

  /// The kinds of names whose ids the pipeline speaks of.
  public static func references(in pipeline: CheckedPipeline) -> Set<ReferenceKind> {
    pipeline.stages.reduce(into: []) { kinds, stage in
      switch stage {
      case .filter(let condition): kinds.formUnion(references(in: condition))
      case .combine(_, let other): kinds.formUnion(references(in: other))
      case .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .sample: break
      }
    }
  }

  private static func references(in condition: CheckedCondition) -> Set<ReferenceKind> {
    switch condition {
    case .and(let operands), .or(let operands): operands.reduce(into: []) { $0.formUnion(references(in: $1)) }
    case .not(let operand): references(in: operand)
    case .compare(let field, _, .int), .among(let field, _):
      if case .reference(let kind) = field.type { [kind] } else { [] }
    case .inPipeline(let pipeline): references(in: pipeline)
    case .constant, .flag, .compare, .between, .like, .matches, .isNull: []
    }
  }

  // MARK: Stages

  private func stage(_ stage: RowStage) -> String {
    switch stage {
    case .filter(let condition): "where \(text(condition))"
    case .sort(let keys): "sort " + keys.map { ($0.descending ? "-" : "") + $0.field.name }.joined(separator: ", ")
    case .take(let number): "take \(number)"
    case .takeLast(let number): "take last \(number)"
    case .offset(let number): "offset \(number)"
    case .pick(let fields): "pick \(list(fields))"
    case .distinct(let fields): "distinct \(list(fields))"
    case .count: "count"
    case .group(let aggregates, let keys):
      "group \(aggregates.map(text).joined(separator: ", ")) by \(list(keys))"
    case .combine(let combination, let other): "\(combination.rawValue) (\(lines(other).joined(separator: " | ")))"
    case .sample(let number): "sample \(number)"
    }
  }

  private func list(_ fields: [Field]) -> String { fields.map(\.name).joined(separator: ", ") }

  private func text(_ aggregate: CheckedAggregate) -> String {
    aggregate.function.rawValue + (aggregate.field.map { "(\($0.name))" } ?? "")
  }

  private func text(_ view: View) -> String {
    switch view {
    case .why: "why"
    case .progress: "progress"
    case .matrix(let rows, let columns, let field):
      "matrix" + (rows.map { " \($0) x \(columns ?? "")" } ?? "") + (field.map { " show \($0.name)" } ?? "")
    }
  }

  // MARK: Conditions

  private func text(_ condition: CheckedCondition) -> String {
    switch condition {
    case .and(let operands): operands.map(bracketed).joined(separator: " and ")
    case .or(let operands): operands.map(bracketed).joined(separator: " or ")
    case .not(let operand): negated(operand)
    case .constant(let value): "\(value)"
    case .flag(let field): field.name
    case .compare(let field, let comparison, let value):
      "\(field.name) \(comparison.rawValue) \(text(value, of: field))"
    case .between(let field, let lower, let upper): "\(field.name) = \(text(lower))..\(text(upper))"
    case .among(let field, let values):
      "\(field.name) in (\(values.map { text($0, of: field) }.joined(separator: ", ")))"
    case .like(let field, let glob): "\(field.name) like \(Literal.quoted(glob))"
    case .matches(let field, let regex): "\(field.name) ~ \(regex)"
    case .isNull(let field): "\(field.name) is null"
    case .inPipeline(let pipeline): "in (\(lines(pipeline).joined(separator: " | ")))"
    }
  }

  private func negated(_ condition: CheckedCondition) -> String {
    switch condition {
    case .compare(let field, .equal, let value): "\(field.name) != \(text(value, of: field))"
    case .isNull(let field): "\(field.name) is set"
    case .and, .or, .not, .constant, .flag, .compare, .between, .among, .like, .matches, .inPipeline:
      "not \(bracketed(condition))"
    }
  }

  private func bracketed(_ condition: CheckedCondition) -> String {
    switch condition {
    case .and, .or: "(\(text(condition)))"
    case .not, .constant, .flag, .compare, .between, .among, .like, .matches, .isNull, .inPipeline: text(condition)
    }
  }

  private func text(_ value: Scalar, of field: Field) -> String {
    guard case .reference(let kind) = field.type, case .int(let id) = value else {
      if case .word = field.type, case .text(let word) = value { return word }
      return text(value)
    }
    return names[kind]?[id].map { "\(id) (\($0))" } ?? "\(id)"
  }

  private func text(_ value: Scalar) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .double(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    case .text(let value): Literal.quoted(value)
    case .bool(let value): "\(value)"
    case .time(let value): moment(value)
    }
  }

  private func moment(_ date: Date) -> String {
    let style = Date.ISO8601FormatStyle(
      dateTimeSeparator: .space, timeZoneSeparator: .colon, includingFractionalSeconds: false, timeZone: timeZone)
    return date.formatted(style)
  }
}

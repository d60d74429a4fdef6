import Diagnostics
import Foundation

extension CheckingPass {
  mutating func condition(_ condition: Condition, in scope: FieldScope) -> CheckedCondition? {
    switch condition {
    case .and(let operands): return conditions(operands, in: scope).map(CheckedCondition.and)
    case .or(let operands): return conditions(operands, in: scope).map(CheckedCondition.or)
    case .not(let operand): return self.condition(operand, in: scope).map(CheckedCondition.not)
    case .constant(let value): return .constant(value)
    case .flag(let name): return flag(name, in: scope)
    case .comparison(let name, let comparison, let operand):
      return self.field(name, in: scope).flatMap { self.comparison($0, comparison, operand, at: name.span) }
    case .membership(let name, let negated, let operands):
      return self.field(name, in: scope).flatMap { membership($0, operands, at: name.span) }.map { negate($0, negated) }
    case .like(let name, let negated, let pattern):
      return self.field(name, in: scope).flatMap { like($0, pattern, at: name.span) }.map { negate($0, negated) }
    case .matches(let name, let regex):
      guard let field = field(name, in: scope), hasLetters(field, at: name.span) else { return nil }
      return .matches(field, regex.value)
    case .isNull(let name, let negated):
      return self.field(name, in: scope).map { negate(.isNull($0), negated) }
    case .time(let name, let comparison, let literal):
      return timeField(name, comparison, literal, in: scope).flatMap { time($0, comparison, literal) }
    case .inMacro(let name, let arguments): return inMacro(name, arguments, in: scope)
    }
  }

  /// `in @stuck`: only choosing rows of the same entity.
  private mutating func inMacro(
    _ name: Name, _ arguments: [Argument], in scope: FieldScope
  ) -> CheckedCondition? {
    guard let pipeline = call(name, arguments) else { return nil }
    guard scope.shape.isEntity, pipeline.shape.isEntity, pipeline.entity.name == scope.entity.name else {
      let found = pipeline.shape.isEntity ? pipeline.entity.name : "no rows of an entity"
      report(
        .wrongType,
        "@\(name.value) chooses \(found), and here are \(scope.shape.isEntity ? scope.entity.name : "other rows")",
        at: name.span)
      return nil
    }
    guard pipeline.onlyChooses else {
      report(
        .misplacedStage, "@\(name.value) does more than choose rows", at: name.span,
        hint: "\"in\" takes a macro without a view, an action, an expectation or an export")
      return nil
    }
    return .inPipeline(pipeline)
  }

  private mutating func conditions(_ operands: [Condition], in scope: FieldScope) -> [CheckedCondition]? {
    let checked = operands.map { condition($0, in: scope) }
    return checked.contains { $0 == nil } ? nil : checked.compactMap { $0 }
  }

  private func negate(_ condition: CheckedCondition, _ negated: Bool) -> CheckedCondition {
    negated ? .not(condition) : condition
  }

  private mutating func flag(_ name: Name, in scope: FieldScope) -> CheckedCondition? {
    guard let field = field(name, in: scope) else { return nil }
    if field.type == .bool { return .flag(field) }
    report(
      .wrongType, "\(field.name) by itself is no condition", at: name.span,
      hint: "compare it:  \(field.name) = ...  or ask for a value:  \(field.name) is set")
    return nil
  }

  private mutating func hasLetters(_ field: Field, at span: Span) -> Bool {
    if field.type.hasLetters { return true }
    report(
      .wrongType, "\(field.name) has no letters to compare", at: span,
      hint: "compare it with \(field.type.operand)" + (field.type.example.map { ":  \(field.name) = \($0)" } ?? ""))
    return false
  }
}

// MARK: - Comparisons

extension CheckingPass {
  private mutating func comparison(
    _ field: Field, _ comparison: Comparison, _ operand: Operand, at span: Span
  ) -> CheckedCondition? {
    let isEquality = comparison == .equal || comparison == .notEqual
    if !isEquality, !field.type.hasOrder {
      report(.wrongType, "\(field.name) has no order", at: span, hint: "compare it with  =  !=  or  in (...)")
      return nil
    }
    if isEquality {
      return equals(field, operand, at: span).map { negate($0, comparison == .notEqual) }
    }
    guard case .value(let literal) = operand else {
      report(.wrongType, "a range is compared with  =  or  !=", at: span)
      return nil
    }
    if isNull(literal) {
      report(
        .wrongType, "nothing is more or less than null", at: literal.span, hint: "write  \(field.name) is null")
      return nil
    }
    if field.type == .time { return moment(literal).map { noted(field, order(field, comparison, $0)) } }
    return scalar(literal, for: field).map { .compare(field, comparison, $0) }
  }

  private func isNull(_ literal: Located<Literal>) -> Bool {
    if literal.value.kind == .null { return true }
    guard literal.value.kind == .parameter else { return false }
    return checker.variables[literal.value.text.lowercased()]?.kind == .null
  }

  private mutating func equals(_ field: Field, _ operand: Operand, at span: Span) -> CheckedCondition? {
    switch operand {
    case .value(let literal) where isNull(literal): return .isNull(field)
    case .value(let literal) where field.type == .time: return moment(literal).map { noted(field, within(field, $0)) }
    case .value(let literal): return scalar(literal, for: field).map { .compare(field, .equal, $0) }
    case .range(let lower, let upper): return range(field, lower, upper, at: span)
    }
  }

  private mutating func range(
    _ field: Field, _ lower: Located<Literal>, _ upper: Located<Literal>, at span: Span
  ) -> CheckedCondition? {
    let isReference = if case .reference = field.type { true } else { false }
    guard field.type.hasOrder || isReference else {
      report(.wrongType, "\(field.name) has no order to make a range of", at: span, hint: "list the values: in (a, b)")
      return nil
    }
    if field.type == .time {
      let (first, last) = (moment(lower), moment(upper))
      guard let first, let last else { return nil }
      return noted(field, .and([order(field, .greaterOrEqual, first), order(field, .lessOrEqual, last)]))
    }
    let (first, last) = (bound(lower, for: field), bound(upper, for: field))
    guard let first, let last else { return nil }
    guard definition != nil || !Self.isBackwards(first, last) else {
      report(
        .wrongType, "this range runs backwards", at: lower.span.joined(with: upper.span),
        hint: "write  \(upper.value.text)..\(lower.value.text)")
      return nil
    }
    return .between(field, first, last)
  }

  /// An end of a range. Ids of a reference need not exist.
  private mutating func bound(_ literal: Located<Literal>, for field: Field) -> Scalar? {
    guard case .reference = field.type else { return scalar(literal, for: field) }
    return scalar(literal, for: Field(field.name, .int, field.summary))
  }

  private static func isBackwards(_ first: Scalar, _ last: Scalar) -> Bool {
    switch (first, last) {
    case (.int(let first), .int(let last)): first > last
    case (.double(let first), .double(let last)): first > last
    case (.text, _), (.bool, _), (.time, _), (.int, _), (.double, _): false
    }
  }

  private mutating func membership(_ field: Field, _ operands: [Operand], at span: Span) -> CheckedCondition? {
    let checked = operands.map { equals(field, $0, at: span) }
    guard !checked.contains(where: { $0 == nil }) else { return nil }
    var values: [Scalar] = []
    var others: [CheckedCondition] = []
    for condition in checked.compactMap({ $0 }) {
      if case .compare(_, .equal, let value) = condition { values.append(value) } else { others.append(condition) }
    }
    if values.count == 1 { others.insert(.compare(field, .equal, values[0]), at: 0) }
    if values.count > 1 { others.insert(.among(field, values), at: 0) }
    return others.count == 1 ? others[0] : .or(others)
  }

  private mutating func like(_ field: Field, _ pattern: Located<Literal>, at span: Span) -> CheckedCondition? {
    guard hasLetters(field, at: span), let pattern = resolved(pattern, as: .text) else { return nil }
    let glob = pattern.value.text
    guard !glob.contains("%") else {
      report(
        .percentInGlob, "\"%\" is no pattern character", at: pattern.span,
        hint: "* stands for any text and ? for one character: \"\(glob.replacing("%", with: "*"))\"")
      return nil
    }
    return .like(field, glob)
  }
}

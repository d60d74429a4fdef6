import Diagnostics

/// What stands at the end of a pipeline: a view, an expectation, an export, a watch, an action.
extension CheckingPass {
  /// The axes, and the words that mean each.
  static let axes = [
    "characters": ["character"], "scene_types": ["scene_type"],
    "variant_types": ["variant", "variants", "variant_type"],
  ]

  static let formats = ["table", "vertical", "csv", "tsv", "json", "jsonl", "markdown", "ids"]

  mutating func view(_ view: View, at span: Span, _ checked: inout CheckedPipeline) {
    guard checked.shape.isEntity, checked.entity.name == "cells" else {
      report(.misplacedStage, "this view takes cells", at: span, hint: "write  cells where ... | \(view.name)")
      return
    }
    checked.view = view
  }

  mutating func matrix(
    _ axes: MatrixAxes?, _ show: Name?, at span: Span, _ scope: FieldScope, _ checked: inout CheckedPipeline
  ) {
    let (rows, columns) = (axes.flatMap { axis($0.rows) }, axes.flatMap { axis($0.columns) })
    if let axes, rows != nil, rows == columns {
      report(.wrongType, "a matrix has two different axes", at: axes.columns.span)
    }
    let shown = show.flatMap { self.field($0, in: scope) }
    view(.matrix(rows: rows, columns: columns, show: shown), at: span, &checked)
  }

  /// The axis by any of its names.
  private mutating func axis(_ name: Name) -> String? {
    if let axis = Self.axes.first(where: { $0.key == name.value || $0.value.contains(name.value) }) { return axis.key }
    let known = Self.axes.keys.sorted()
    report(
      .unknownValue, "\"\(name.value)\" is no axis", at: name.span,
      hint: Spelling.suggestion(for: name.value, among: known) ?? "the axes are " + known.joined(separator: ", "))
    return nil
  }

  mutating func export(_ path: Located<Literal>, _ format: Name?) -> Export? {
    if let format, !Self.formats.contains(format.value) {
      report(
        .unknownValue, "there is no format \"\(format.value)\"", at: format.span,
        hint: Spelling.suggestion(for: format.value, among: Self.formats)
          ?? "the formats are " + Self.formats.joined(separator: ", "))
    }
    guard let path = resolved(path, as: .text) else { return nil }
    guard !path.value.text.isEmpty, path.value.kind != .null else {
      report(.wrongType, "a file needs a name", at: path.span)
      return nil
    }
    return Export(path: path.value.text, format: format?.value)
  }

  /// A condition on nothing but `count`, where rows have no such field, is on how many there are.
  mutating func expect(_ condition: Condition, _ checked: inout CheckedPipeline) {
    if asksForTotal(condition, of: checked) { countRows(&checked) }
    let scope = FieldScope(entity: checked.entity, shape: checked.shape)
    checked.expectation = self.condition(condition, in: scope).map(Expectation.everyRow)
  }

  private func asksForTotal(_ condition: Condition, of checked: CheckedPipeline) -> Bool {
    let fields = condition.fields
    return !checked.shape.fields.contains { $0.name == "count" } && !fields.isEmpty
      && fields.allSatisfy { $0.value == "count" }
  }

  mutating func watch(
    _ every: Located<Literal>?, _ until: Condition?, _ scope: FieldScope, _ checked: inout CheckedPipeline
  ) {
    var watch = Watch()
    if let every, let value = resolved(every, as: .duration) {
      watch.every = seconds(value.value)
      if watch.every == nil {
        report(
          .wrongType, "\"\(value.value.text)\" is no time between two looks", at: value.span,
          hint: "write a duration from 100ms to 1d:  watch every 2s")
      }
    }
    if let until {
      if asksForTotal(until, of: checked) {
        let total = Shape(isEntity: false, fields: [Self.countField], shown: [Self.countField])
        watch.until = condition(until, in: FieldScope(entity: checked.entity, shape: total)).map(Watch.End.total)
      } else {
        watch.until = condition(until, in: scope).map(Watch.End.everyRow)
      }
    }
    checked.watch = watch
  }

  private func seconds(_ literal: Literal) -> Double? {
    let seconds: Double? =
      switch literal.kind {
      case .duration(let seconds), .decimal(let seconds): seconds
      case .integer(let seconds): Double(seconds)
      case .text, .word, .bool, .percent, .date, .null, .parameter: nil
      }
    return seconds.flatMap { (0.1...86_400).contains($0) ? $0 : nil }
  }

  mutating func action(_ call: Located<ActionCall>, on checked: CheckedPipeline) -> CheckedAction? {
    guard let name = ActionName(rawValue: call.value.name.value) else { return nil }
    if let action = checked.action {
      report(
        .misplacedAction, "there is an action already: \(action.name.rawValue)", at: call.value.name.span,
        hint: "a pipeline has one action, at its end")
      return nil
    }
    let specification = ActionSpecification.of(name)
    guard specification.entities.contains(checked.entity.name) else {
      report(
        .misplacedAction, "\(name.rawValue) does not take \(checked.entity.name)", at: call.value.name.span,
        hint: "it takes " + Spelling.list(specification.entities, conjunction: "or"))
      return nil
    }
    guard checked.shape.isEntity, checked.onlyChooses else {
      report(
        .misplacedAction, "\(name.rawValue) needs rows of \(checked.entity.name), and here there are none",
        at: call.value.name.span, hint: "count, group, distinct, views, expect and export leave none: leave them out")
      return nil
    }
    return CheckedAction(name: name, options: options(of: call.value, specification))
  }
}

extension View {
  /// The word for it.
  public var name: String {
    switch self {
    case .why: "why"
    case .matrix: "matrix"
    case .progress: "progress"
    }
  }
}

extension Condition {
  /// Every field that is named, in order, with repeats.
  var fields: [Name] {
    switch self {
    case .and(let operands), .or(let operands): operands.flatMap(\.fields)
    case .not(let operand): operand.fields
    case .flag(let field), .comparison(let field, _, _), .membership(let field, _, _), .like(let field, _, _),
      .matches(let field, _), .isNull(let field, _):
      [field]
    case .time(let field, _, _): [field].compactMap { $0 }
    case .constant, .inMacro: []
    }
  }
}

import Diagnostics

extension CheckingPass {
  mutating func pipeline(_ syntax: Pipeline) -> CheckedPipeline? {
    guard let (entity, condition) = source(syntax.source) else { return nil }
    let fields = entity.fields
    let shown = entity.defaultFields.compactMap(entity.field)
    var checked = CheckedPipeline(entity: entity, shape: Shape(isEntity: true, fields: fields, shown: shown))
    if let condition, let filter = self.condition(condition, in: FieldScope(entity: entity, shape: checked.shape)) {
      checked.stages.append(.filter(filter))
    }
    for step in syntax.stages { stage(step, &checked) }
    if let action = syntax.action { checked.action = self.action(action, on: checked) }
    return checked
  }

  private mutating func source(_ source: Source) -> (Entity, Condition?)? {
    switch source {
    case .cellsInUse(let condition):
      return checker.catalogue.entity("cells").map { ($0, condition) }
    case .macro(let name, _):
      report(.notAvailable, "macros are not available yet", at: name.span)
      return nil
    case .entity(let name, let condition):
      return entity(name).map { ($0, condition) }
    }
  }

  mutating func entity(_ name: Name) -> Entity? {
    if let entity = checker.catalogue.entity(name.value) { return entity }
    if Parser.entityWords.contains(name.value) {
      report(.notAvailable, "\(name.value) are not available yet", at: name.span)
      return nil
    }
    let known = checker.catalogue.entities.map(\.name)
    report(
      .unknownEntity, "there are no \"\(name.value)\"", at: name.span,
      hint: Spelling.suggestion(for: name.value, among: known) ?? "there are " + known.joined(separator: ", "))
    return nil
  }

  private mutating func stage(_ step: Located<Stage>, _ checked: inout CheckedPipeline) {
    guard isInPlace(step, in: checked) else { return }
    let scope = FieldScope(entity: checked.entity, shape: checked.shape)
    switch step.value {
    case .filter(let condition): append(self.condition(condition, in: scope).map(RowStage.filter), &checked)
    case .sort(let keys): append(sort(keys, in: scope), &checked)
    case .take(let number): append(count(number).map(RowStage.take), &checked)
    case .takeLast(let number): append(count(number).map(RowStage.takeLast), &checked)
    case .offset(let number): append(count(number).map(RowStage.offset), &checked)
    case .sample(let number): append(count(number).map(RowStage.sample), &checked)
    case .pick(let names): pick(names, scope, &checked)
    case .distinct(let names): distinct(names, scope, &checked)
    case .count: countRows(&checked)
    case .group(let aggregates, let names): group(aggregates, by: names, scope, &checked)
    case .combine(let combination, let pipeline): combine(combination, pipeline, at: step.span, &checked)
    case .why: view(.why, at: step.span, &checked)
    case .progress: view(.progress, at: step.span, &checked)
    case .matrix(let axes, let show): matrix(axes, show, at: step.span, scope, &checked)
    case .watch: _ = isAvailable("watch", at: step.span)
    case .export(let path, let format): checked.export = export(path, format)
    case .expectNone: checked.expectation = Expectation.none
    case .expect(let condition): expect(condition, &checked)
    }
  }

  /// Only `export` and `watch` stand behind a view or an expectation, and only `watch` behind an export.
  private mutating func isInPlace(_ step: Located<Stage>, in checked: CheckedPipeline) -> Bool {
    let (isExport, isWatch) =
      switch step.value {
      case .export: (true, false)
      case .watch: (false, true)
      default: (false, false)
      }
    let before =
      checked.export != nil ? "export" : checked.view != nil ? "a view" : checked.expectation != nil ? "expect" : nil
    guard let before, !isWatch, !(isExport && checked.export == nil) else { return true }
    report(
      .misplacedStage, "nothing can be done with the rows behind \(before)", at: step.span,
      hint: "put this stage before it")
    return false
  }

  private func append(_ stage: RowStage?, _ checked: inout CheckedPipeline) {
    if let stage { checked.stages.append(stage) }
  }

  private mutating func sort(_ keys: [SortKey], in scope: FieldScope) -> RowStage {
    .sort(
      keys.compactMap { key in
        field(key.field, in: scope).map { CheckedSortKey(field: $0, descending: key.descending) }
      })
  }

  /// The fields that exist, each once.
  private mutating func fields(_ names: [Name], in scope: FieldScope) -> [Field] {
    var fields: [Field] = []
    for name in names {
      if let field = field(name, in: scope), !fields.contains(field) { fields.append(field) }
    }
    return fields
  }

  private mutating func pick(_ names: [Name], _ scope: FieldScope, _ checked: inout CheckedPipeline) {
    let fields = fields(names, in: scope)
    checked.stages.append(.pick(fields))
    checked.shape.shown = fields
  }

  private mutating func distinct(_ names: [Name], _ scope: FieldScope, _ checked: inout CheckedPipeline) {
    let fields = fields(names, in: scope)
    checked.stages.append(.distinct(fields))
    checked.shape = Shape(isEntity: false, fields: fields, shown: fields)
  }

  private func countRows(_ checked: inout CheckedPipeline) {
    let field = Field("count", .int, "how many rows")
    checked.stages.append(.count)
    checked.shape = Shape(isEntity: false, fields: [field], shown: [field])
  }

  private mutating func combine(
    _ combination: Combination, _ syntax: Pipeline, at span: Span, _ checked: inout CheckedPipeline
  ) {
    guard let other = pipeline(syntax) else { return }
    guard checked.shape.isEntity, other.shape.isEntity, other.entity.name == checked.entity.name else {
      report(
        .misplacedStage, "\(combination.rawValue) needs \(checked.entity.name) on both sides", at: span,
        hint: "combine rows before they are counted, grouped or made distinct")
      return
    }
    guard other.view == nil, other.action == nil, other.expectation == nil, other.export == nil else {
      report(.misplacedStage, "\(combination.rawValue) takes rows, not a view, an action or an export", at: span)
      return
    }
    checked.stages.append(.combine(combination, other))
  }
}

// MARK: - Groups

extension CheckingPass {
  private mutating func group(
    _ aggregates: [Aggregate], by names: [Name], _ scope: FieldScope, _ checked: inout CheckedPipeline
  ) {
    let keys = fields(names, in: scope)
    let place = names.first?.span ?? Span(0, 0)
    let written = aggregates.isEmpty ? [Aggregate(function: Located(.count, place), field: nil)] : aggregates
    var results: [CheckedAggregate] = []
    for aggregate in written {
      guard let result = self.aggregate(aggregate, in: scope) else { continue }
      if (keys + results.map(\.result)).contains(where: { $0.name == result.result.name }) {
        report(.wrongType, "two results would be named \(result.result.name)", at: aggregate.function.span)
      } else {
        results.append(result)
      }
    }
    checked.stages.append(.group(results, by: keys))
    let fields = keys + results.map(\.result)
    checked.shape = Shape(isEntity: false, fields: fields, shown: fields)
  }

  private mutating func aggregate(_ aggregate: Aggregate, in scope: FieldScope) -> CheckedAggregate? {
    let function = aggregate.function.value
    guard let name = aggregate.field else {
      return CheckedAggregate(function: function, field: nil, result: Field("count", .int, "how many rows"))
    }
    guard let field = field(name, in: scope) else { return nil }
    guard let type = Self.resultType(function, field.type) else {
      report(
        .wrongType, "\(field.name) has no \(function.rawValue)", at: name.span,
        hint: "sum and avg take numbers and durations; min and max take texts and times as well")
      return nil
    }
    let result = Field("\(function.rawValue)_\(field.name)", type, "\(function.rawValue) of \(field.name)")
    return CheckedAggregate(function: function, field: field, result: result)
  }

  private static func resultType(_ function: AggregateFunction, _ type: FieldType) -> FieldType? {
    switch (function, type) {
    case (.count, _): .int
    case (.avg, .int): .double
    case (_, .int), (_, .double), (_, .duration): type
    case (.min, .time), (.max, .time), (.min, .text), (.max, .text): type
    case (_, .bool), (_, .text), (_, .word), (_, .time), (_, .list), (_, .reference): nil
    }
  }
}

// MARK: - Ends of a pipeline

extension CheckingPass {
  static let axes = ["characters", "scene_types", "variant_types"]
  static let formats = ["table", "vertical", "csv", "tsv", "json", "jsonl", "markdown", "ids"]

  private mutating func view(_ view: View, at span: Span, _ checked: inout CheckedPipeline) {
    guard checked.shape.isEntity, checked.entity.name == "cells" else {
      report(.misplacedStage, "this view takes cells", at: span, hint: "write  cells where ... | \(source[span])")
      return
    }
    checked.view = view
  }

  private mutating func matrix(
    _ axes: MatrixAxes?, _ show: Name?, at span: Span, _ scope: FieldScope, _ checked: inout CheckedPipeline
  ) {
    for axis in [axes?.rows, axes?.columns].compactMap({ $0 }) where !Self.axes.contains(axis.value) {
      report(
        .unknownValue, "\"\(axis.value)\" is no axis", at: axis.span,
        hint: Spelling.suggestion(for: axis.value, among: Self.axes)
          ?? "the axes are " + Self.axes.joined(separator: ", "))
    }
    if let axes, axes.rows == axes.columns {
      report(.wrongType, "a matrix has two different axes", at: axes.columns.span)
    }
    let shown = show.flatMap { self.field($0, in: scope) }
    view(.matrix(rows: axes?.rows.value, columns: axes?.columns.value, show: shown), at: span, &checked)
  }

  private mutating func export(_ path: Located<Literal>, _ format: Name?) -> Export? {
    if let format, !Self.formats.contains(format.value) {
      report(
        .unknownValue, "there is no format \"\(format.value)\"", at: format.span,
        hint: Spelling.suggestion(for: format.value, among: Self.formats)
          ?? "the formats are " + Self.formats.joined(separator: ", "))
    }
    return Export(path: path.value.text, format: format?.value)
  }

  /// A condition on nothing but `count`, where rows have no such field, is on how many there are.
  private mutating func expect(_ condition: Condition, _ checked: inout CheckedPipeline) {
    let hasCount = checked.shape.fields.contains { $0.name == "count" }
    if !hasCount, condition.fields.allSatisfy({ $0.value == "count" }), !condition.fields.isEmpty {
      countRows(&checked)
    }
    let scope = FieldScope(entity: checked.entity, shape: checked.shape)
    checked.expectation = self.condition(condition, in: scope).map(Expectation.everyRow)
  }

  private mutating func action(_ call: Located<ActionCall>, on checked: CheckedPipeline) -> CheckedAction? {
    guard let name = ActionName(rawValue: call.value.name.value), isAvailable(name.rawValue, at: call.value.name.span)
    else { return nil }
    let specification = ActionSpecification.of(name)
    guard specification.entities.contains(checked.entity.name) else {
      report(
        .misplacedAction, "\(name.rawValue) does not take \(checked.entity.name)", at: call.value.name.span,
        hint: "it takes " + Spelling.list(specification.entities, conjunction: "or"))
      return nil
    }
    guard checked.shape.isEntity, checked.view == nil, checked.expectation == nil, checked.export == nil else {
      report(
        .misplacedAction, "\(name.rawValue) needs rows of \(checked.entity.name), and here there are none",
        at: call.value.name.span, hint: "count, group, distinct, views, expect and export leave none: leave them out")
      return nil
    }
    return CheckedAction(name: name, options: options(of: call.value, specification))
  }
}

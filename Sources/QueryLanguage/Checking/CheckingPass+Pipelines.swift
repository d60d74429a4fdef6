import Diagnostics

extension CheckingPass {
  mutating func pipeline(_ syntax: Pipeline) -> CheckedPipeline? {
    let firstWindow = windows.count
    guard var checked = source(syntax.source) else { return nil }
    for step in syntax.stages { stage(step, &checked) }
    if let action = syntax.action { checked.action = self.action(action, on: checked) }
    checked.windows = Array(windows[firstWindow...])
    if checked.view == .why, checked.chosen == nil { checked.chosen = chosen(by: syntax) }
    return checked
  }

  private func chosen(by syntax: Pipeline) -> Pipeline {
    var rows = syntax
    if case .cellsInUse(let condition) = syntax.source { rows.source = .entity(Name("cells", Span(0, 0)), condition) }
    rows.stages = Array(syntax.stages.prefix { $0.value != .why })
    return Expansion(values: checker.variables.mapValues { Located($0, Span(0, 0)) }, place: Span(0, 0)).pipeline(rows)
  }

  private mutating func source(_ source: Source) -> CheckedPipeline? {
    switch source {
    case .cellsInUse(let condition):
      return checker.catalogue.entity("cells").map { rows(of: $0, condition) }
    case .macro(let name, let arguments):
      return call(name, arguments)
    case .entity(let name, let condition):
      return entity(name).map { rows(of: $0, condition) }
    }
  }

  private mutating func rows(of entity: Entity, _ condition: Condition?) -> CheckedPipeline {
    let shown = entity.defaultFields.compactMap(entity.field)
    let shape = Shape(isEntity: true, fields: entity.fields, shown: shown)
    var checked = CheckedPipeline(entity: entity, shape: shape)
    if let condition, let filter = self.condition(condition, in: FieldScope(entity: entity, shape: shape)) {
      checked.stages.append(.filter(filter))
    }
    return checked
  }

  mutating func entity(_ name: Name) -> Entity? {
    if let entity = checker.catalogue.entity(name.value) { return entity }
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
    case .watch(let every, let until): watch(every, until, scope, &checked)
    case .export(let path, let format): checked.export = export(path, format)
    case .expectNone: checked.expectation = Expectation.none
    case .expect(let condition): expect(condition, &checked)
    }
  }

  /// Behind a view, an expectation or an export stands none but `export` and `watch`, each once; behind a watch nothing.
  private mutating func isInPlace(_ step: Located<Stage>, in checked: CheckedPipeline) -> Bool {
    if let action = checked.action {
      report(
        .misplacedStage, "nothing can be done with the rows behind an action", at: step.span,
        hint: "this pipeline ends with its action: \(action.name.rawValue)")
      return false
    }
    guard let before = checked.lastPart else { return true }
    switch step.value {
    case .export where checked.export == nil && checked.watch == nil: return true
    case .watch where checked.watch == nil: return true
    case .filter, .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .combine, .sample, .why, .matrix,
      .progress, .watch, .export, .expectNone, .expect:
      report(
        .misplacedStage, "nothing can be done with the rows behind \(before)", at: step.span,
        hint: "put this stage before it")
      return false
    }
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

  static let countField = Field("count", .int, "how many rows")

  func countRows(_ checked: inout CheckedPipeline) {
    checked.stages.append(.count)
    checked.shape = Shape(isEntity: false, fields: [Self.countField], shown: [Self.countField])
  }

  private mutating func combine(
    _ combination: Combination, _ syntax: Pipeline, at span: Span, _ checked: inout CheckedPipeline
  ) {
    guard let other = pipeline(syntax) else { return }
    guard checked.shape.isEntity, other.shape.isEntity, other.entity.name == checked.entity.name else {
      report(
        .misplacedStage, "\(combination.rawValue) needs \(checked.entity.name) on both sides", at: span,
        hint: other.entity.name == checked.entity.name
          ? "combine rows before they are counted, grouped or made distinct" : "these are \(other.entity.name)")
      return
    }
    guard other.onlyChooses else {
      report(
        .misplacedStage, "\(combination.rawValue) takes rows, not a view, an action or an export", at: span,
        hint: "put that behind the last stage of the whole")
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
        report(
          .wrongType, "two results would be named \(result.result.name)", at: aggregate.function.span,
          hint: "leave one of them out")
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
      return CheckedAggregate(function: function, field: nil, result: Self.countField)
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

extension CheckedPipeline {
  /// It chooses rows and does nothing with them.
  var onlyChooses: Bool { lastPart == nil && action == nil }

  /// What stands behind the rows already, as a message calls it.
  var lastPart: String? {
    watch != nil
      ? "watch" : export != nil ? "export" : view != nil ? "a view" : expectation != nil ? "expect" : nil
  }
}

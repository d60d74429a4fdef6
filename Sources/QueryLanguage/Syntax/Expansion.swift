import Diagnostics

/// A macro's body put in the place of its call: parameters become the arguments, with their places, and everything else stands where
/// the call does. So a mistake is shown under what the caller wrote.
struct Expansion {
  /// By parameter name in lower case.
  let values: [String: Located<Literal>]
  let place: Span

  func pipeline(_ pipeline: Pipeline) -> Pipeline {
    let source: Source =
      switch pipeline.source {
      case .entity(let name, let condition): .entity(moved(name), condition.map(self.condition))
      case .macro(let name, let arguments): .macro(moved(name), self.arguments(arguments))
      case .cellsInUse(let condition): .cellsInUse(condition.map(self.condition))
      }
    return Pipeline(
      source: source, stages: pipeline.stages.map { Located(stage($0.value), place) },
      action: pipeline.action.map { Located(action($0.value), place) })
  }

  private func moved<Value>(_ located: Located<Value>) -> Located<Value> { Located(located.value, place) }

  private func literal(_ literal: Located<Literal>) -> Located<Literal> {
    guard literal.value.kind == .parameter else { return moved(literal) }
    return values[literal.value.text.lowercased()] ?? moved(literal)
  }

  private func arguments(_ arguments: [Argument]) -> [Argument] {
    arguments.map { Argument(name: $0.name.map(moved), value: literal($0.value)) }
  }

  private func action(_ call: ActionCall) -> ActionCall {
    ActionCall(name: moved(call.name), argument: call.argument.map(literal), options: arguments(call.options))
  }

  private func stage(_ stage: Stage) -> Stage {
    switch stage {
    case .filter(let condition): .filter(self.condition(condition))
    case .sort(let keys): .sort(keys.map { SortKey(field: moved($0.field), descending: $0.descending) })
    case .take(let number): .take(literal(number))
    case .takeLast(let number): .takeLast(literal(number))
    case .offset(let number): .offset(literal(number))
    case .pick(let fields): .pick(fields.map(moved))
    case .distinct(let fields): .distinct(fields.map(moved))
    case .group(let aggregates, let fields): .group(aggregates.map(aggregate), by: fields.map(moved))
    case .combine(let combination, let pipeline): .combine(combination, self.pipeline(pipeline))
    case .sample(let number): .sample(literal(number))
    case .matrix(let axes, let show): .matrix(axes: axes.map(self.axes), show: show.map(moved))
    case .watch(let every, let until): .watch(every: every.map(literal), until: until.map(condition))
    case .export(let path, let format): .export(path: literal(path), format: format.map(moved))
    case .expect(let condition): .expect(self.condition(condition))
    case .count, .why, .progress, .expectNone: stage
    }
  }

  private func aggregate(_ aggregate: Aggregate) -> Aggregate {
    Aggregate(function: moved(aggregate.function), field: aggregate.field.map(moved))
  }

  private func axes(_ axes: MatrixAxes) -> MatrixAxes {
    MatrixAxes(rows: moved(axes.rows), columns: moved(axes.columns))
  }

  private func condition(_ condition: Condition) -> Condition {
    switch condition {
    case .and(let operands): .and(operands.map(self.condition))
    case .or(let operands): .or(operands.map(self.condition))
    case .not(let operand): .not(self.condition(operand))
    case .constant: condition
    case .flag(let field): .flag(moved(field))
    case .comparison(let field, let comparison, let operand):
      .comparison(moved(field), comparison, self.operand(operand))
    case .membership(let field, let negated, let operands):
      .membership(moved(field), negated: negated, operands.map(operand))
    case .like(let field, let negated, let pattern): .like(moved(field), negated: negated, literal(pattern))
    case .matches(let field, let regex): .matches(moved(field), moved(regex))
    case .isNull(let field, let negated): .isNull(moved(field), negated: negated)
    case .time(let field, let comparison, let literal): .time(field.map(moved), comparison, self.literal(literal))
    case .inMacro(let name, let arguments): .inMacro(moved(name), self.arguments(arguments))
    }
  }

  private func operand(_ operand: Operand) -> Operand {
    switch operand {
    case .value(let literal): .value(self.literal(literal))
    case .range(let lower, let upper): .range(literal(lower), literal(upper))
    }
  }
}

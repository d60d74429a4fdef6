import Diagnostics
import Foundation

extension CheckingPass {
  /// Whole days: `<= today` is until its end, `> today` from its end on.
  func order(_ field: Field, _ comparison: Comparison, _ moment: Moment) -> CheckedCondition {
    switch (comparison, moment) {
    case (.lessOrEqual, .day(_, let end)): .compare(field, .less, .time(end))
    case (.greater, .day(_, let end)): .compare(field, .greaterOrEqual, .time(end))
    case (_, .day(let start, _)): .compare(field, comparison, .time(start))
    case (_, .instant(let date)): .compare(field, comparison, .time(date))
    }
  }

  func within(_ field: Field, _ moment: Moment) -> CheckedCondition {
    switch moment {
    case .instant(let date): .compare(field, .equal, .time(date))
    case .day(let start, let end):
      .and([.compare(field, .greaterOrEqual, .time(start)), .compare(field, .less, .time(end))])
    }
  }

  /// The field that is meant, or the entity's own time.
  mutating func timeField(
    _ name: Name?, _ comparison: TimeComparison, _ literal: Located<Literal>, in scope: FieldScope
  ) -> Field? {
    if let name {
      guard let field = field(name, in: scope) else { return nil }
      if field.type == .time { return field }
      report(.wrongType, "\(field.name) is no time", at: name.span)
      return nil
    }
    if scope.shape.isEntity, let time = scope.entity.timeField, let field = scope.entity.field(time) { return field }
    report(
      .wrongType, "the rows here have no time of their own", at: literal.span,
      hint: "name a field:  FIELD \(comparison.rawValue) \(literal.value.text)")
    return nil
  }

  mutating func time(
    _ field: Field, _ comparison: TimeComparison, _ literal: Located<Literal>
  ) -> CheckedCondition? {
    let type: ParameterType = comparison == .olderThan ? .duration : .durationOrTime
    guard let literal = resolved(literal, as: type) else { return nil }
    let operation: Comparison = comparison == .since ? .greaterOrEqual : .less
    if case .duration(let seconds) = literal.value.kind {
      return noted(field, .compare(field, operation, .time(checker.now.addingTimeInterval(-seconds))))
    }
    if comparison == .olderThan {
      report(
        .wrongType, "\"\(literal.value.text)\" is no duration", at: literal.span,
        hint: "write  older than 2h  or  before 2026-11-22")
      return nil
    }
    return moment(literal, orDuration: true).map { noted(field, .compare(field, operation, .time($0.start))) }
  }
}

// MARK: - Windows

extension CheckingPass {
  /// Keeps what a comparison with a time came to, for whoever shows the pipeline.
  mutating func noted(_ field: Field, _ condition: CheckedCondition) -> CheckedCondition {
    let bounds = TimeBounds(condition)
    windows.append(
      TimeWindow(
        field: field.name, from: bounds.from, until: bounds.until, text: bounds.text(in: checker.timeZone)))
    return condition
  }
}

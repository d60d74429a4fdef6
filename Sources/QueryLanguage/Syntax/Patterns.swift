extension Statement {
  /// Every regular expression that is written in it, in order. Only the database can say whether one is sound.
  public var patterns: [Located<RegexLiteral>] {
    switch kind {
    case .pipeline(let pipeline), .plan(let pipeline, _), .explain(let pipeline, _): pipeline.patterns
    case .saveMacro(let definition): definition.body.patterns
    case .applyPlan, .useProject, .useRun, .createRun, .applyFile, .deliver, .pause, .resume, .budget, .limit, .keep,
      .undo, .dropMacro, .restoreMacro, .saveScript, .dropScript, .runScript, .include, .bind, .set, .show, .help,
      .checkMatrix,
      .describe, .invalid:
      []
    }
  }
}

extension Pipeline {
  fileprivate var patterns: [Located<RegexLiteral>] {
    let first: [Located<RegexLiteral>] =
      switch source {
      case .entity(_, let condition), .cellsInUse(let condition): condition?.patterns ?? []
      case .macro: []
      }
    return first + stages.flatMap { $0.value.patterns }
  }
}

extension Stage {
  fileprivate var patterns: [Located<RegexLiteral>] {
    switch self {
    case .filter(let condition), .expect(let condition): condition.patterns
    case .watch(_, let condition): condition?.patterns ?? []
    case .combine(_, let pipeline): pipeline.patterns
    case .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .sample, .why, .matrix, .progress,
      .export, .expectNone:
      []
    }
  }
}

extension Condition {
  fileprivate var patterns: [Located<RegexLiteral>] {
    switch self {
    case .and(let operands), .or(let operands): operands.flatMap(\.patterns)
    case .not(let operand): operand.patterns
    case .matches(_, let regex): [regex]
    case .constant, .flag, .comparison, .membership, .like, .isNull, .time, .inMacro: []
    }
  }
}

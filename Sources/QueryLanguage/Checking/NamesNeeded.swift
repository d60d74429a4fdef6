extension Checker {
  /// The kinds of names that `check` would look up for this statement, so that a session reads no others.
  public static func namesNeeded(by statement: Statement, in catalogue: Catalogue) -> Set<ReferenceKind> {
    switch statement.kind {
    case .pipeline(let pipeline), .plan(let pipeline, _), .explain(let pipeline):
      names(in: pipeline, catalogue)
    case .useProject: [.project]
    case .useRun: [.run]
    case .deliver(let run, _), .pause(let run), .resume(let run): run == nil ? [] : [.run]
    case .createRun(let run):
      Set<ReferenceKind>(run.characters == nil ? [] : [.character])
        .union(run.sceneTypes == nil ? [] : [.sceneType])
        .union(run.variantTypes == nil ? [] : [.variantType])
    case .applyPlan, .applyFile, .undo, .saveMacro, .saveScript, .runScript, .include, .bind, .set, .show, .help,
      .checkMatrix, .describe, .invalid:
      []
    }
  }

  private static func names(in pipeline: Pipeline, _ catalogue: Catalogue) -> Set<ReferenceKind> {
    var entity: Entity?
    var conditions: [Condition] = []
    switch pipeline.source {
    case .entity(let name, let condition):
      entity = catalogue.entity(name.value)
      conditions = [condition].compactMap { $0 }
    case .cellsInUse(let condition):
      entity = catalogue.entity("cells")
      conditions = [condition].compactMap { $0 }
    case .macro:
      break
    }
    var kinds: Set<ReferenceKind> = []
    for stage in pipeline.stages {
      switch stage.value {
      case .filter(let condition), .expect(let condition): conditions.append(condition)
      case .watch(_, let condition): conditions += [condition].compactMap { $0 }
      case .combine(_, let other): kinds.formUnion(names(in: other, catalogue))
      case .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .sample, .why, .matrix, .progress,
        .export, .expectNone:
        break
      }
    }
    for name in conditions.flatMap(\.fields) {
      if case .reference(let kind) = entity?.field(name.value)?.type { kinds.insert(kind) }
    }
    return kinds
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

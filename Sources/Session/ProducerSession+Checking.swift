import Diagnostics
import Foundation
import Model
import QueryLanguage
import Store

/// Gives statements their meaning, with what the session knows and what it has to look up for it.
extension ProducerSession {
  func check(_ statement: Statement) async throws -> (CheckedStatement?, [Diagnostic]) {
    let isFresh = try await learn(for: statement)
    let result = checker().check(statement)
    if result.0 == nil, !isFresh, result.1.contains(where: \.isAboutMissing) {
      // Somebody may have made it a moment ago.
      knowledge.doubt()
      _ = try await learn(for: statement)
      return explained(checker().check(statement))
    }
    return explained(result)
  }

  private func explained(_ result: (CheckedStatement?, [Diagnostic])) -> (CheckedStatement?, [Diagnostic]) {
    (result.0, result.1.map(knowledge.explained))
  }

  func checker() -> Checker {
    let settings = settings
    return Checker(
      catalogue: catalogue, names: knowledge.names, macros: knowledge.library, variables: variables,
      now: settings.now(), timeZone: settings.timeZone)
  }

  /// Reads the names and macros that the statement needs and that are not known; usually nothing, else one round trip.
  /// Returns whether all that it needs was read just now.
  private func learn(for statement: Statement) async throws -> Bool {
    let usesMacros = statement.usesMacros && context.project != nil
    var isFresh = true
    // A library that has changed may name more: as often as that can be.
    for _ in 0..<3 {
      let kinds = Checker.namesNeeded(
        by: statement, in: catalogue, macros: knowledge.library, variables: variables)
      let (read, changed) = try await learn(kinds, macros: usesMacros)
      isFresh = isFresh && read
      if !changed { break }
    }
    return isFresh
  }

  /// Returns whether nothing was known before, and whether the library has changed.
  @discardableResult
  func learn(_ kinds: Set<ReferenceKind>, macros: Bool) async throws -> (isFresh: Bool, libraryChanged: Bool) {
    let now = settings.now()
    let wanted = kinds.filter { $0 == .project || $0 == .worker || context.project != nil }
    let missing = wanted.filter { !knowledge.knows($0, at: now) }
    let asksVersion = macros && !knowledge.knowsLibrary(at: now)
    let isFresh = missing.count == wanted.count && asksVersion == macros
    if missing.isEmpty && !asksVersion { return (isFresh, false) }
    let project = context.project.map { ProjectID($0.id) }
    let read = try await Lookup(connection).read(missing.map(NameKind.init), macros: asksVersion, project: project)
    for kind in missing {
      let members = read.names[NameKind(kind)] ?? []
      knowledge.learn(kind, members.map { LiveNames.Entry(id: $0.id, name: $0.name) }, at: now)
    }
    guard let project, let version = read.macroVersion else { return (isFresh, false) }
    if version == knowledge.libraryVersion {
      knowledge.confirmLibrary(at: now)
      return (isFresh, false)
    }
    let library = try await Macros(connection).library(of: project)
    knowledge.learn(library.macros, version: library.version, at: now)
    return (isFresh, true)
  }
}

extension Diagnostic {
  /// It says that there is no such name: what was read before may be out of date.
  fileprivate var isAboutMissing: Bool {
    [DiagnosticCode.unknownName, .ambiguousName, .unknownMacro, .unknownParameter, .missingParameter].contains {
      $0.rawValue == code
    }
  }
}

extension Statement {
  /// Whether its meaning hangs on the project's macros.
  var usesMacros: Bool {
    switch kind {
    case .saveMacro, .dropMacro, .restoreMacro: true
    case .show(let topic): topic?.value == ShowTopic.macros.rawValue
    case .help(let words): words.first?.value.hasPrefix("@") ?? false
    case .pipeline(let pipeline), .plan(let pipeline, _), .explain(let pipeline, _): pipeline.usesMacros
    case .applyPlan, .useProject, .useRun, .createRun, .applyFile, .deliver, .pause, .resume, .budget, .limit,
      .keep, .undo, .saveScript, .dropScript, .runScript, .include, .bind, .set, .checkMatrix, .describe, .invalid:
      false
    }
  }

  /// The pipeline that it is about.
  var pipeline: Pipeline? {
    switch kind {
    case .pipeline(let pipeline), .plan(let pipeline, _), .explain(let pipeline, _): pipeline
    case .applyPlan, .useProject, .useRun, .createRun, .applyFile, .deliver, .pause, .resume, .budget, .limit,
      .keep, .undo, .saveMacro, .dropMacro, .restoreMacro, .saveScript, .dropScript, .runScript, .include, .bind, .set,
      .show, .help,
      .checkMatrix, .describe,
      .invalid:
      nil
    }
  }

  /// What it expects, or the macro that does.
  var expectationSpan: Span {
    guard let pipeline else { return span }
    let expectation = pipeline.stages.last { stage in
      switch stage.value {
      case .expect, .expectNone: true
      case .filter, .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .combine, .sample, .why,
        .matrix, .progress, .watch, .export:
        false
      }
    }
    if let expectation { return expectation.span }
    if case .macro(let name, _) = pipeline.source { return name.span }
    return span
  }

  /// The project or run that it names.
  var referenceSpan: Span? {
    switch kind {
    case .useProject(let name), .useRun(let name): name.span
    case .deliver(let run, _), .pause(let run), .resume(let run), .budget(let run, _): run?.span
    case .pipeline, .plan, .explain, .applyPlan, .createRun, .applyFile, .limit, .keep, .undo, .saveMacro, .dropMacro,
      .restoreMacro,
      .saveScript, .dropScript, .runScript, .include, .bind, .set, .show, .help, .checkMatrix, .describe, .invalid:
      nil
    }
  }

  /// Its action with the options, or the macro that ends in one.
  var actionSpan: Span {
    guard let pipeline else { return span }
    if let action = pipeline.action { return action.span }
    if case .macro(let name, _) = pipeline.source { return name.span }
    return span
  }
}

extension Pipeline {
  fileprivate var usesMacros: Bool { !MacroDefinition(name: Name("", Span(0, 0)), body: self).calls.isEmpty }
}

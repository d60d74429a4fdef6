import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryLanguage
import Store

extension ProducerSession {
  // MARK: Context

  /// Puts a project and a run in use by name or id, as the command line gives them.
  /// - Throws: `DiagnosticError`.
  public func use(project: String?, run: String?) async throws {
    // What flags say is not what the person said: no script is made of it.
    let said = record
    defer { record = said }
    for (word, value) in [("project", project), ("run", run)] {
      guard let value else { continue }
      let source = SourceText(name: "--\(word)", text: "use \(word) \(Literal.quoted(value))")
      guard let statement = Parser.parse(source).statements.first else { continue }
      _ = try await execute(statement)
    }
  }

  /// With one project there is nothing to choose; so with its only run. The places are asked for where they are not
  /// known.
  public func useWhatIsThere(_ known: Names.Places? = nil) async throws {
    var places = known
    if places == nil { places = try await Names(connection).places() }
    guard let places, context.project == nil, places.projects.count == 1, let only = places.projects.first else {
      return
    }
    settle(on: .init(id: only.id, name: only.name), places.runsOfTheOnly)
  }

  private func settle(on project: SessionContext.Place) async throws {
    if context.project == project { return }
    let runs = try await Names(connection).read([.run], project: ProjectID(project.id))[.run] ?? []
    settle(on: project, runs)
  }

  private func settle(on project: SessionContext.Place, _ runs: [AxisMember]) {
    context = SessionContext(project: project)
    knowledge.learn(.run, runs.map { LiveNames.Entry(id: $0.id, name: $0.name) }, at: settings.now())
    if runs.count == 1, let run = runs.first { context.run = .init(id: run.id, name: run.name) }
  }

  func use(project reference: Reference, _ statement: Statement) async throws -> Outcome {
    guard let found = try await project(reference) else {
      throw failure(
        "unknown_project", "there is no such project", statement, at: statement.referenceSpan,
        hints: ["apply \"production.yaml\" makes one"])
    }
    context.project = nil
    try await settle(on: found)
    let run = context.run.map { ", run \($0.name)" } ?? ""
    return .message("using project \(found.name)\(run)")
  }

  /// One whose name was found a moment ago is not looked up again.
  private func project(_ reference: Reference) async throws -> SessionContext.Place? {
    if case .id(let id, let name?) = reference { return .init(id: id, name: name) }
    let projects = try await Names(connection).read([.project], project: nil)[.project] ?? []
    let found = projects.first { project in
      switch reference {
      case .id(let id, _): project.id == id
      case .name(let name): project.name == name
      }
    }
    return found.map { .init(id: $0.id, name: $0.name) }
  }

  func use(run reference: Reference, _ statement: Statement) async throws -> Outcome {
    let project = try projectInUse(statement)
    if case .id(let id, let name?) = reference {
      context.run = .init(id: id, name: name)
    } else {
      let run = try await runHeading(reference, statement)
      context.run = .init(id: run.id.rawValue, name: run.name)
    }
    return .message("using run \(context.run?.name ?? "") of \(project.name)")
  }

  // MARK: Productions and runs

  func apply(_ written: String, _ statement: Statement) async throws -> Outcome {
    let (file, diagnostics) = ProductionFileParser.load(path(written))
    guard let file else { throw DiagnosticError(diagnostics.map { placed($0, statement) }) }
    try await confirmFolder(of: file, statement)
    let sources: [StoredSource]
    do {
      sources = try await settings.media.store(file.characters, told: settings.onProgress)
    } catch {
      throw failure(
        "media_folder", "the source images cannot be copied to the media folder: \(error)", statement,
        hints: ["CALLSHEET_MEDIA names another folder"])
    }
    settings.onProgress(0, 0, "comparing")
    let productions = Productions(connection)
    let work = { @Sendable [connection, settings] () async throws -> (ProjectID, ProductionChanges) in
      try await connection.transaction {
        let (project, changes) = try await productions.apply(file, sources: sources)
        if !changes.changes.isEmpty {
          let actions = Actions(connection)
          _ = try await actions.record(
            verb: "apply", entity: "projects", statement: statement.text, project: project, run: nil,
            by: try await actions.user(named: settings.user), selected: 1, changed: [project.rawValue], leftAlone: [])
        }
        return (project, changes)
      }
    }
    try await confirmRecalled("apply \(written)") { .production(try await takenBack(work).1) }
    let (project, changes) = settings.isDryRun ? try await dryRun(work) : try await work()
    knowledge.doubt()
    if settings.isDryRun, await !connection.isInTransaction { return .production(changes) }
    if context.project?.id != project.rawValue { try await settle(on: .init(id: project.rawValue, name: file.project)) }
    return .production(changes)
  }

  /// Two productions of one name would become one: a folder other than before is meant only when the old one is gone.
  private func confirmFolder(of file: ProductionFile, _ statement: Statement) async throws {
    guard let before = try await Productions(connection).folder(of: file.project), before != file.folder,
      FileManager.default.fileExists(atPath: before)
    else { return }
    let message = "the project \(file.project) belongs to \(before), and this file lies in \(file.folder)"
    try await confirm(
      Confirmation(question: "\(message): move it there"),
      else: failure(
        "other_folder", message, statement, at: fileSpan(statement),
        hints: ["give one of the two projects another name", "--yes moves the project to this file"]))
  }

  /// What is wrong with the file as a whole is shown at its name.
  private func placed(_ diagnostic: Diagnostic, _ statement: Statement) -> Diagnostic {
    guard diagnostic.source == nil else { return diagnostic }
    let start = "a path is relative to the file it stands in, else to the folder callsheet was started in"
    let hints = diagnostic.hints.isEmpty ? [start] : diagnostic.hints
    return failure(diagnostic.code, diagnostic.message, statement, at: fileSpan(statement), hints: hints)
      .diagnostics[0]
  }

  private func fileSpan(_ statement: Statement) -> Span {
    if case .applyFile(let path) = statement.kind { path.span } else { statement.span }
  }

  private func nameSpan(_ statement: Statement) -> Span {
    if case .createRun(let run) = statement.kind { run.name.span } else { statement.span }
  }

  func create(_ wanted: CheckedCreateRun, _ statement: Statement) async throws -> Outcome {
    let project = try projectInUse(statement)
    let characters = try ids(wanted.characters, statement)
    let sceneTypes = try ids(wanted.sceneTypes, statement)
    let variantTypes = try ids(wanted.variantTypes, statement)
    let id = ProjectID(project.id)
    do {
      let work = { @Sendable [connection, settings] () async throws -> (RunID, RunCreated) in
        try await connection.transaction {
          try await ProjectLock(connection).take([id])
          let user = try await Actions(connection).user(named: settings.user)
          let journal = try await Journal.open(connection)
          let (run, cells) = try await Runs(connection).create(
            name: wanted.name, project: id, characters: characters, sceneTypes: sceneTypes, variantTypes: variantTypes,
            by: user)
          try await RunBudgets(connection).set(BudgetChange(wanted.budget), of: run)
          try await journal.noteNew(run: run)
          try await journal.close(keepingCells: false)
          try await Actions(connection).record(
            journal.action, verb: "create", entity: "runs", statement: statement.text, project: id, run: run, by: user,
            selected: 1,
            changed: [run.rawValue], leftAlone: [])
          let estimate = try await Runs(connection).estimate(run)
          return (
            run,
            RunCreated(
              run: wanted.name, project: project.name, cells: cells, estimatedGPUHours: estimate.gpuHours,
              estimatedDiskGB: estimate.diskGB)
          )
        }
      }
      try await confirmRecalled("create run \(wanted.name)") { .runCreated(try await takenBack(work).1) }
      let (run, created) = settings.isDryRun ? try await dryRun(work) : try await work()
      knowledge.doubt()
      // A run that was made to be looked at is there for the rest of the script only.
      if settings.isDryRun, await !connection.isInTransaction { return .runCreated(created) }
      context.run = .init(id: run.rawValue, name: wanted.name)
      return .runCreated(created)
    } catch RunError.nameTaken(let name) {
      throw failure(
        "name_taken", "\(project.name) has a run named \(name) already", statement, at: nameSpan(statement),
        hints: ["use run \(Literal.quoted(name))"])
    } catch RunError.emptyMatrix {
      throw failure("empty_matrix", "a run needs a character, a scene type and a variant type", statement)
    }
  }

  private func ids(_ references: [Reference]?, _ statement: Statement) throws -> [Int64]? {
    try references?.map { reference in
      switch reference {
      case .id(let id, _): return id
      case .name(let name): throw failure("unknown_name", "there is no \"\(name)\"", statement)
      }
    }
  }

  func pause(_ reference: Reference?, _ statement: Statement) async throws -> Outcome {
    let become = settings.isDryRun ? "would be" : "is"
    return try await change(reference, statement, verb: "pause") { connection, run in
      let changed = try await Runs(connection).pause(run.id)
      return (
        changed
          ? "\(run.name) \(become) paused: what runs goes on, nothing new starts" : "\(run.name) was paused already",
        changed
      )
    }
  }

  func resume(_ reference: Reference?, _ statement: Statement) async throws -> Outcome {
    let goOn = settings.isDryRun ? "would go on" : "goes on"
    return try await change(reference, statement, verb: "resume") { connection, run in
      let changed = try await Runs(connection).resume(run.id)
      _ = try await Advance(connection).run(run.id)
      return (changed ? "\(run.name) \(goOn)" : "\(run.name) was not paused", changed)
    }
  }

  /// Changes a run, as an action that can be undone.
  func change(
    _ reference: Reference?, _ statement: Statement, verb: String,
    _ body: @escaping @Sendable (PostgresConnection, RunHeading) async throws -> (message: String, changed: Bool)
  ) async throws -> Outcome {
    let run = try await runHeading(reference, statement)
    let work = { @Sendable [connection, settings] () async throws -> Outcome in
      try await connection.transaction {
        try await ProjectLock(connection).take([run.projectID])
        let journal = try await Journal.open(connection)
        try await journal.note(run: run.id)
        let (message, changed) = try await body(connection, run)
        try await journal.close(keepingCells: false)
        let actions = Actions(connection)
        try await actions.record(
          journal.action, verb: verb, entity: "runs", statement: statement.text, project: run.projectID, run: run.id,
          by: try await actions.user(named: settings.user), selected: 1, changed: changed ? [run.id.rawValue] : [],
          leftAlone: [])
        return .done(message, Self.report(verb, "runs", journal.action, changed: changed, settings))
      }
    }
    try await confirmRecalled("\(verb) \(run.name)")
    return settings.isDryRun ? try await dryRun(work) : try await work()
  }

  /// Of a change of one thing. What was only tried has no id.
  static func report(
    _ verb: String, _ entity: String, _ id: ActionID, changed: Bool, _ settings: SessionSettings
  ) -> ActionReport {
    ActionReport(
      action: verb, id: settings.isDryRun ? nil : id, entity: entity, selected: 1, changed: changed ? 1 : 0)
  }

  // MARK: Looking after itself

  func checkMatrix() async throws -> Outcome {
    let check = MatrixCheck(connection)
    let differences = try await check.differences()
    if differences.isEmpty {
      let cells = try await check.cellCount()
      return .finding(
        "every kept copy equals the facts: \(cells) cells checked",
        ResultTable(
          columns: [ResultColumn("cells", .int), ResultColumn("differences", .int)],
          rows: [[.int(Int64(cells)), .int(0)]]))
    }
    throw DiagnosticError(
      differences.prefix(20).map { difference in
        Diagnostic(
          code: "matrix_differs",
          message: "\(difference.what): kept \"\(difference.kept)\", the facts say \"\(difference.truth)\"")
      })
  }
}

extension Entity {
  var described: ResultTable {
    ResultTable(
      columns: ["field", "type", "null", "summary"].map { ResultColumn($0, .text) },
      rows: fields.map { field in
        [
          .text(field.name), .text(field.type.description), .text(field.isOptional ? "yes" : "no"),
          .text(field.summary),
        ]
      })
  }
}

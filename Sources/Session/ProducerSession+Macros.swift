import Diagnostics
import Foundation
import Model
import Orchestrator
import PostgresClient
import QueryLanguage
import Store

extension ProducerSession {
  func save(_ macro: CheckedMacro, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let definition = macro.definition
    let name = definition.name.value
    let text = definition.description
    if let known = knowledge.macros.first(where: { $0.name == name }), known.definition == text {
      return .message("@\(name) is saved as this already")
    }
    let parameters = definition.parameters.map(\.description).joined(separator: ", ")
    let version = try await keep(project) { connection, user in
      try await Macros(connection).save(
        name, definition: text, parameters: parameters, documentation: definition.documentation, project: project,
        by: user)
    }
    knowledge.doubt()
    let broken = broken(by: definition)
    let warning =
      broken.isEmpty
      ? "" : "; \(Spelling.list(broken, conjunction: "and")) \(broken.count == 1 ? "does" : "do") not fit it"
    return .message("@\(name) \(settings.isDryRun ? "would be saved" : "saved")\(Self.kept(version))\(warning)")
  }

  /// Makes an earlier version the newest, if it still means something.
  func restore(macro name: String, version: Int, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let versions = try await Macros(connection).versions(of: name, in: project)
    guard let text = versions.first(where: { $0.version == version })?.definition else {
      throw unknownVersion("@\(name)", version, of: versions.map { ($0.version, $0.definition != nil) }, statement)
    }
    let source = SourceText(name: "version \(version) of @\(name)", text: text)
    guard let former = Parser.parse(source).statements.first else { return .nothing }
    let (checked, diagnostics) = try await check(former)
    guard case .saveMacro(let macro)? = checked else { throw DiagnosticError(diagnostics) }
    return try await save(macro, statement)
  }

  func unknownVersion(
    _ what: String, _ version: Int, of versions: [(number: Int, isKept: Bool)], _ statement: Statement
  ) -> DiagnosticError {
    let known = versions.filter(\.isKept).map(\.number).sorted().map { String($0) }
    let message =
      versions.contains { $0.number == version }
      ? "in version \(version) \(what) was dropped" : "\(what) has no version \(version)"
    return failure(
      "unknown_version", message, statement,
      hints: [known.isEmpty ? "there never was one" : "versions: \(Spelling.list(known, conjunction: "and"))"])
  }

  /// The macros that call this one and cannot be called any more.
  private func broken(by definition: MacroDefinition) -> [String] {
    let library = knowledge.library.adding(definition)
    let settings = settings
    let checker = Checker(
      catalogue: catalogue, names: knowledge.names, macros: library, now: settings.now(), timeZone: settings.timeZone)
    return library.dependents(of: definition.name.value).filter { caller in
      library[caller].map { checker.checkedMacro($0) == nil } ?? false
    }.map { "@\($0)" }
  }

  func drop(macro name: String, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let callers = knowledge.library.dependents(of: name).map { "@\($0)" }
    let scripts = try await Scripts(connection).all(of: project).filter { $0.calls(name) }.map { "script \($0.name)" }
    _ = try await keep(project) { connection, user in
      try await Macros(connection).save(
        name, definition: nil, parameters: "", documentation: nil, project: project, by: user)
    }
    knowledge.doubt()
    let users = callers + scripts
    let warning =
      users.isEmpty
      ? "" : "; \(Spelling.list(users, conjunction: "and")) \(users.count == 1 ? "uses" : "use") it and will not work"
    return .message("@\(name) \(settings.isDryRun ? "would be dropped" : "dropped"); its versions are kept\(warning)")
  }

  /// Changes what is kept by name, under the lock of the project. Its versions are its record: it is no action, and what
  /// `undo` takes back is still the action before it.
  func keep(
    _ project: ProjectID, _ change: @escaping @Sendable (PostgresConnection, UserID) async throws -> Int
  ) async throws -> Int {
    let work = { @Sendable [connection, settings] () async throws -> Int in
      try await connection.transaction {
        try await ProjectLock(connection).take([project])
        return try await change(connection, try await Actions(connection).user(named: settings.user))
      }
    }
    return settings.isDryRun ? try await dryRun(work) : try await work()
  }

  // MARK: Showing

  func help(_ words: [String], _ statement: Statement) async throws -> Outcome {
    if let word = words.first, word.hasPrefix("@") {
      return .text(try await help(macro: String(word.dropFirst()).lowercased(), statement))
    }
    if words.first == "script", words.count == 2 { return .text(try await help(script: words[1], statement)) }
    if let page = Help.text(for: words, in: catalogue) { return .text(page) }
    let word = words.joined(separator: " ")
    throw failure(
      "unknown_topic", "there is no help on \"\(word)\"", statement,
      hints: [Spelling.suggestion(for: word, among: Help.words(in: catalogue)) ?? "help lists everything"])
  }

  /// The script that somebody asks about by its name alone.
  func scriptAsked(_ statement: Statement) async throws -> CheckedStatement? {
    guard case .help(let words) = statement.kind, words.count == 1, let project = context.project else { return nil }
    let script = try await Scripts(connection).find(words[0].value, in: ProjectID(project.id))
    return script?.body == nil ? nil : .help(["script", words[0].value])
  }

  /// How a script is called, what stands at its head about it, its statements and its versions.
  private func help(script name: String, _ statement: Statement) async throws -> String {
    let project = ProjectID(try projectInUse(statement).id)
    let versions = try await Scripts(connection).versions(of: name, in: project)
    guard let script = versions.first, let body = script.body else {
      throw failure(
        "unknown_script", "there is no script \(name)", statement, hints: ["show scripts   lists them"])
    }
    let call = script.parameters.isEmpty ? "" : "(\(script.parameters))"
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    let shown = lines.prefix(Self.mostLines) + (lines.count > Self.mostLines ? ["    ..."] : [])
    return
      (["run \(script.name)\(call)", ""] + shown
      + versions.prefix(5).map { Self.line($0.version, $0.by, $0.at, $0.body == nil ? ": dropped" : "") })
      .joined(separator: "\n")
  }

  private static let mostLines = 40

  private static func line(_ version: Int, _ by: String?, _ at: Date, _ what: String) -> String {
    let time = at.formatted(.iso8601.dateSeparator(.dash).timeSeparator(.colon).dateTimeSeparator(.space))
    return "version \(version)\(by.map { " by \($0)" } ?? ""), \(time)\(what)"
  }

  private func help(macro name: String, _ statement: Statement) async throws -> String {
    let project = ProjectID(try projectInUse(statement).id)
    let versions = try await Macros(connection).versions(of: name, in: project)
    guard let definition = knowledge.library[name] else { return "" }
    var lines = [checker().checkedMacro(definition)?.usage ?? "@\(name)"]
    if let documentation = definition.documentation { lines.append("    \(documentation)") }
    lines += ["", "    \(definition)", ""]
    let callers = knowledge.library.dependents(of: name).map { "@\($0)" }
    if !callers.isEmpty { lines.append("used by \(Spelling.list(callers, conjunction: "and"))") }
    lines += versions.prefix(5).map { version in
      let text = version.definition.map { $0 == definition.description ? "" : ":  \($0)" } ?? ": dropped"
      return Self.line(version.version, version.by, version.at, text)
    }
    return lines.joined(separator: "\n")
  }
}

extension SavedScript {
  /// Whether one of its statements calls a macro by name.
  fileprivate func calls(_ macro: String) -> Bool {
    let statements = Parser.parse(SourceText(name: name, text: body ?? "")).statements
    return statements.compactMap(\.pipeline).contains { pipeline in
      MacroDefinition(name: Name("", Span(0, 0)), body: pipeline).calls.contains(macro)
    }
  }
}

import Diagnostics
import Foundation
import Model
import QueryLanguage
import Store

// MARK: - Being in a script

extension ProducerSession {
  /// Scripts that run one another deeper than this are refused.
  static let depthLimit = 32

  /// The statements that follow are the script's, until `leave` is given what this returns.
  public func enter(_ call: ScriptCall) -> Int {
    framesMade += 1
    frames.append(ScriptFrame(id: framesMade, call: call, context: context))
    if let parameters = call.parameters { scopes.append(parameters) }
    return framesMade
  }

  /// The script is over. One with variables of its own leaves no trace of them, nor of what it used. Nothing happens for a
  /// script that was left before: it may have been abandoned.
  public func leave(_ id: Int) {
    guard let last = frames.last, last.id == id else { return }
    frames.removeLast()
    guard last.call.parameters != nil else { return }
    scopes.removeLast()
    context = last.context
  }

  /// Leaves all scripts at once.
  func leaveAll() {
    if let outermost = frames.first(where: { $0.call.parameters != nil }) { context = outermost.context }
    frames = []
    scopes = [scopes[0]]
  }

  /// Names a value for all scripts, as `--var` does. What it is follows from how it is written: a number, a duration, a
  /// word; what could be none of these is a text.
  /// - Throws: `DiagnosticError` for a name that no variable can have.
  public func define(_ name: String, _ value: String) throws {
    guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
      throw DiagnosticError(
        Diagnostic(
          code: "bad_variable", message: "\"\(name)\" cannot be the name of a variable",
          hints: ["letters, digits and _, a letter first:  --var who=Aria"]))
    }
    commandLine[name.lowercased()] = Self.literal(value)
  }

  private static func literal(_ value: String) -> Literal {
    let source = SourceText(name: "--var", text: "let $x = \(value)")
    let parsed = Parser.parse(source)
    // A comment or a `;` behind it is no part of a literal, but part of what was meant.
    if parsed.statements.count == 1, parsed.diagnostics.isEmpty, case .bind(_, let literal) = parsed.statements[0].kind,
      literal.value.kind != .parameter, literal.span.upper == source.bytes.count
    {
      return literal.value
    }
    return Literal(.text, value)
  }

  /// Those that count here; what is nearest counts most.
  var variables: [String: Literal] { commandLine.merging(scopes[scopes.count - 1]) { _, own in own } }

  func bind(_ name: String, _ value: Literal) -> Outcome {
    scopes[scopes.count - 1][name] = value
    return .nothing
  }

  /// How the statements at hand are reached, innermost first.
  var trail: [String] { frames.reversed().compactMap(\.call.place) }

  private func place(_ word: String, _ statement: Statement) -> String {
    let line = statement.source.position(at: statement.span.lower).line
    return "\(word) \(statement.source.name):\(line)"
  }

  /// A path as it was written, from the folder of the file it stands in.
  func path(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    if path.hasPrefix("~/") { return NSHomeDirectory() + path.dropFirst() }
    guard let folder = frames.last?.call.folder else { return path }
    return "\(folder)/\(path)"
  }

  /// Refuses what would never end.
  private func admit(_ call: ScriptCall, _ statement: Statement, at span: Span) throws -> Outcome {
    if let first = frames.firstIndex(where: { $0.call.identity == call.identity }) {
      let names = frames[first...].map(\.call.name) + [call.name]
      throw failure(
        "script_cycle", "\(call.name) is being run already", statement, at: span,
        hints: [names.joined(separator: " > ")])
    }
    if frames.count >= Self.depthLimit {
      throw failure("too_deep", "scripts run one another more than \(Self.depthLimit) deep here", statement, at: span)
    }
    return .script(call)
  }
}

// MARK: - Statements

extension ProducerSession {
  func include(_ written: String, _ statement: Statement) throws -> Outcome {
    let span = if case .include(let name) = statement.kind { name.span } else { statement.span }
    let path = path(written)
    try requireFile(path, statement, at: span)
    return try admit(
      ScriptCall(file: path, named: written, place: place("included from", statement)), statement, at: span)
  }

  private func requireFile(_ path: String, _ statement: Statement, at span: Span) throws {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if isThere, !isFolder.boolValue, FileManager.default.isReadableFile(atPath: path) { return }
    let full = ScriptCall.absolute(path)
    throw failure(
      "unreadable_file", isFolder.boolValue ? "\(full) is a folder" : "\(full) cannot be read", statement, at: span,
      hints: ["a path is relative to the file it stands in, else to the folder callsheet was started in"])
  }

  func run(script name: String, _ arguments: [Argument], _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    guard case .runScript(let written, _) = statement.kind else { return .nothing }
    guard let script = try await Scripts(connection).find(name, in: project), let body = script.body else {
      throw try await unknownScript(written, project, statement)
    }
    let parameters = Self.parameters(script.parameters)
    try await learn(Set(parameters.compactMap(\.referenceKind)), macros: false)
    let (values, diagnostics) = checker().bind(arguments, to: parameters, of: written, in: statement.source)
    guard let values else { throw DiagnosticError(diagnostics) }
    return try admit(
      ScriptCall(
        script: script.name, body: body, folder: script.folder, parameters: values,
        place: place("run from", statement)), statement, at: written.span)
  }

  /// Reads parameters as they were kept.
  static func parameters(_ text: String) -> [MacroParameter] {
    if text.isEmpty { return [] }
    let source = SourceText(name: "script", text: "save script x(\(text)) from last 1")
    guard case .saveScript(let definition)? = Parser.parse(source).statements.first?.kind else { return [] }
    return definition.parameters
  }

  private func unknownScript(
    _ name: Name, _ project: ProjectID, _ statement: Statement
  ) async throws -> DiagnosticError {
    let scripts = Scripts(connection)
    let known = try await scripts.all(of: project).map(\.name)
    let dropped = try await scripts.find(name.value, in: project)
    let by = dropped?.by.map { " by \($0)" } ?? ""
    let hint =
      Spelling.suggestion(for: name.value, among: known)
      ?? (known.isEmpty ? "save script NAME from \"FILE\"   keeps one" : "show scripts   lists them")
    return failure(
      "unknown_script", "there is no script \(name.value)" + (dropped == nil ? "" : ": it was dropped\(by)"), statement,
      at: name.span, hints: [hint])
  }

  func save(
    script name: String, _ parameters: [MacroParameter], from source: ScriptSource, _ statement: Statement
  ) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let body: String
    var folder: String?
    var parameterText = parameters.map(\.description).joined(separator: ", ")
    switch source {
    case .file(let written):
      let path = path(written)
      body = try content(of: path, named: written, statement)
      folder = (ScriptCall.absolute(path) as NSString).deletingLastPathComponent
    case .last(let count):
      let texts = record.last(count)
      guard !texts.isEmpty else {
        throw failure("nothing_to_save", "this session has carried out nothing yet", statement)
      }
      body = texts.map { $0 + "\n" }.joined()
    case .version(let number):
      let versions = try await Scripts(connection).versions(of: name, in: project)
      guard let former = versions.first(where: { $0.version == number }), let text = former.body else {
        throw unknownVersion("script \(name)", number, of: versions.map { ($0.version, $0.body != nil) }, statement)
      }
      (body, folder) = (text, former.folder)
      if parameters.isEmpty { parameterText = former.parameters }
    }
    let keptParameters = parameterText
    let from = folder
    let version = try await keep(project) { connection, user in
      try await Scripts(connection).save(
        name, body: body, parameters: keptParameters, folder: from, project: project, by: user)
    }
    let count = Parser.parse(SourceText(name: name, text: body)).statements.count
    return .message(
      "script \(name.lowercased()) \(settings.isDryRun ? "would be saved" : "saved"): \(count) \(count == 1 ? "statement" : "statements")\(Self.kept(version))"
    )
  }

  /// The text of a script's file, all of which can be read.
  private func content(of path: String, named name: String, _ statement: Statement) throws -> String {
    let span = if case .saveScript(let script) = statement.kind { script.pathSpan } else { nil as Span? }
    try requireFile(path, statement, at: span ?? statement.span)
    guard let data = FileManager.default.contents(atPath: path), data.count <= StatementRecord.byteLimit else {
      throw failure(
        "too_long", "\(name) is longer than 8 MB", statement, at: span, hints: ["include \"\(name)\"   runs any length"]
      )
    }
    let text = SourceText(name: name, bytes: Array(data))
    let parsed = Parser.parse(text)
    let errors = parsed.diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { throw DiagnosticError(errors) }
    return text.text
  }

  func drop(script name: String, _ statement: Statement) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    guard case .dropScript(let written) = statement.kind else { return .nothing }
    guard try await Scripts(connection).find(name, in: project)?.body != nil else {
      throw try await unknownScript(written, project, statement)
    }
    _ = try await keep(project) { connection, user in
      try await Scripts(connection).save(name, body: nil, parameters: "", folder: nil, project: project, by: user)
    }
    return .message(
      "script \(name.lowercased()) \(settings.isDryRun ? "would be dropped" : "dropped"); its versions are kept")
  }

  static func kept(_ version: Int) -> String {
    switch version {
    case ...1: ""
    case 2: " as version 2; version 1 is kept"
    default: " as version \(version); the \(version - 1) before are kept"
    }
  }
}

extension ScriptDefinition {
  fileprivate var pathSpan: Span? {
    switch source {
    case .file(let path): path.span
    case .last, .version: nil
    }
  }
}

extension MacroParameter {
  /// The names that its values are looked up among.
  fileprivate var referenceKind: ReferenceKind? {
    switch type?.value {
    case "character": .character
    case "scene_type": .sceneType
    case "variant": .variantType
    case "run": .run
    case "worker": .worker
    default: nil
    }
  }
}

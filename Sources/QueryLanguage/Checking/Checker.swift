import Diagnostics
import Foundation

/// Gives every name of a statement its meaning, or says which it cannot.
public struct Checker: Sendable {
  public let catalogue: Catalogue
  public let names: LiveNames
  /// What `@name` stands for.
  public let macros: MacroLibrary
  /// What `$x` stands for; the keys are in lower case.
  public let variables: [String: Literal]
  public let now: Date
  private let zone: @Sendable () -> TimeZone

  public init(
    catalogue: Catalogue, names: LiveNames, macros: MacroLibrary = MacroLibrary(), variables: [String: Literal] = [:],
    now: Date, timeZone: @autoclosure @escaping @Sendable () -> TimeZone
  ) {
    self.catalogue = catalogue
    self.names = names
    self.macros = macros
    self.variables = variables
    self.now = now
    zone = timeZone
  }

  /// Only asked for where a statement tells of times: to find out a zone takes part of a millisecond.
  public var timeZone: TimeZone { zone() }

  /// The statement is nil exactly when one of the diagnostics is an error. The diagnostics, the parser's among them, are in the order of
  /// their places.
  public func check(_ statement: Statement) -> (CheckedStatement?, [Diagnostic]) {
    var pass = CheckingPass(self, source: statement.source)
    let checked = pass.statement(statement)
    let diagnostics =
      pass.diagnostics.isEmpty
      ? statement.diagnostics
      : (statement.diagnostics + pass.diagnostics).sorted { ($0.span?.lower ?? 0) < ($1.span?.lower ?? 0) }
    return (diagnostics.contains { $0.severity == .error } ? nil : checked, diagnostics)
  }

  /// The kinds of names that `check` would look up for this statement, also through macros and variables, so that a session reads
  /// no others.
  public static func namesNeeded(
    by statement: Statement, in catalogue: Catalogue, macros: MacroLibrary = MacroLibrary(),
    variables: [String: Literal] = [:]
  ) -> Set<ReferenceKind> {
    let checker = Checker(
      catalogue: catalogue, names: LiveNames(), macros: macros, variables: variables,
      now: Date(timeIntervalSince1970: 0), timeZone: .gmt)
    var pass = CheckingPass(checker, source: statement.source)
    _ = pass.statement(statement)
    return pass.kindsAsked
  }

  /// What a script's parameters stand for in a call of it, by name in lower case; nil exactly when one of the diagnostics is an error.
  public func bind(
    _ arguments: [Argument], to parameters: [MacroParameter], of script: Name, in source: SourceText
  ) -> ([String: Literal]?, [Diagnostic]) {
    var pass = CheckingPass(self, source: source)
    let values = pass.bind(arguments, to: parameters, of: Callee(text: "script \(script.value)", place: script.span))
    return (values?.mapValues(\.value), pass.diagnostics)
  }

  /// A kept macro as `help` and lists show it; nil when its body cannot be checked any more.
  public func checkedMacro(_ definition: MacroDefinition) -> CheckedMacro? {
    var pass = CheckingPass(self, source: SourceText(name: "@\(definition.name.value)", text: definition.description))
    let checked = pass.macro(definition)
    return pass.diagnostics.contains { $0.severity == .error } ? nil : checked
  }
}

/// One walk over one statement. A part that cannot be given a meaning is reported and comes out as nil, and the walk goes on, so that
/// all mistakes are reported at once.
struct CheckingPass {
  /// More are not of use to anybody.
  static let diagnosticLimit = 20
  /// Calls of macros in one statement, those within macros counted.
  static let expansionLimit = 1_000

  let checker: Checker
  let source: SourceText
  private(set) var diagnostics: [Diagnostic] = []
  /// Every kind of name that was looked up.
  var kindsAsked: Set<ReferenceKind> = []
  /// The macros whose bodies the walk is in, outermost first.
  var openMacros: [String] = []
  var expansions = 0
  /// Set while a definition is checked: what each of its parameters was seen to be.
  var definition: DefinitionUses?
  var windows: [TimeWindow] = []
  /// The statement could not be read whole: what seems to be missing may stand in the part that is.
  var isPartial = false

  init(_ checker: Checker, source: SourceText) {
    self.checker = checker
    self.source = source
  }

  mutating func report(
    _ code: DiagnosticCode, _ message: String, at span: Span, hint: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    let calls = definition == nil ? openMacros : Array(openMacros.dropFirst())
    let place = calls.isEmpty ? "" : "in " + calls.map { "@\($0)" }.joined(separator: " > ") + ": "
    let found = Diagnostic(
      severity, code: code.rawValue, message: place + message, source: source, span: span,
      hints: [hint].compactMap { $0 })
    if !diagnostics.contains(found) { diagnostics.append(found) }
  }
}

/// What the uses of a definition's parameters say about their types.
struct DefinitionUses {
  let name: String
  let parameters: [String]
  var types: [String: ParameterType] = [:]
}

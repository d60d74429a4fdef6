import Diagnostics

/// One statement of a text, well formed or not.
public struct Statement: Equatable, Sendable {
  public var kind: Kind
  /// Where it stands in `source`, without the `;` and the comment behind it.
  public var span: Span
  public var source: SourceText
  /// What the parser has to say about it. With an error among them, `kind` is `invalid`.
  public var diagnostics: [Diagnostic]
  /// Of an invalid statement, what could be read of it: the checker finds more mistakes in it, and nothing else is done with it.
  var readable: Kind?

  public init(_ kind: Kind, span: Span, source: SourceText, diagnostics: [Diagnostic] = []) {
    self.kind = kind
    self.span = span
    self.source = source
    self.diagnostics = diagnostics
  }

  /// The statement as it was written.
  public var text: String { source[span] }

  public indirect enum Kind: Equatable, Sendable {
    case pipeline(Pipeline)
    case plan(Pipeline, name: Name?)
    case applyPlan(Name)
    /// `explain analyze` also runs a read, and says where the time went.
    case explain(Pipeline, analyze: Bool)
    case useProject(Located<Literal>)
    case useRun(Located<Literal>)
    case createRun(CreateRun)
    /// `apply "production.yaml"`.
    case applyFile(Name)
    /// Without a run it is the run in use; so for `pause` and `resume`.
    case deliver(run: Located<Literal>?, options: [Argument])
    case pause(run: Located<Literal>?)
    case resume(run: Located<Literal>?)
    /// `budget spring gpu_hours=5 disk_gb=none`; without a run it is the run in use, with the word `project` the project.
    case budget(run: Located<Literal>?, options: [Argument])
    /// `limit segment 2`.
    case limit(Name, Located<Literal>)
    /// `keep events 30d`.
    case keep(Name, Located<Literal>)
    /// Without an id it is the last action; `partial=true` takes back what can be.
    case undo(Located<Literal>?, options: [Argument])
    case saveMacro(MacroDefinition)
    /// `save @stuck from version 2`: what it was then is what it is again.
    case restoreMacro(Name, version: Located<Literal>)
    case saveScript(ScriptDefinition)
    /// `drop @stuck`.
    case dropMacro(Name)
    /// `drop script morning`.
    case dropScript(Name)
    case runScript(Name, [Argument])
    case include(Name)
    case bind(Name, Located<Literal>)
    /// Without a value it shows the setting; without a key, all of them.
    case set(Name?, Located<Literal>?)
    case show(Name?)
    case help([Name])
    case checkMatrix
    case describe(Name)
    /// It could not be read; the diagnostics say why.
    case invalid
  }
}

/// `create run spring characters (Aria, 3) scene_types (alley_chase)`: an axis without a list is taken whole.
public struct CreateRun: Equatable, Sendable {
  public var name: Name
  public var characters: [Located<Literal>]?
  public var sceneTypes: [Located<Literal>]?
  public var variantTypes: [Located<Literal>]?
  /// `gpu_hours=5 disk_gb=10`.
  public var options: [Argument] = []

  public init(name: Name) { self.name = name }
}

/// `save @stuck($who: character = Aria) "what waits" = cells where character=$who and status=blocked`.
public struct MacroDefinition: Equatable, Sendable {
  /// In lower case.
  public var name: Name
  public var parameters: [MacroParameter]
  /// What it is for, as `help @name` says it.
  public var documentation: String?
  public var body: Pipeline

  public init(name: Name, parameters: [MacroParameter] = [], documentation: String? = nil, body: Pipeline) {
    self.name = name
    self.parameters = parameters
    self.documentation = documentation
    self.body = body
  }
}

/// `$who: character = Aria`, of a macro or a script. The name is in lower case.
public struct MacroParameter: Equatable, Sendable {
  public var name: Name
  /// One of `ParameterType.names`; nil: by what it is compared with.
  public var type: Name?
  /// nil: a call has to give it.
  public var defaultValue: Located<Literal>?

  public init(name: Name, type: Name? = nil, defaultValue: Located<Literal>? = nil) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
  }
}

/// `save script morning($day = today) from "morning.callsheet"`.
public struct ScriptDefinition: Equatable, Sendable {
  public enum Source: Equatable, Sendable {
    /// A path as written.
    case file(Name)
    /// The statements of this session that were carried out last.
    case last(Located<Literal>)
    /// What it was then; without parameters of its own it has those of that version.
    case version(Located<Literal>)
  }

  public var name: Name
  public var parameters: [MacroParameter]
  public var source: Source

  public init(name: Name, parameters: [MacroParameter] = [], source: Source) {
    self.name = name
    self.parameters = parameters
    self.source = source
  }
}

/// All statements of a text, in order.
public struct ParseResult: Equatable, Sendable {
  public var statements: [Statement]
  /// What concerns no statement, such as bytes that are no text.
  public var other: [Diagnostic]

  public var diagnostics: [Diagnostic] { other + statements.flatMap(\.diagnostics) }

  public init(statements: [Statement], other: [Diagnostic] = []) {
    self.statements = statements
    self.other = other
  }
}

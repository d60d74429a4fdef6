import Diagnostics

/// One statement of a text, well formed or not.
public struct Statement: Equatable, Sendable {
  public var kind: Kind
  /// Where it stands in `source`, without the `;` and the comment behind it.
  public var span: Span
  public var source: SourceText
  /// What the parser has to say about it. With an error among them, `kind` is `invalid`.
  public var diagnostics: [Diagnostic]

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
    case explain(Pipeline)
    case useProject(Located<Literal>)
    case useRun(Located<Literal>)
    case createRun(CreateRun)
    /// `apply "production.yaml"`.
    case applyFile(Name)
    /// Without a run it is the run in use; so for `pause` and `resume`.
    case deliver(run: Located<Literal>?, options: [Argument])
    case pause(run: Located<Literal>?)
    case resume(run: Located<Literal>?)
    case undo(Located<Literal>?)
    case saveMacro(MacroDefinition)
    case saveScript(Name, file: Name)
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

  public init(name: Name) { self.name = name }
}

/// `save @stuck(status=failed) = cells where status=$status`.
public struct MacroDefinition: Equatable, Sendable {
  public var name: Name
  public var parameters: [MacroParameter]
  public var body: Pipeline

  public init(name: Name, parameters: [MacroParameter], body: Pipeline) {
    self.name = name
    self.parameters = parameters
    self.body = body
  }
}

public struct MacroParameter: Equatable, Sendable {
  public var name: Name
  public var defaultValue: Located<Literal>?

  public init(name: Name, defaultValue: Located<Literal>?) {
    self.name = name
    self.defaultValue = defaultValue
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

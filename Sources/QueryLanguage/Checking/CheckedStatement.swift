/// A statement whose every name means something and whose every value fits its field.
public indirect enum CheckedStatement: Equatable, Sendable {
  case pipeline(CheckedPipeline)
  case plan(CheckedPipeline, name: String?)
  case applyPlan(String)
  case explain(CheckedPipeline)
  case useProject(Reference)
  case useRun(Reference)
  case createRun(CheckedCreateRun)
  /// A path as written.
  case applyFile(String)
  /// Without a run it is the run in use; so for `pause` and `resume`. `to` is a path as written.
  case deliver(run: Reference?, to: String?)
  case pause(run: Reference?)
  case resume(run: Reference?)
  case undo(action: Int64?)
  case saveMacro(MacroDefinition)
  case saveScript(name: String, file: String)
  case runScript(name: String, arguments: [Argument])
  case include(String)
  case bind(name: String, Literal)
  case set(key: String?, value: String?)
  case show(String?)
  /// The words to look up, or none for the overview.
  case help([String])
  case checkMatrix
  case describe(Entity)
}

/// A row that a statement names.
public enum Reference: Equatable, Sendable {
  /// Looked up, or written as an id; the name is absent for an id that was not looked up.
  case id(Int64, name: String?)
  /// Names of this kind had not been read.
  case name(String)
}

/// An axis that is nil is taken whole.
public struct CheckedCreateRun: Equatable, Sendable {
  public var name: String
  public var characters: [Reference]?
  public var sceneTypes: [Reference]?
  public var variantTypes: [Reference]?

  public init(
    name: String, characters: [Reference]? = nil, sceneTypes: [Reference]? = nil, variantTypes: [Reference]? = nil
  ) {
    self.name = name
    self.characters = characters
    self.sceneTypes = sceneTypes
    self.variantTypes = variantTypes
  }
}

/// A statement whose every name means something and whose every value fits its field.
public indirect enum CheckedStatement: Equatable, Sendable {
  case pipeline(CheckedPipeline)
  /// The pipeline ends in an action.
  case plan(CheckedPipeline, name: String?)
  case applyPlan(String)
  /// `analyze`: run it, when it reads, and say where the time went.
  case explain(CheckedPipeline, analyze: Bool)
  case useProject(Reference)
  case useRun(Reference)
  case createRun(CheckedCreateRun)
  /// A path as written.
  case applyFile(String)
  /// Without a run it is the run in use; so for `pause` and `resume`. `to` is a path as written.
  case deliver(run: Reference?, to: String?)
  case pause(run: Reference?)
  case resume(run: Reference?)
  case budget(run: Reference?, CheckedBudget)
  /// Of the project in use.
  case projectBudget(CheckedBudget)
  /// How many jobs of a kind run at a time, over all workers; nil: no limit.
  case limit(kind: String, most: Int?)
  case keep(KeptSubject, seconds: Double)
  /// Without an id it is the last action. `partial`: take back what can be, rather than nothing.
  case undo(action: Int64?, partial: Bool)
  /// It can be kept as it is: its `definition.description` is the canonical text.
  case saveMacro(CheckedMacro)
  case restoreMacro(String, version: Int)
  case dropMacro(String)
  case saveScript(name: String, parameters: [MacroParameter], from: ScriptSource)
  case dropScript(String)
  /// No value is a variable any more. `Checker.bind` gives them to the script's parameters.
  case runScript(name: String, arguments: [Argument])
  /// A path as written.
  case include(String)
  /// The name is in lower case.
  case bind(name: String, Literal)
  /// Without a value it shows the setting; without a key, all of them.
  case set(SettingName?, value: String?)
  case show(ShowTopic?)
  /// The words to look up, or none for the overview: `help submit`, `help errors unknown_field` (`Help.text`), `help @stuck`
  /// (`Help.page(of:checked:)`).
  case help([String])
  case checkMatrix
  case describe(Entity)
}

public enum ScriptSource: Equatable, Sendable {
  /// A path as written.
  case file(String)
  /// So many of this session's statements, the last ones.
  case last(Int)
  case version(Int)
}

/// What `show` can be asked for; without a topic it shows what is in use.
public enum ShowTopic: String, CaseIterable, Sendable {
  case macros, scripts, plans, settings, variables, limits, retention
}

/// What is kept for some time after it is over.
public enum KeptSubject: String, CaseIterable, Sendable {
  case events, jobs, undo

  public var summary: String {
    switch self {
    case .events: "events"
    case .jobs: "finished jobs and their attempts, and as long as undo may need them"
    case .undo: "what undo needs of actions"
    }
  }
}

/// What a run or a project may spend; a resource that is nil stays as it is.
public struct CheckedBudget: Equatable, Sendable {
  public enum Limit: Equatable, Sendable {
    case none
    case amount(Double)
  }

  public var gpuHours: Limit?
  public var diskGB: Limit?

  public init(gpuHours: Limit? = nil, diskGB: Limit? = nil) {
    self.gpuHours = gpuHours
    self.diskGB = diskGB
  }
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
  public var budget: CheckedBudget

  public init(
    name: String, characters: [Reference]? = nil, sceneTypes: [Reference]? = nil, variantTypes: [Reference]? = nil,
    budget: CheckedBudget = CheckedBudget()
  ) {
    self.name = name
    self.characters = characters
    self.sceneTypes = sceneTypes
    self.variantTypes = variantTypes
    self.budget = budget
  }
}

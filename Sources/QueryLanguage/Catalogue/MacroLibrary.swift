import Diagnostics

/// The macros of a project, as the session read them.
public struct MacroLibrary: Equatable, Sendable {
  /// Macros that call one another deeper than this are refused.
  public static let depthLimit = 32

  /// By name, in lower case.
  public private(set) var definitions: [String: MacroDefinition]

  public init(_ definitions: [MacroDefinition] = []) {
    self.definitions = Dictionary(definitions.map { ($0.name.value, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// Reads canonical texts (`MacroDefinition.description`) as they were kept. What cannot be read any more is left out: a call of it
  /// is then an unknown macro.
  public init(texts: some Sequence<String>) { self.init(texts.compactMap { MacroDefinition(canonical: $0) }) }

  public subscript(name: String) -> MacroDefinition? { definitions[name.lowercased()] }

  /// In order.
  public var names: [String] { definitions.keys.sorted() }

  /// With one more, or another of the same name.
  public func adding(_ definition: MacroDefinition) -> MacroLibrary {
    var library = self
    library.definitions[definition.name.value] = definition
    return library
  }

  /// The macros that call this one, directly or through others, in order: what stops working when it is dropped.
  public func dependents(of name: String) -> [String] {
    var callers: [String: [String]] = [:]
    for definition in definitions.values {
      for callee in definition.calls { callers[callee, default: []].append(definition.name.value) }
    }
    var found: Set<String> = []
    var next = callers[name.lowercased()] ?? []
    while let caller = next.popLast() {
      if found.insert(caller).inserted { next += callers[caller] ?? [] }
    }
    return found.sorted()
  }

  /// The longest chain of calls that begins here: 1 for a macro that calls none. nil when the chain has no end.
  public func depth(of name: String) -> Int? {
    var known: [String: Int] = [:]
    var isOpen: Set<String> = []
    func depth(_ name: String) -> Int? {
      if let depth = known[name] { return depth }
      guard let definition = definitions[name] else { return 0 }
      guard isOpen.insert(name).inserted, isOpen.count <= 2 * Self.depthLimit else { return nil }
      defer { isOpen.remove(name) }
      var deepest = 0
      for callee in definition.calls {
        guard let below = depth(callee) else { return nil }
        deepest = max(deepest, below)
      }
      known[name] = deepest + 1
      return deepest + 1
    }
    return depth(name.lowercased())
  }
}

extension MacroDefinition {
  /// nil for a text that is no definition.
  public init?(canonical text: String) {
    let statements = Parser.parse(SourceText(name: "macro", text: text)).statements
    guard statements.count == 1, case .saveMacro(let definition) = statements[0].kind else { return nil }
    self = definition
  }

  /// The macros that its body calls by name, in order, each once.
  public var calls: [String] { Set(body.macroNames).sorted() }
}

extension Pipeline {
  /// Every macro that is named, with repeats.
  var macroNames: [String] {
    var names: [String] = []
    switch source {
    case .macro(let name, _): names.append(name.value)
    case .entity(_, let condition), .cellsInUse(let condition): names += condition?.macroNames ?? []
    }
    for stage in stages {
      switch stage.value {
      case .filter(let condition), .expect(let condition): names += condition.macroNames
      case .watch(_, let condition): names += condition?.macroNames ?? []
      case .combine(_, let other): names += other.macroNames
      case .sort, .take, .takeLast, .offset, .pick, .distinct, .count, .group, .sample, .why, .matrix, .progress,
        .export, .expectNone:
        break
      }
    }
    return names
  }
}

extension Condition {
  fileprivate var macroNames: [String] {
    switch self {
    case .and(let operands), .or(let operands): operands.flatMap(\.macroNames)
    case .not(let operand): operand.macroNames
    case .inMacro(let name, _): [name.value]
    case .constant, .flag, .comparison, .membership, .like, .matches, .isNull, .time: []
    }
  }
}

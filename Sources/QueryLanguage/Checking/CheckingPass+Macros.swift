import Diagnostics

/// What is called with arguments, as messages name it.
struct Callee {
  /// `@stuck`, `script morning`.
  var text: String
  var place: Span
}

// MARK: - Calls

extension CheckingPass {
  /// The body of a macro that is called, with the arguments in it, checked; nil when something about it is reported.
  mutating func call(_ name: Name, _ arguments: [Argument]) -> CheckedPipeline? {
    guard let body = expanded(name, arguments) else { return nil }
    openMacros.append(name.value)
    defer { openMacros.removeLast() }
    return pipeline(body)
  }

  private mutating func expanded(_ name: Name, _ arguments: [Argument]) -> Pipeline? {
    if openMacros.contains(name.value) {
      let chain = (openMacros.drop { $0 != name.value } + [name.value]).map { "@\($0)" }
      report(
        .macroCycle, "@\(name.value) calls itself" + (chain.count > 2 ? ": " + chain.joined(separator: " > ") : ""),
        at: name.span)
      return nil
    }
    guard let macro = checker.macros[name.value] else {
      report(
        .unknownMacro, "there is no macro @\(name.value)", at: name.span,
        hint: Spelling.suggestion(for: name.value, among: checker.macros.names, prefix: "@")
          ?? (checker.macros.names.isEmpty ? "save @name = PIPELINE  keeps one" : "\"show macros\" lists them"))
      return nil
    }
    expansions += 1
    guard openMacros.count < MacroLibrary.depthLimit, expansions <= Self.expansionLimit else {
      report(.tooDeep, "macros call one another too often here", at: name.span)
      return nil
    }
    let callee = Callee(text: "@\(name.value)", place: name.span)
    guard let values = bind(arguments, to: macro.parameters, of: callee) else { return nil }
    return Expansion(values: values, place: name.span).pipeline(macro.body)
  }

  /// The value of each parameter, by name; a default stands where the call does.
  mutating func bind(
    _ arguments: [Argument], to parameters: [MacroParameter], of callee: Callee
  ) -> [String: Located<Literal>]? {
    var values: [String: Located<Literal>] = [:]
    var isWhole = true
    for (index, argument) in arguments.enumerated() {
      guard let parameter = parameter(for: argument, index, parameters, of: callee) else {
        isWhole = false
        continue
      }
      let name = parameter.name.value
      if values[name] != nil {
        report(.unknownParameter, "\(name) is given twice", at: (argument.name ?? parameter.name).span)
        isWhole = false
      } else if let value = value(argument.value, of: parameter, callee) {
        values[name] = value
      } else {
        isWhole = false
      }
    }
    guard isWhole else { return nil }
    let missing = parameters.filter { values[$0.name.value] == nil && $0.defaultValue == nil }.map {
      "$\($0.name.value)"
    }
    if !missing.isEmpty {
      report(
        .missingParameter, "\(callee.text) needs \(Spelling.list(missing, conjunction: "and"))", at: callee.place,
        hint: "it is called as  \(Self.usage(callee, parameters))")
      return nil
    }
    for parameter in parameters where values[parameter.name.value] == nil {
      values[parameter.name.value] = parameter.defaultValue.map { Located($0.value, callee.place) }
    }
    return values
  }

  private mutating func parameter(
    for argument: Argument, _ index: Int, _ parameters: [MacroParameter], of callee: Callee
  ) -> MacroParameter? {
    if let name = argument.name {
      if let parameter = parameters.first(where: { $0.name.value == name.value }) { return parameter }
      let known = parameters.map(\.name.value)
      report(
        .unknownParameter, "\(callee.text) has no parameter \"\(name.value)\"", at: name.span,
        hint: Spelling.suggestion(for: name.value, among: known)
          ?? (known.isEmpty ? "it takes none" : "its parameters are " + Spelling.list(known, conjunction: "and")))
      return nil
    }
    if index < parameters.count { return parameters[index] }
    report(
      .unknownParameter, "\(callee.text) takes \(Self.count(parameters.count))", at: argument.value.span,
      hint: "it is called as  \(Self.usage(callee, parameters))")
    return nil
  }

  /// The argument when it fits the declared type. Without one, the place where it is used says whether it does.
  private mutating func value(
    _ argument: Located<Literal>, of parameter: MacroParameter, _ callee: Callee
  ) -> Located<Literal>? {
    guard let value = resolved(argument, as: nil) else { return nil }
    guard let type = parameter.type.flatMap({ ParameterType.declared[$0.value] }) else { return value }
    if value.value.kind == .parameter { return use(value, as: type) == nil ? nil : value }
    return fits(value, type, of: "$\(parameter.name.value)") ? value : nil
  }

  private static func count(_ number: Int) -> String {
    switch number {
    case 0: "no arguments"
    case 1: "one argument"
    default: "\(number) arguments"
    }
  }

  private static func usage(_ callee: Callee, _ parameters: [MacroParameter]) -> String {
    let written = parameters.map { "\($0.name.value)=" + ($0.defaultValue?.value.description ?? "...") }
    return "\(callee.text)(\(written.joined(separator: ", ")))"
  }
}

// MARK: - Definitions

extension CheckingPass {
  /// A definition as `save` takes it. Its own parameters are all that `$x` can be in its body.
  mutating func macro(_ macro: MacroDefinition) -> CheckedMacro? {
    checkParameters(macro.parameters)
    definition = DefinitionUses(name: macro.name.value, parameters: macro.parameters.map(\.name.value))
    openMacros = [macro.name.value]
    let body = pipeline(macro.body)
    let uses = definition?.types ?? [:]
    (definition, openMacros) = (nil, [])
    let types = macro.parameters.map { type(of: $0, uses[$0.name.value], isChecked: body != nil) }
    checkDepth(macro)
    guard let body, !types.contains(where: { $0 == nil }) else { return nil }
    return CheckedMacro(
      definition: macro, types: types.compactMap { $0 }, entity: body.entity.name, action: body.action?.name)
  }

  mutating func checkParameters(_ parameters: [MacroParameter]) {
    var seen: Set<String> = []
    for parameter in parameters {
      if !seen.insert(parameter.name.value).inserted {
        report(.unknownParameter, "there are two parameters $\(parameter.name.value)", at: parameter.name.span)
      }
      guard let type = parameter.type else { continue }
      guard let known = ParameterType.declared[type.value] else {
        report(
          .unknownParameter, "there is no type \"\(type.value)\"", at: type.span,
          hint: Spelling.suggestion(for: type.value, among: ParameterType.names)
            ?? "the types are " + ParameterType.names.joined(separator: ", "))
        continue
      }
      if let value = parameter.defaultValue { _ = fits(value, known, of: "$\(parameter.name.value)") }
    }
  }

  /// The one type of a parameter: as declared and as used.
  private mutating func type(of parameter: MacroParameter, _ used: ParameterType?, isChecked: Bool) -> ParameterType? {
    guard let used else {
      if isChecked {
        report(
          .unusedParameter, "$\(parameter.name.value) is used nowhere", at: parameter.name.span,
          hint: "leave it out, or compare something with it")
      }
      return nil
    }
    let declared = parameter.type.flatMap { ParameterType.declared[$0.value] }
    guard let type = declared.map({ $0.narrowed(by: used) }) ?? used else {
      report(
        .wrongType, "$\(parameter.name.value) is used as a \(used.description)",
        at: parameter.type?.span ?? parameter.name.span, hint: "leave the type out, or declare what it is used as")
      return nil
    }
    if declared == nil, let value = parameter.defaultValue, !fits(value, type, of: "$\(parameter.name.value)") {
      return nil
    }
    return type
  }

  /// Those that call it get deeper with it.
  private mutating func checkDepth(_ macro: MacroDefinition) {
    let library = checker.macros.adding(macro)
    let deepest = ([macro.name.value] + library.dependents(of: macro.name.value)).first { name in
      library.depth(of: name).map { $0 > MacroLibrary.depthLimit } ?? false
    }
    guard let deepest else { return }
    report(
      .tooDeep, "with this, @\(deepest) would call macros more than \(MacroLibrary.depthLimit) deep",
      at: macro.name.span)
  }

  /// Remembers what a parameter of the definition at hand is used as, and gives a value to go on with.
  mutating func use(_ parameter: Located<Literal>, as type: ParameterType?) -> Located<Literal>? {
    guard let uses = definition else { return nil }
    let name = parameter.value.text.lowercased()
    guard uses.parameters.contains(name) else {
      report(
        .unknownParameter, "@\(uses.name) has no parameter $\(name)", at: parameter.span,
        hint: Spelling.suggestion(for: name, among: uses.parameters, prefix: "$")
          ?? "a macro knows its parameters only: save @\(uses.name)($\(name)) = ...")
      return nil
    }
    guard let type else { return parameter }
    guard let known = uses.types[name] else {
      definition?.types[name] = type
      return Located(type.sample, parameter.span)
    }
    guard let narrowed = known.narrowed(by: type) else {
      report(
        .wrongType, "$\(name) is used as a \(known.description) and as a \(type.description)", at: parameter.span,
        hint: "use two parameters")
      return nil
    }
    definition?.types[name] = narrowed
    return Located(type.sample, parameter.span)
  }
}

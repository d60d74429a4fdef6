/// A macro that can be kept: all that its body names exists, and every parameter has one type.
public struct CheckedMacro: Equatable, Sendable {
  public var definition: MacroDefinition
  /// In the order of the definition's parameters.
  public var types: [ParameterType]
  /// The entity whose rows it chooses.
  public var entity: String
  /// The action it ends in.
  public var action: ActionName?
  /// The macros that it calls by name.
  public var calls: [String] { definition.calls }

  /// How it is called: `@stuck($who: character = Aria, $age: duration)`.
  public var usage: String {
    let parameters = zip(definition.parameters, types).map { parameter, type in
      "$\(parameter.name.value): \(type.description)" + (parameter.defaultValue.map { " = \($0)" } ?? "")
    }
    return "@\(definition.name.value)" + (parameters.isEmpty ? "" : "(\(parameters.joined(separator: ", ")))")
  }
}

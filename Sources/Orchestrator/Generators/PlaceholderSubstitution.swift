/// A template that cannot become an argument vector: which element, where in it, and what would be right.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Index into the template.
  public let element: Int
  /// Distance in characters from the element's start to the brace.
  public let offset: Int
  public let message: String
  /// What to write instead, when something similar exists: `{scene_type}`.
  public let suggestion: String?

  public var description: String {
    suggestion.map { "\(message): did you mean \($0)?" } ?? message
  }
}

extension GeneratorCommand {
  /// Every mistake in the template, in order; empty when it can be used for this kind.
  public func mistakes(for kind: GeneratorKind) -> [TemplateError] {
    guard let program = template.first, !program.isEmpty else {
      return [TemplateError(element: 0, offset: 0, message: "the command is empty", suggestion: nil)]
    }
    var mistakes: [TemplateError] = []
    for (index, element) in template.enumerated() {
      if case .failure(let error) = pieces(of: element, at: index, for: kind) { mistakes.append(error) }
    }
    let mentions = template.contains { $0.contains("{output}") }
    if !mentions && mistakes.isEmpty && !environmentCarriesOutput {
      mistakes.append(
        TemplateError(
          element: 0, offset: 0, message: "the command never mentions {output}, the path to write", suggestion: nil))
    }
    return mistakes
  }

  // A program may read CALLSHEET_OUTPUT instead, but a command line of many words that leaves the path out is a slip.
  private var environmentCarriesOutput: Bool { template.count == 1 }

  /// The argument vector of one attempt.
  ///
  /// - Throws: `TemplateError`, also for a placeholder that has no value.
  public func arguments(_ values: GeneratorValues, for kind: GeneratorKind) throws(TemplateError) -> [String] {
    var arguments: [String] = []
    for (index, element) in template.enumerated() {
      var argument = ""
      for piece in try pieces(of: element, at: index, for: kind).get() {
        switch piece {
        case .literal(let text): argument += text
        case .value(let placeholder, let offset):
          guard let value = values[placeholder] else {
            throw TemplateError(
              element: index, offset: offset, message: "{\(placeholder.rawValue)} has no value here", suggestion: nil)
          }
          argument += value
        }
      }
      arguments.append(argument)
    }
    return arguments
  }
}

private enum Piece {
  case literal(String)
  case value(GeneratorPlaceholder, offset: Int)
}

private func pieces(of element: String, at index: Int, for kind: GeneratorKind) -> Result<[Piece], TemplateError> {
  let characters = Array(element)
  var pieces: [Piece] = []
  var position = 0
  while position < characters.count {
    let character = characters[position]
    let doubled = position + 1 < characters.count && characters[position + 1] == character
    if character == "{" && !doubled {
      guard let close = characters[position...].firstIndex(of: "}") else {
        return .failure(stray("{", index, position))
      }
      let name = String(characters[(position + 1)..<close])
      switch placeholder(named: name, for: kind, element: index, offset: position) {
      case .success(let found): pieces.append(.value(found, offset: position))
      case .failure(let error): return .failure(error)
      }
      position = close + 1
    } else if character == "}" && !doubled {
      return .failure(stray("}", index, position))
    } else {
      pieces.append(.literal(String(character)))
      position += character == "{" || character == "}" ? 2 : 1
    }
  }
  return .success(pieces)
}

private func stray(_ brace: Character, _ element: Int, _ offset: Int) -> TemplateError {
  TemplateError(
    element: element, offset: offset, message: "a single \(brace); a literal one is written \(brace)\(brace)",
    suggestion: nil)
}

private func placeholder(
  named name: String, for kind: GeneratorKind, element: Int, offset: Int
) -> Result<GeneratorPlaceholder, TemplateError> {
  if let known = GeneratorPlaceholder(rawValue: name) {
    if known.isKnown(to: kind) { return .success(known) }
    return .failure(
      TemplateError(
        element: element, offset: offset, message: "a \(kind.rawValue) generator has no {\(name)}", suggestion: nil))
  }
  let names = GeneratorPlaceholder.allCases.filter { $0.isKnown(to: kind) }.map(\.rawValue)
  let nearest = names.map { (name: $0, distance: editDistance($0, name.lowercased())) }.min {
    $0.distance < $1.distance
  }
  let isNear = nearest.map { $0.distance <= max(1, $0.name.count / 3) } ?? false
  return .failure(
    TemplateError(
      element: element, offset: offset, message: "no placeholder {\(name)}",
      suggestion: isNear ? nearest.map { "{\($0.name)}" } : nil))
}

/// Levenshtein's distance, for names of a few characters.
private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right.prefix(64))
  var row = Array(0...right.count)
  for (i, a) in left.prefix(64).enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let substitution = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[right.count]
}

/// What a macro's parameter takes.
public enum ParameterType: Equatable, Sendable {
  /// A row by id or name.
  case reference(ReferenceKind)
  /// A word of a closed set; nil: `status` as it is declared, before its use says whose.
  case word(Vocabulary?)
  case text
  case integer
  case number
  case boolean
  /// In seconds.
  case duration
  case time
  /// Behind `since`: how long ago, or when.
  case durationOrTime
  /// `new` or the number of a take.
  case take

  /// The types that can be declared, by the word for them.
  static let declared: [String: ParameterType] = [
    "character": .reference(.character), "scene_type": .reference(.sceneType), "variant": .reference(.variantType),
    "run": .reference(.run), "worker": .reference(.worker), "status": .word(nil), "text": .text, "integer": .integer,
    "number": .number, "boolean": .boolean, "duration": .duration, "time": .time,
  ]

  /// The words that can stand behind `$name:`, in order.
  public static let names = declared.keys.sorted()

  /// For a person: `character`, `cell status`, `duration or time`.
  public var description: String {
    switch self {
    case .reference(let kind): kind.rawValue
    case .word(let vocabulary): vocabulary?.name ?? "status"
    case .text: "text"
    case .integer: "whole number"
    case .number: "number"
    case .boolean: "true or false"
    case .duration: "duration"
    case .time: "time"
    case .durationOrTime: "duration or time"
    case .take: "take"
    }
  }

  init(_ type: FieldType) {
    self =
      switch type {
      case .bool: .boolean
      case .int: .integer
      case .double: .number
      case .text, .list(.none): .text
      case .word(let vocabulary), .list(.some(let vocabulary)): .word(vocabulary)
      case .time: .time
      case .duration: .duration
      case .reference(let kind): .reference(kind)
      }
  }

  /// What is both this and the other; nil when nothing is.
  func narrowed(by other: ParameterType) -> ParameterType? {
    if self == other { return self }
    return Self.narrower(self, other) ?? Self.narrower(other, self)
  }

  private static func narrower(_ left: ParameterType, _ right: ParameterType) -> ParameterType? {
    switch (left, right) {
    case (.text, _), (.word(nil), .word): right
    case (.number, .integer), (.duration, .integer), (.duration, .number), (.take, .integer): right
    case (.durationOrTime, .duration), (.durationOrTime, .time): right
    case (.reference, .integer): right
    case (.word(let left?), .word(let right?)): left.common(with: right).map(ParameterType.word)
    case (.reference, _), (.word, _), (.integer, _), (.number, _), (.boolean, _), (.duration, _), (.time, _),
      (.durationOrTime, _), (.take, _):
      nil
    }
  }

  /// A value that fits, for checking a body without a call.
  var sample: Literal {
    switch self {
    case .reference, .integer, .take: Literal(.integer(1), "1")
    case .word(let vocabulary): Literal(.word, vocabulary?.words.first ?? "failed")
    case .text: Literal(.text, "")
    case .number: Literal(.decimal(1), "1.0")
    case .boolean: Literal(.bool(true), "true")
    case .duration, .durationOrTime: Literal(.duration(3600), "1h")
    case .time: Literal(.word, "now")
    }
  }
}

extension Vocabulary {
  fileprivate func common(with other: Vocabulary) -> Vocabulary? {
    let common = words.filter(other.words.contains)
    if common.isEmpty { return nil }
    return Vocabulary(name: name, words: common, databaseType: databaseType, isStatus: isStatus)
  }
}

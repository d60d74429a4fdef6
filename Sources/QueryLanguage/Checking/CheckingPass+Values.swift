import Diagnostics

extension CheckingPass {
  /// The value as one of the field's type. Times are `moment`'s, and null is the condition's concern.
  mutating func scalar(_ literal: Located<Literal>, for field: Field) -> Scalar? {
    if case .reference(let kind) = field.type { return scalar(literal, kind) }
    guard let literal = resolved(literal, as: ParameterType(field.type)) else { return nil }
    switch (field.type, literal.value.kind) {
    case (.bool, .bool(let value)): return .bool(value)
    case (.int, .integer(let value)): return .int(value)
    case (.double, .integer(let value)): return .double(Double(value))
    case (.double, .decimal(let value)), (.double, .percent(let value)): return .double(value)
    case (.duration, .integer(let value)): return .double(Double(value))
    case (.duration, .decimal(let value)), (.duration, .duration(let value)): return .double(value)
    case (.word(let vocabulary), _), (.list(.some(let vocabulary)), _): return word(literal, of: vocabulary, for: field)
    case (.text, _), (.list(.none), _): return .text(literal.value.text)
    case (.int, .decimal) where literal.value.text.utf8.allSatisfy { Grammar.isDigit($0) || $0 == UInt8(ascii: "-") }:
      report(
        .wrongType, "\(literal.value.text) is more than any \(field.name) can be", at: literal.span,
        hint: "whole numbers go up to \(Int64.max)")
      return nil
    case (.bool, _), (.int, _), (.double, _), (.duration, _), (.time, _), (.reference, _):
      report(
        .wrongType, "\(field.name) is compared with \(field.type.operand), not \"\(literal.value.text)\"",
        at: literal.span, hint: field.type.example.map { "for example  \(field.name) = \($0)" })
      return nil
    }
  }

  private mutating func scalar(_ literal: Located<Literal>, _ kind: ReferenceKind) -> Scalar? {
    switch reference(literal, kind) {
    case .id(let id, _): .int(id)
    case .name(let name): .text(name)
    case nil: nil
    }
  }

  private mutating func word(_ literal: Located<Literal>, of vocabulary: Vocabulary, for field: Field) -> Scalar? {
    let written = literal.value.text.lowercased()
    let normal = written.replacing("-", with: "_").replacing(" ", with: "_")
    if vocabulary.words.contains(normal) { return .text(normal) }
    let isPattern = written.contains("*") || written.contains("?")
    report(
      .unknownValue, "\"\(literal.value.text)\" is no \(vocabulary.name)", at: literal.span,
      hint: isPattern
        ? "patterns are compared with  \(field.name) like \"\(written)\""
        : Spelling.suggestion(for: normal, among: vocabulary.words)
          ?? "\(field.name) is one of " + vocabulary.words.joined(separator: ", "))
    return nil
  }

  /// - Parameter orDuration: how long ago would do as well.
  mutating func moment(_ literal: Located<Literal>, orDuration: Bool = false) -> Moment? {
    guard let literal = resolved(literal, as: .time) else { return nil }
    let reader = MomentReader(now: checker.now, timeZone: checker.timeZone)
    if let moment = reader.moment(literal.value) { return moment }
    let isDuration = if case .duration = literal.value.kind { true } else { false }
    let isDate = if case .date = literal.value.kind { true } else { false }
    let hint =
      isDuration
      ? "how long ago is asked with  since \(literal.value.text)  or  older than \(literal.value.text)"
      : Spelling.suggestion(for: literal.value.text, among: MomentReader.words)
        ?? "write \(orDuration ? "2h, 7d, " : "")2026-11-22, 2026-11-22T18:30, today or yesterday"
    report(
      .wrongType, "\"\(literal.value.text)\" is \(isDate ? "a day or time that does not exist" : "no time")",
      at: literal.span, hint: hint)
    return nil
  }

  /// A count: 0 or more.
  mutating func count(_ literal: Located<Literal>) -> Int? {
    guard let literal = resolved(literal, as: .integer) else { return nil }
    if case .integer(let value) = literal.value.kind, (0...Int64(Int32.max)).contains(value) { return Int(value) }
    report(
      .wrongType, "\"\(literal.value.text)\" is no number of rows", at: literal.span,
      hint: "write a whole number from 0 to \(Int32.max)")
    return nil
  }
}

extension CheckingPass {
  /// Whether a value is one of a type; else it is reported. Null fits everywhere: a comparison with it asks for no value.
  mutating func fits(_ literal: Located<Literal>, _ type: ParameterType, of name: String) -> Bool {
    if literal.value.kind == .null { return true }
    switch (type, literal.value.kind) {
    case (.text, _), (.word(nil), .word), (.word(nil), .text), (.integer, .integer), (.number, .integer),
      (.number, .decimal), (.number, .percent), (.boolean, .bool), (.duration, .integer), (.duration, .decimal),
      (.duration, .duration), (.durationOrTime, .duration), (.take, .integer):
      return true
    case (.take, .word) where literal.value.text.lowercased() == "new": return true
    case (.reference(let kind), _): return reference(literal, kind) != nil
    case (.word(let vocabulary?), _): return word(literal, of: vocabulary, for: Field(name, .text, "")) != nil
    case (.time, _), (.durationOrTime, _): return moment(literal) != nil
    case (.word(nil), _), (.integer, _), (.number, _), (.boolean, _), (.duration, _), (.take, _):
      report(
        .wrongType, "\(name) takes a \(type.description), not \"\(literal.value.text)\"", at: literal.span)
      return false
    }
  }
}

extension FieldType {
  /// What stands on the other side of an operator.
  var operand: String {
    switch self {
    case .bool: "true or false"
    case .int: "a whole number"
    case .double: "a number"
    case .duration: "a duration"
    case .time: "a time"
    case .text, .list(.none): "a text"
    case .word(let vocabulary), .list(.some(let vocabulary)): "a \(vocabulary.name)"
    case .reference(let kind): "a \(kind.rawValue)"
    }
  }

  var example: String? {
    switch self {
    case .bool: "true"
    case .int: "3"
    case .double: "0.5"
    case .duration: "30m"
    case .time: "today"
    case .text, .word, .list, .reference: nil
    }
  }

  /// `<`, ranges.
  var hasOrder: Bool {
    switch self {
    case .int, .double, .duration, .time, .text: true
    case .bool, .word, .list, .reference: false
    }
  }

  /// `like`, `~`.
  var hasLetters: Bool {
    switch self {
    case .text, .word, .list, .reference: true
    case .bool, .int, .double, .duration, .time: false
    }
  }
}

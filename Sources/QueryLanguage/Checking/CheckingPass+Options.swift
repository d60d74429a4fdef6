import Diagnostics

extension CheckingPass {
  mutating func options(of call: ActionCall, _ specification: ActionSpecification) -> ActionOptions {
    var options = ActionOptions()
    var written = call.options
    if let key = specification.argument {
      if let argument = call.argument {
        written.insert(Argument(name: Name(key, argument.span), value: argument), at: 0)
      } else if !written.contains(where: { $0.name?.value == key }) {
        report(
          .wrongType, "\(call.name.value) needs a \(key)", at: call.name.span,
          hint: "write  \(call.name.value) \(key == "tag" ? "hero" : "5")")
      }
    } else if let argument = call.argument {
      report(
        .unknownOption, "\(call.name.value) takes no value by itself", at: argument.span,
        hint: optionsHint(call.name.value, specification))
    }
    var seen: Set<String> = []
    for option in written {
      guard let name = option.name else { continue }
      guard let kind = specification.options[name.value] else {
        report(
          .unknownOption, "\(call.name.value) has no option \"\(name.value)\"", at: name.span,
          hint: Spelling.suggestion(for: name.value, among: specification.options.keys.sorted())
            ?? optionsHint(call.name.value, specification))
        continue
      }
      guard seen.insert(name.value).inserted else {
        report(.unknownOption, "\(name.value) is given twice", at: name.span)
        continue
      }
      set(name.value, kind, option.value, &options)
    }
    return options
  }

  private func optionsHint(_ action: String, _ specification: ActionSpecification) -> String {
    let known = specification.options.keys.sorted()
    return known.isEmpty ? "it takes none" : "its options are " + known.map { "\($0)=" }.joined(separator: " ")
  }

  private mutating func set(
    _ name: String, _ kind: ActionSpecification.OptionKind, _ literal: Located<Literal>, _ options: inout ActionOptions
  ) {
    guard let value = resolved(literal, as: kind.parameterType) else { return }
    switch (kind, value.value.kind) {
    case (.text, .null), (.wholeNumber, .null), (.bool, .null), (.newTake, .null), (.takeNumber, .null):
      report(.wrongType, "\(name) needs a value", at: value.span)
    case (.text, _):
      setText(name, value.value.text, &options)
    case (.wholeNumber, .integer(let number)) where (0...1000).contains(number):
      options.priority = Int(number)
    case (.bool, .bool(let flag)):
      options.fit = flag
    case (.takeNumber, .integer(let number)) where number > 0 && Int32(exactly: number) != nil:
      options.take = .number(Int(number))
    case (.newTake, .word) where value.value.text.lowercased() == "new":
      options.take = .new
    case (.wholeNumber, _):
      report(.wrongType, "\(name) is a whole number from 0 to 1000", at: value.span)
    case (.bool, _):
      report(.wrongType, "\(name) is true or false", at: value.span)
    case (.newTake, _):
      report(
        .wrongType, "\(name) is \"new\" here", at: value.span,
        hint: "approve take=N  makes an earlier take the current one")
    case (.takeNumber, _):
      report(
        .wrongType, "\(name) is the number of a take here", at: value.span, hint: "submit take=new  makes the next one")
    }
  }

  private func setText(_ name: String, _ text: String, _ options: inout ActionOptions) {
    switch name {
    case "reason": options.reason = text
    case "note": options.note = text
    default: options.tag = text
    }
  }
}

extension ActionSpecification.OptionKind {
  fileprivate var parameterType: ParameterType {
    switch self {
    case .text: .text
    case .wholeNumber: .integer
    case .bool: .boolean
    case .newTake, .takeNumber: .take
    }
  }
}

import Diagnostics

/// Statements about what is kept, set and explained.
extension CheckingPass {
  mutating func dropMacro(_ name: Name) -> CheckedStatement? {
    if checker.macros[name.value] != nil { return .dropMacro(name.value) }
    report(
      .unknownMacro, "there is no macro @\(name.value)", at: name.span,
      hint: Spelling.suggestion(for: name.value, among: checker.macros.names, prefix: "@"))
    return nil
  }

  mutating func saveScript(_ script: ScriptDefinition) -> CheckedStatement? {
    checkParameters(script.parameters)
    switch script.source {
    case .file(let path):
      guard let path = nonEmpty(path, "a file") else { return nil }
      return .saveScript(name: script.name.value, parameters: script.parameters, from: .file(path))
    case .last(let number):
      guard let number = resolved(number, as: .integer) else { return nil }
      guard case .integer(let count) = number.value.kind, (1...10_000).contains(count) else {
        report(
          .wrongType, "\"\(number.value.text)\" is no number of statements", at: number.span,
          hint: "write a whole number from 1 to 10000")
        return nil
      }
      return .saveScript(name: script.name.value, parameters: script.parameters, from: .last(Int(count)))
    case .version(let number):
      return version(number).map {
        .saveScript(name: script.name.value, parameters: script.parameters, from: .version($0))
      }
    }
  }

  mutating func version(_ literal: Located<Literal>) -> Int? {
    guard let literal = resolved(literal, as: .integer) else { return nil }
    if case .integer(let number) = literal.value.kind, (1...Int64(Int32.max)).contains(number) { return Int(number) }
    report(
      .wrongType, "\"\(literal.value.text)\" is no number of a version", at: literal.span,
      hint: "versions are counted from 1 on; help says which there are")
    return nil
  }

  mutating func runScript(_ name: Name, _ arguments: [Argument]) -> CheckedStatement? {
    let values = arguments.compactMap { argument in
      resolved(argument.value, as: nil).map { Argument(name: argument.name, value: $0) }
    }
    return values.count == arguments.count ? .runScript(name: name.value, arguments: values) : nil
  }

  mutating func show(_ topic: Name?) -> CheckedStatement? {
    guard let topic else { return .show(nil) }
    if let known = ShowTopic(rawValue: topic.value) { return .show(known) }
    let topics = ShowTopic.allCases.map(\.rawValue)
    let isEntity = checker.catalogue.entity(topic.value) != nil
    report(
      .unknownTopic, "show knows nothing of \"\(topic.value)\"", at: topic.span,
      hint: isEntity
        ? "\(topic.value) are shown by their name alone:  \(topic.value)"
        : Spelling.suggestion(for: topic.value, among: topics) ?? "it shows " + topics.joined(separator: ", "))
    return nil
  }

  mutating func set(_ key: Name?, _ value: Located<Literal>?) -> CheckedStatement? {
    guard let key else { return .set(nil, value: nil) }
    guard let setting = SettingName(rawValue: key.value) else {
      let known = SettingName.allCases.map(\.rawValue)
      report(
        .unknownSetting, "there is no setting \"\(key.value)\"", at: key.span,
        hint: Spelling.suggestion(for: key.value, among: known) ?? "the settings are " + known.joined(separator: ", "))
      return nil
    }
    guard let value else { return .set(setting, value: nil) }
    return resolved(value, as: .text).flatMap { self.value($0, of: setting) }.map { .set(setting, value: $0) }
  }

  private mutating func value(_ literal: Located<Literal>, of setting: SettingName) -> String? {
    let text = literal.value.text
    let hint: String
    switch setting.value {
    case .text:
      if !text.isEmpty, literal.value.kind != .null { return text }
      hint = "write a name"
    case .number(let words):
      if words.contains(text.lowercased()) { return text.lowercased() }
      if case .integer(let number) = literal.value.kind, (1...Int64(Int32.max)).contains(number) {
        return String(number)
      }
      hint = "write a whole number from 1 on, or " + Spelling.list(words, conjunction: "or")
    case .oneOf(let words):
      if words.contains(text.lowercased()) { return text.lowercased() }
      hint = Spelling.suggestion(for: text, among: words) ?? "it is one of " + words.joined(separator: ", ")
    }
    report(.badSetting, "\(setting.rawValue) cannot be \"\(text)\"", at: literal.span, hint: hint)
    return nil
  }

  mutating func help(_ words: [Name]) -> CheckedStatement? {
    guard let first = words.first else { return .help([]) }
    if first.value.hasPrefix("@") { return helpOnMacro(first) }
    if first.value == "script", words.count == 2 { return .help(["script", words[1].value]) }
    let known = Help.words(in: checker.catalogue)
    guard known.contains(first.value) else {
      report(
        .unknownTopic, "there is no help on \"\(first.value)\"", at: first.span,
        hint: Spelling.suggestion(for: first.value, among: known) ?? "\"help\" lists what there is")
      return nil
    }
    if first.value == "errors", words.count > 1 { return helpOnError(words[1]) }
    return .help(words.map(\.value))
  }

  private mutating func helpOnError(_ code: Name) -> CheckedStatement? {
    if ErrorTopic.named(code.value) != nil { return .help(["errors", code.value]) }
    report(
      .unknownTopic, "there is no error \"\(code.value)\"", at: code.span,
      hint: Spelling.suggestion(for: code.value, among: ErrorTopic.all.map(\.code)) ?? "\"help errors\" lists them")
    return nil
  }

  private mutating func helpOnMacro(_ name: Name) -> CheckedStatement? {
    let macro = String(name.value.dropFirst())
    if checker.macros[macro] != nil { return .help([name.value]) }
    report(
      .unknownMacro, "there is no macro \(name.value)", at: name.span,
      hint: Spelling.suggestion(for: macro, among: checker.macros.names, prefix: "@")
        ?? "\"show macros\" lists them")
    return nil
  }
}

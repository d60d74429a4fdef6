import Diagnostics
import Foundation
import Model
import Orchestrator
import Yams

/// `generators:` — a mapping from name to what makes pictures or segments.
extension ProductionReader {
  mutating func generators(_ root: Fields) -> [ProductionFile.Generator] {
    guard let mapping = reader.mapping("generators", of: root) else { return [] }
    return reader.entries(of: mapping, in: "\"generators\"").compactMap { key, node, span in
      let name = checkedName(Located(value: key, span: span), what: "the name of a generator")
      generatorKinds[key] = .some(nil)
      let generator = generator(named: key, node)
      return name == nil ? nil : generator
    }
  }

  private mutating func generator(named name: String, _ node: Node) -> ProductionFile.Generator? {
    let known = ["kind", "command", "time_limit", "attempts", "environment"]
    let owner = "generator \"\(name)\""
    guard let fields = reader.fields(node, of: owner, known: known, required: ["kind", "command", "time_limit"])
    else { return nil }
    let kinds = GeneratorKind.allCases.map(\.rawValue)
    let kind = word("kind", of: fields, among: kinds).flatMap(GeneratorKind.init(rawValue:))
    generatorKinds[name] = kind
    let timeLimit = reader.duration("time_limit", of: fields, in: 0.1...604_800, words: "100ms to 7d")
    let attempts = fields.has("attempts") ? reader.integer("attempts", of: fields, in: 1...100) : 2
    let environment = environment(of: fields)
    let command = command(of: fields, kind: kind)
    guard let kind, let timeLimit, let attempts, let command else { return nil }
    return ProductionFile.Generator(
      name: name, kind: kind == .variant ? .variant : .segment, command: command, environment: environment,
      timeLimitSeconds: timeLimit, maxAttempts: attempts)
  }

  /// One word of a few.
  mutating func word(_ key: String, of fields: Fields, among words: [String]) -> String? {
    guard let text = reader.text(key, of: fields) else { return nil }
    if words.contains(text.value) { return text.value }
    reader.report.add(
      "unknown_word",
      "\"\(key)\" of \(fields.owner) is \(Spelling.list(words, conjunction: "or")), not \"\(text.value)\"",
      at: text.span, expected: words, hint: Spelling.suggestion(for: text.value, among: words))
    return nil
  }

  private mutating func environment(of fields: Fields) -> [String: String] {
    guard let mapping = reader.mapping("environment", of: fields) else { return [:] }
    var variables: [String: String] = [:]
    for (key, node, span) in reader.entries(of: mapping, in: "\"environment\" of \(fields.owner)") {
      if key.isEmpty || key.contains("=") || key.unicodeScalars.contains(where: { $0.value < 0x21 }) {
        reader.report.add("bad_name", "\"\(key)\" cannot be the name of an environment variable", at: span)
      } else if key.hasPrefix("CALLSHEET_") {
        reader.report.add("bad_name", "\(key) is set by Callsheet itself", at: span, hint: "choose another name")
      }
      if let text = reader.text(node, as: "the variable \(key)") { variables[key] = text.value }
    }
    return variables
  }

  private mutating func command(of fields: Fields, kind: GeneratorKind?) -> [String]? {
    guard let nodes = reader.list("command", of: fields) else { return nil }
    let words = nodes.enumerated().compactMap { index, node in
      reader.text(node, as: "word \(index + 1) of the command of \(fields.owner)")
    }
    guard words.count == nodes.count else { return nil }
    guard let program = words.first, !program.value.isEmpty else {
      let place = words.first?.span ?? span("command", of: fields)
      reader.report.add("empty_command", "the command of \(fields.owner) is empty", at: place)
      return nil
    }
    checkProgram(program, of: fields)
    if let kind { checkPlaceholders(words, kind, of: fields) }
    return words.map(\.value)
  }

  private mutating func checkProgram(_ program: Located<String>, of fields: Fields) {
    if program.value.contains("{") {
      reader.report.add(
        "bad_placeholder", "the program of a command is fixed; placeholders follow it", at: program.span)
    } else if program.value.contains("/") {
      let path = FileProbe.absolute(program.value, from: folder)
      guard let problem = FileProbe.problemStarting(path) else { return }
      let message = "the command of \(fields.owner): \(path) \(problem.message)"
      reader.report.add(problem.code, message, at: program.span, hint: problem.hints.first)
    } else {
      let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? ""
      if FileProbe.program(named: program.value, searchPath: searchPath) != nil { return }
      reader.report.add(
        "missing_program", "the command of \(fields.owner): no program \"\(program.value)\" is on PATH",
        at: program.span, hint: "a program in the production file's folder is written ./\(program.value)")
    }
  }

  private mutating func checkPlaceholders(_ words: [Located<String>], _ kind: GeneratorKind, of fields: Fields) {
    let command = GeneratorCommand(template: words.map(\.value), timeLimit: .seconds(1))
    for mistake in command.mistakes(for: kind) {
      let word = words[min(mistake.element, words.count - 1)]
      reader.report.add(
        "bad_placeholder", "the command of \(fields.owner): \(mistake.message)", at: place(of: mistake, in: word),
        hint: mistake.suggestion.map { "did you mean \($0)?" })
    }
  }

  /// The placeholder inside the word, when the word stands in the file as it is.
  private func place(of mistake: TemplateError, in word: Located<String>) -> Span {
    let source = reader.document.source
    let before = String(word.value.prefix(mistake.offset)).utf8.count
    let from = word.value.dropFirst(mistake.offset)
    let marked = from.firstIndex(of: "}").map { from[...$0] } ?? from.prefix(1)
    for quote in 0...1 {
      let span = Span(word.span.lower + quote + before, word.span.lower + quote + before + marked.utf8.count)
      if from.hasPrefix("{"), source[span] == String(marked) { return span }
    }
    return word.span
  }
}

import Diagnostics

/// Budgets, limits of kinds of jobs, and how long things are kept.
extension CheckingPass {
  mutating func budget(_ run: Located<Literal>?, _ options: [Argument], at span: Span) -> CheckedStatement? {
    let budget = budget(options, of: "budget")
    if options.isEmpty {
      report(
        .missingParameter, "budget needs an amount", at: span,
        hint: "write  gpu_hours=5  or  disk_gb=10;  budgets  shows what there is")
      return nil
    }
    // A run of that name is meant in quotes.
    if let run, run.value.kind == .word, run.value.text.lowercased() == "project" { return .projectBudget(budget) }
    return .budget(run: run.flatMap { reference($0, .run) }, budget)
  }

  /// - Parameter statement: as messages call it.
  mutating func budget(_ options: [Argument], of statement: String) -> CheckedBudget {
    var budget = CheckedBudget()
    for option in options {
      guard let name = option.name else { continue }
      let place: WritableKeyPath<CheckedBudget, CheckedBudget.Limit?>
      switch name.value {
      case "gpu_hours": place = \.gpuHours
      case "disk_gb": place = \.diskGB
      default:
        report(
          .unknownOption, "\(statement) has no option \"\(name.value)\"", at: name.span,
          hint: Spelling.suggestion(for: name.value, among: ["gpu_hours", "disk_gb"])
            ?? "its options are gpu_hours= and disk_gb=")
        continue
      }
      if budget[keyPath: place] != nil {
        report(.unknownOption, "\(name.value) is given twice", at: name.span)
      } else if let amount = amount(option.value, of: name.value) {
        budget[keyPath: place] = amount
      }
    }
    return budget
  }

  private mutating func amount(_ literal: Located<Literal>, of name: String) -> CheckedBudget.Limit? {
    guard let value = resolved(literal, as: .number) else { return nil }
    switch value.value.kind {
    case .integer(let number) where number >= 0: return .amount(Double(number))
    case .decimal(let number) where number >= 0 && number.isFinite: return .amount(number)
    case .word where value.value.text.lowercased() == "none": return CheckedBudget.Limit.none
    default:
      report(
        .wrongType, "\(name) is a number from 0 on", at: value.span, hint: "or \(name)=none for no limit")
      return nil
    }
  }

  mutating func limit(_ kind: Name, _ value: Located<Literal>) -> CheckedStatement? {
    let kinds = checker.catalogue.jobKinds
    guard kinds.contains(kind.value) else {
      report(
        .unknownValue, "there is no kind of job \"\(kind.value)\"", at: kind.span,
        hint: Spelling.suggestion(for: kind.value, among: kinds) ?? "the kinds are " + kinds.joined(separator: ", "))
      return nil
    }
    guard let value = resolved(value, as: .integer) else { return nil }
    switch value.value.kind {
    case .integer(let most) where (0...10_000).contains(most): return .limit(kind: kind.value, most: Int(most))
    case .word where value.value.text.lowercased() == "none": return .limit(kind: kind.value, most: nil)
    default:
      report(
        .wrongType, "a limit is a whole number from 0 to 10000", at: value.span,
        hint: "limit \(kind.value) none  lets any number run")
      return nil
    }
  }

  private static let longestKept = 10_000 * 86_400.0

  mutating func keep(_ subject: Name, _ value: Located<Literal>) -> CheckedStatement? {
    let known = KeptSubject.allCases.map(\.rawValue)
    guard let subject = KeptSubject(rawValue: subject.value) else {
      report(
        .unknownValue, "nothing is kept under the name \"\(subject.value)\"", at: subject.span,
        hint: Spelling.suggestion(for: subject.value, among: known) ?? "it is one of " + known.joined(separator: ", "))
      return nil
    }
    guard let value = resolved(value, as: .duration) else { return nil }
    // An hour at least: what is under way must not be forgotten beside those who look at it.
    if case .duration(let seconds) = value.value.kind, (3600...Self.longestKept).contains(seconds) {
      return .keep(subject, seconds: seconds)
    }
    report(
      .wrongType, "what is over is kept for an hour at least and 10000d at most", at: value.span,
      hint: "write  keep \(subject.rawValue) 30d")
    return nil
  }
}

extension Catalogue {
  /// What `limit` can be about.
  var jobKinds: [String] {
    guard case .word(let vocabulary)? = entity("jobs")?.field("kind")?.type else { return [] }
    return vocabulary.words
  }
}

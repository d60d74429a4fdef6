import Foundation
import Model
import PostgresClient
import QueryLanguage
import Store

/// What work may take: budgets, limits of kinds of jobs, and for how long what is over stays.
extension ProducerSession {
  func budget(_ reference: Reference?, _ budget: CheckedBudget, _ statement: Statement) async throws -> Outcome {
    try await change(reference, statement, verb: "budget") { connection, run in
      let budgets = RunBudgets(connection)
      let changed = try await budgets.set(BudgetChange(budget), of: run.id)
      let advanced = try await Advance(connection).run(run.id)
      let may = Self.amounts(try await budgets.limits(of: run.id)) ?? "what the project may"
      return ("\(run.name) may spend \(may)\(Self.queued(advanced))", changed)
    }
  }

  /// nil: no limit at all.
  private static func amounts(_ limits: [(resource: String, limit: Double, available: Double)]) -> String? {
    if limits.isEmpty { return nil }
    return limits.map { limit in
      let unit = limit.resource == "gpu_hours" ? "GPU h" : "GB"
      let rest = limit.available >= 0 ? "\(amount(limit.available)) left" : "more than that is spent or set aside"
      return "\(amount(limit.limit)) \(unit) (\(rest))"
    }.joined(separator: " and ")
  }

  private static func queued(_ advanced: Advance.Outcome) -> String {
    advanced.jobsQueued > 0 ? "; \(waited(advanced.jobsQueued))" : ""
  }

  /// An action of the project's, whichever run is in use.
  func budget(ofProject budget: CheckedBudget, _ statement: Statement) async throws -> Outcome {
    let place = try projectInUse(statement)
    let project = ProjectID(place.id)
    let work = { @Sendable [connection, settings] () async throws -> String in
      try await connection.transaction {
        try await ProjectLock(connection).take([project])
        let journal = try await Journal.open(connection)
        let budgets = ProjectBudgets(connection)
        let changed = try await budgets.set(BudgetChange(budget), of: project, in: journal)
        let advanced = try await Advance(connection).project(project)
        let actions = Actions(connection)
        try await actions.record(
          journal.action, verb: "budget", entity: "settings", statement: statement.text, project: project, run: nil,
          by: try await actions.user(named: settings.user), selected: 1, changed: changed ? [project.rawValue] : [],
          leftAlone: [])
        let may = Self.amounts(try await budgets.limits(of: project)) ?? "without a limit"
        return "the project \(place.name) may spend \(may), until its file is applied again\(Self.queued(advanced))"
      }
    }
    try await confirmRecalled("budget of the project \(place.name)")
    return .message(settings.isDryRun ? try await dryRun(work) : try await work())
  }

  // MARK: Settings of the database

  func limit(_ kind: String, _ most: Int?, _ statement: Statement) async throws -> Outcome {
    guard let kind = JobKind(rawValue: kind) else { return .nothing }
    let value = most.map(String.init)
    return try await change(.limit(kind), to: value, verb: "limit", statement) { was in
      let now =
        most.map { "at most \($0) \(kind.rawValue) \($0 == 1 ? "job runs" : "jobs run") at a time" }
        ?? "any number of \(kind.rawValue) jobs may run at a time"
      return "\(now) (before: \(was ?? "no limit"))"
    }
  }

  func keep(_ subject: KeptSubject, _ seconds: Double, _ statement: Statement) async throws -> Outcome {
    let value = String(Int64(seconds))
    return try await change(.keep(subject.rawValue), to: value, verb: "keep", statement) { was in
      "\(subject.rawValue == "undo" ? subject.summary : subject.rawValue) are kept for \(Self.span(seconds)) (before: \(Self.span(was.flatMap(Double.init) ?? 0)))"
    }
  }

  /// An action like any other, on behalf of the project in use.
  private func change(
    _ setting: SharedSettings.Setting, to value: String?, verb: String, _ statement: Statement,
    _ message: @escaping @Sendable (_ was: String?) -> String
  ) async throws -> Outcome {
    let project = ProjectID(try projectInUse(statement).id)
    let work = { @Sendable [connection, settings] () async throws -> Outcome in
      try await connection.transaction {
        try await ProjectLock(connection).take([project])
        let journal = try await Journal.open(connection)
        let (id, was, changed) = try await SharedSettings(connection).change(setting, to: value, in: journal)
        let actions = Actions(connection)
        try await actions.record(
          journal.action, verb: verb, entity: "settings", statement: statement.text, project: project, run: nil,
          by: try await actions.user(named: settings.user), selected: 1, changed: changed ? [id] : [], leftAlone: [])
        return .done(message(was), Self.report(verb, "settings", journal.action, changed: changed, settings))
      }
    }
    return settings.isDryRun ? try await dryRun(work) : try await work()
  }

  func showLimits() async throws -> Outcome {
    let rows: [[Value]] = try await SharedSettings(connection).limits().map { limit in
      [
        .text(limit.kind), limit.most.map { .int(Int64($0)) } ?? .null, .int(Int64(limit.running)),
        .int(Int64(limit.waiting)),
      ]
    }
    let columns: [ResultColumn] = [
      .init("kind", .text), .init("limit", .int), .init("running", .int), .init("waiting", .int),
    ]
    return .table(ResultTable(columns: columns, rows: rows), noun: "kinds of jobs")
  }

  func showRetention() async throws -> Outcome {
    let rows: [[Value]] = try await SharedSettings(connection).retention().map { kept in
      let summary = KeptSubject(rawValue: kept.subject)?.summary ?? ""
      return [.text(kept.subject), .text(Self.span(kept.seconds)), .text(summary)]
    }
    let columns: [ResultColumn] = [.init("keep", .text), .init("for", .text), .init("what", .text)]
    return .table(ResultTable(columns: columns, rows: rows), noun: "retentions")
  }

  /// `30d`, `1d 12h`, as the language spells durations.
  private static func span(_ seconds: Double) -> String {
    var rest = Int64(seconds)
    var words: [String] = []
    for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60), ("s", 1)] where rest >= length {
      words.append("\(rest / length)\(unit)")
      rest %= length
    }
    return words.joined(separator: " ")
  }

  private static func waited(_ jobs: Int) -> String {
    jobs == 1 ? "one job that waited for it is queued" : "\(jobs) jobs that waited for it are queued"
  }

  private static func amount(_ value: Double) -> String {
    value.formatted(
      .number.precision(.significantDigits(1...4)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }
}

extension BudgetChange {
  init(_ budget: CheckedBudget) { self.init(gpuHours: Limit(budget.gpuHours), diskGB: Limit(budget.diskGB)) }
}

extension BudgetChange.Limit {
  fileprivate init?(_ limit: CheckedBudget.Limit?) {
    switch limit {
    case nil: return nil
    case .some(.none): self = .none
    case .some(.amount(let amount)): self = .amount(amount)
    }
  }
}

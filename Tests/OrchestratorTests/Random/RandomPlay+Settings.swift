import Model
import PostgresClient
import SQLText
import Store
import TestFixtures
import Testing

@testable import Orchestrator

/// What holds for all projects, and time that passes.
extension RandomPlay {
  mutating func limit() async throws -> String {
    let kinds: [JobKind] = [.sourceQA, .variant, .segment, .sceneQA]
    let kind = random.any(kinds)
    let most = random.any([nil, 0, 1, 2])
    let before = model
    model.limits[kind] = most
    try await change(.limit(kind), to: most.map(String.init), before)
    return "limit \(kind) \(most.map(String.init) ?? "none")"
  }

  mutating func keep() async throws -> String {
    let subject = random.any(["events", "jobs", "undo"])
    let days = random.any([1, 5, 20])
    let before = model
    model.kept[subject] = days
    try await change(.keep(subject), to: String(days * 86_400), before)
    return "keep \(subject) \(days)d"
  }

  /// From less than what is spent to more than all can use for a while; by the production file or by a statement.
  mutating func changeBudget() async throws -> String {
    let room = Bool.random(using: &random) ? 60...200 : -10...60
    let allowed = max(0.5, model.spent.rounded() + Double(Int.random(in: room, using: &random)) + 0.5)
    file.gpuHours = allowed / 3600
    let before = model
    let isStatement = Bool.random(using: &random)
    if isStatement {
      model.allow(allowed)
      try await change(.budget(fixture.project, .gpuHours), to: String(allowed), before)
    } else {
      try await apply()
      model.allow(allowed)
    }
    return "budget\(isStatement ? "" : " by file") of \(allowed), \(model.spent) spent"
  }

  private mutating func change(
    _ setting: SharedSettings.Setting, to value: String?, _ before: ProductionModel
  ) async throws {
    let (connection, project) = (fixture.connection, fixture.project)
    let (action, changed) = try await connection.transaction {
      try await ProjectLock(connection).take([project])
      let journal = try await Journal.open(connection)
      let (id, _, changed) = try await SharedSettings(connection).change(setting, to: value, in: journal)
      _ = try await Advance(connection).project(project)
      let actions = Actions(connection)
      try await actions.record(
        journal.action, verb: "set", entity: "settings", statement: "set", project: project, run: nil,
        by: try await actions.user(named: "mira"), selected: 1, changed: changed ? [id] : [], leftAlone: [])
      return (journal.action, changed)
    }
    #expect(changed == (model != before))
    lastAction = changed ? LastAction(id: action, before: before, isSetting: true) : nil
  }

  /// What is over grows old, and a worker drops what is too old.
  mutating func letDaysPass() async throws -> String {
    let days = Int.random(in: 1...9, using: &random)
    for statement: SQL in [
      "update job_results set finished_at = finished_at - make_interval(days => \(days)::integer)",
      "update actions set created_at = created_at - make_interval(days => \(days)::integer)",
      "update events set at = at - make_interval(days => \(days)::integer)",
    ] { try await fixture.connection.execute(statement) }
    try await Retention(fixture.connection).apply()
    lastAction?.age += days
    let keptJobs = max(model.kept["jobs"] ?? 0, model.kept["undo"] ?? 0)
    failedJobs = failedJobs.mapValues { ($0.id, $0.age + days) }.filter { $0.value.age < keptJobs }
    if let lastAction, lastAction.age >= model.kept["undo"] ?? 0 { forgotten = lastAction.id }
    let old = try await fixture.ids(
      "select id from jobs where id = any (\(failedJobs.values.map(\.id.rawValue)))"
    ).count
    #expect(old == failedJobs.count, "failed jobs were dropped too early")
    return "days \(days) pass"
  }

  /// How many jobs of a kind may be claimed still.
  func room(for kind: JobKind) async throws -> Int {
    guard let most = model.limits[kind] else { return 1 }
    return most
      - (try await fixture.ids("select job_id from leased_jobs where kind = \(kind.rawValue)::job_kind").count)
  }

  func isReady(_ kind: JobKind) async throws -> Bool {
    try await !fixture.ids(
      "select job_id from ready_jobs where kind = \(kind.rawValue)::job_kind and run_at <= now()"
    ).isEmpty
  }
}

import Model
import PostgresClient
import SQLText

/// What is set by a statement and belongs to no run: how many jobs of a kind run at a time, for how long what is over is
/// kept, what a project may spend.
public struct SharedSettings: Sendable {
  /// One setting, as the journal of an action calls it.
  public enum Setting: Equatable, Sendable {
    case limit(JobKind)
    /// `events`, `jobs` or `undo`.
    case keep(String)
    /// Of a scene type: what is known of it while it is held, as JSON.
    case breaker(Int64)
    /// In GPU seconds or bytes.
    case budget(ProjectID, BudgetResource)

    var name: String {
      switch self {
      case .limit(let kind): "limit \(kind.rawValue)"
      case .keep(let subject): "keep \(subject)"
      case .breaker(let sceneType): "breaker \(sceneType)"
      case .budget(let project, let resource): "budget \(project).\(resource.rawValue)"
      }
    }

    init?(name: String) {
      let words = name.split(separator: " ").map(String.init)
      guard words.count == 2 else { return nil }
      if words[0] == "keep" {
        self = .keep(words[1])
      } else if words[0] == "breaker", let sceneType = Int64(words[1]) {
        self = .breaker(sceneType)
      } else if words[0] == "budget", let budget = Self.budget(words[1]) {
        self = budget
      } else if let kind = JobKind(rawValue: words[1]) {
        self = .limit(kind)
      } else {
        return nil
      }
    }

    /// `12.gpu_hours`
    private static func budget(_ text: String) -> Setting? {
      let parts = text.split(separator: ".").map(String.init)
      guard parts.count == 2, let project = Int64(parts[0]), let resource = BudgetResource(rawValue: parts[1]) else {
        return nil
      }
      return .budget(ProjectID(project), resource)
    }
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// As text: a number of jobs, or of seconds; nil: no limit, not held. Locked until the end of the transaction.
  public func value(of setting: Setting) async throws -> (id: Int64, value: String?) {
    switch setting {
    case .limit(let kind):
      try await read("select id, most::text from kind_limits where kind = \(kind.rawValue)::job_kind for no key update")
    case .keep(let subject):
      try await read(
        "select id, extract(epoch from kept)::bigint::text from retention where subject = \(subject) for no key update")
    case .breaker(let sceneType): (sceneType, try await Breakers(connection).state(of: sceneType))
    case .budget(let project, let resource):
      (project.rawValue, try await ProjectBudgets(connection).amount(resource, of: project).map { String($0) })
    }
  }

  private func read(_ query: SQL) async throws -> (Int64, String?) {
    try await connection.query(query).rows[0].decode((Int64, String?).self)
  }

  public func set(_ setting: Setting, to value: String?) async throws {
    switch setting {
    case .limit(let kind):
      try await connection.execute(
        "update kind_limits set most = \(value.sqlValue)::text::integer where kind = \(kind.rawValue)::job_kind")
    case .keep(let subject):
      guard let value else { return }
      try await connection.execute(
        "update retention set kept = make_interval(secs => \(value)::text::double precision) where subject = \(subject)"
      )
    case .breaker(let sceneType):
      if let value {
        try await Breakers(connection).open(sceneType, as: value)
      } else {
        try await Breakers(connection).close([sceneType])
      }
    case .budget(let project, let resource):
      try await ProjectBudgets(connection).allow(value.flatMap(Double.init), resource, of: project)
    }
  }

  /// Sets it and writes down what it was; false: it was so already.
  public func change(_ setting: Setting, to value: String?, in journal: Journal) async throws -> (
    id: Int64, was: String?, changed: Bool
  ) {
    let (id, was) = try await self.value(of: setting)
    if was == value { return (id, was, false) }
    try await set(setting, to: value)
    try await connection.execute(
      """
      insert into action_settings (action_id, name, was, became)
      values (\(journal.action), \(setting.name), \(was.sqlValue), \(value.sqlValue))
      """)
    return (id, was, true)
  }

  /// Every kind with its limit and how many of its jobs run now and wait. `noop`, which only measurements have, when it is
  /// limited.
  public func limits() async throws -> [(kind: String, most: Int?, running: Int, waiting: Int)] {
    try await connection.query(
      """
      select k.kind::text, k.most, (select count(*) from leased_jobs l where l.kind = k.kind),
        (select count(*) from ready_jobs r where r.kind = k.kind and r.run_at < 'infinity')
      from kind_limits k where k.kind <> 'noop' or k.most is not null order by k.kind
      """
    ).rows.map { try $0.decode((String, Int?, Int, Int).self) }
  }

  /// In seconds.
  public func retention() async throws -> [(subject: String, seconds: Double)] {
    try await connection.query(
      "select subject, extract(epoch from kept)::double precision from retention order by subject"
    ).rows.map { try $0.decode((String, Double).self) }
  }
}

/// Puts the shared settings of an action back to what they were.
extension Restoration {
  /// The scene types that the action released, or held again.
  public func breakers() async throws -> [Int64] {
    try await connection.query(
      "select name from action_settings where action_id = \(action.id) and name like 'breaker %' order by name"
    ).rows.compactMap { row in
      if case .breaker(let id)? = SharedSettings.Setting(name: try row.decode(String.self)) { id } else { nil }
    }
  }

  /// Whether the action set what the project may spend.
  public func isAboutBudget() async throws -> Bool {
    try await connection.query(
      "select exists (select 1 from action_settings where action_id = \(action.id) and name like 'budget %')"
    ).rows[0].decode(Bool.self)
  }

  /// The undo writes them down in its own journal, so that it can be undone.
  public func settings(in journal: Journal) async throws {
    let rows = try await connection.query(
      "select name, was from action_settings where action_id = \(action.id) and name <> all (\(SQLValue.texts(conflicts.settings)))"
    ).rows.map { try $0.decode((String, String?).self) }
    for (name, was) in rows {
      guard let setting = SharedSettings.Setting(name: name) else { continue }
      if case .breaker = setting, try await SharedSettings(connection).value(of: setting).value != nil, was != nil {
        continue
      }
      _ = try await SharedSettings(connection).change(setting, to: was, in: journal)
    }
  }
}

extension UndoReads {
  /// The settings of an action that somebody else has set since.
  func changedSettings(_ action: UndoneAction) async throws -> [String] {
    let rows = try await connection.query(
      "select name, became from action_settings where action_id = \(action.id) order by name"
    ).rows.map { try $0.decode((String, String?).self) }
    var changed: [String] = []
    for (name, became) in rows {
      guard let setting = SharedSettings.Setting(name: name) else { continue }
      // One that is held again is as its undo leaves it.
      if case .breaker = setting { continue }
      if try await SharedSettings(connection).value(of: setting).value != became { changed.append(name) }
    }
    return changed
  }
}

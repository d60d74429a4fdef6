import Model
import PostgresClient
import SQLText

/// What the database itself is set to, for all projects: how many jobs of a kind run at a time, and for how long what is
/// over is kept.
public struct SharedSettings: Sendable {
  /// One setting, as the journal of an action calls it.
  public enum Setting: Equatable, Sendable {
    case limit(JobKind)
    /// `events`, `jobs` or `undo`.
    case keep(String)

    var name: String {
      switch self {
      case .limit(let kind): "limit \(kind.rawValue)"
      case .keep(let subject): "keep \(subject)"
      }
    }

    init?(name: String) {
      let words = name.split(separator: " ").map(String.init)
      guard words.count == 2 else { return nil }
      if words[0] == "keep" {
        self = .keep(words[1])
      } else if let kind = JobKind(rawValue: words[1]) {
        self = .limit(kind)
      } else {
        return nil
      }
    }
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// As text: a number of jobs, or of seconds; nil: no limit. Locked until the end of the transaction.
  public func value(of setting: Setting) async throws -> (id: Int64, value: String?) {
    let query: SQL =
      switch setting {
      case .limit(let kind):
        "select id, most::text from kind_limits where kind = \(kind.rawValue)::job_kind for no key update"
      case .keep(let subject):
        "select id, extract(epoch from kept)::bigint::text from retention where subject = \(subject) for no key update"
      }
    return try await connection.query(query).rows[0].decode((Int64, String?).self)
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

  /// Every kind with its limit and how many of its jobs run now and wait.
  public func limits() async throws -> [(kind: String, most: Int?, running: Int, waiting: Int)] {
    try await connection.query(
      """
      select k.kind::text, k.most, (select count(*) from leased_jobs l where l.kind = k.kind),
        (select count(*) from ready_jobs r where r.kind = k.kind and r.run_at < 'infinity')
      from kind_limits k order by k.kind
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
  /// The undo writes them down in its own journal, so that it can be undone.
  public func settings(in journal: Journal) async throws {
    let rows = try await connection.query(
      "select name, was from action_settings where action_id = \(action.id) and name <> all (\(SQLValue.texts(conflicts.settings)))"
    ).rows.map { try $0.decode((String, String?).self) }
    for (name, was) in rows {
      guard let setting = SharedSettings.Setting(name: name) else { continue }
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
      if try await SharedSettings(connection).value(of: setting).value != became { changed.append(name) }
    }
    return changed
  }
}

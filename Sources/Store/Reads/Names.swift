import Model
import PostgresClient
import SQLText

/// What a statement may call by name.
public enum NameKind: CaseIterable, Sendable {
  case project, run, character, sceneType, variantType, worker
}

/// The names that exist at the moment, for checking and completing statements.
public struct Names: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// In the order of creation; those of a project only when one is given. One round trip.
  public func read(_ kinds: [NameKind], project: ProjectID?) async throws -> [NameKind: [AxisMember]] {
    let results = try await connection.pipeline(kinds.map { query($0, project) })
    var names: [NameKind: [AxisMember]] = [:]
    for (kind, result) in zip(kinds, results) { names[kind] = try Self.members(result) }
    return names
  }

  /// All projects and, when there is one alone, its runs.
  public struct Places: Sendable {
    public let projects: [AxisMember]
    public let runsOfTheOnly: [AxisMember]

    /// The statements that tell; their answers are what `init` takes.
    public static let questions: [SQL] = [
      "select id, name from projects order by id",
      """
      select id, name from production_runs
      where project_id = (select min(id) from projects having count(*) = 1) order by id
      """,
    ]

    public init(_ answers: some Collection<QueryResult>) throws {
      let members = try answers.map(Names.members)
      (projects, runsOfTheOnly) = (members[0], members[1])
    }
  }

  /// One round trip.
  public func places() async throws -> Places { try Places(try await connection.pipeline(Places.questions)) }

  static func members(_ result: QueryResult) throws -> [AxisMember] {
    try result.rows.map { row in
      let (id, name) = try row.decode((Int64, String).self)
      return AxisMember(id: id, name: name)
    }
  }

  func query(_ kind: NameKind, _ project: ProjectID?) -> SQL {
    let id = project.sqlValue
    return switch kind {
    case .project: Places.questions[0]
    case .worker: "select id, name from workers order by id desc limit 1000"
    case .run: "select id, name from production_runs where project_id = \(id) order by id"
    case .character: "select id, name from characters where project_id = \(id) order by position, id"
    case .sceneType: "select id, name from scene_types where project_id = \(id) order by position, id"
    case .variantType: "select id, name from variant_types where project_id = \(id) order by position, id"
    }
  }
}

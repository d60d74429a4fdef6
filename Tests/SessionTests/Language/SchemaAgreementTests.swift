import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import TestDatabase
import Testing

/// The catalogue is the one table: its entities are the views, its fields their columns.
@Suite struct `catalogue and schema` {
  /// Column names with their types, of every view `query_<entity>`.
  private static func columns(_ connection: PostgresConnection) async throws -> [String: [String: String]] {
    let rows = try await connection.query(
      """
      select substr(c.relname, 7), a.attname, format_type(a.atttypid, a.atttypmod)
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'v' and c.relname like 'query\\_%' and a.attnum > 0
      """
    ).rows
    var columns: [String: [String: String]] = [:]
    for row in rows {
      let (view, column, type) = try row.decode((String, String, String).self)
      columns[view, default: [:]][column] = type
    }
    return columns
  }

  private static func types(of field: Field) -> Set<String> {
    switch field.type {
    case .bool: ["boolean"]
    case .int: ["smallint", "integer", "bigint"]
    case .double, .duration: ["double precision"]
    case .text, .reference: ["text"]
    case .word(let vocabulary): [vocabulary.databaseType ?? "text"]
    case .time: ["timestamp with time zone"]
    case .list: ["text[]"]
    }
  }

  @Test func `every entity has a view and every view an entity`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      let views = try await Self.columns(connection)
      #expect(Set(views.keys) == Set(Catalogue.standard.entities.map(\.name)))
    }
  }

  @Test func `every field is a column of its type, and every column a field`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      let views = try await Self.columns(connection)
      for entity in Catalogue.standard.entities {
        let columns = try #require(views[entity.name])
        var expected: Set<String> = ["project_id"]
        if entity.name == "runs" { expected.insert("run_id") }
        for field in entity.fields {
          expected.insert(field.name)
          let type = columns[field.name] ?? "no column"
          #expect(Self.types(of: field).contains(type), "\(entity.name).\(field.name) is \(type)")
          if case .reference = field.type {
            expected.insert(field.name + "_id")
            #expect(columns[field.name + "_id"] == "bigint", "\(entity.name).\(field.name)_id")
          }
        }
        #expect(Set(columns.keys) == expected, "\(entity.name)")
      }
    }
  }

  @Test func `the words of a field are those of its type in the database`() async throws {
    try await TestDatabase.withDatabase { connection, _ in
      for case .word(let vocabulary) in Catalogue.standard.entities.flatMap(\.fields).map(\.type) {
        guard let type = vocabulary.databaseType else { continue }
        let words = try await connection.query(
          """
          select e.enumlabel::text from pg_enum e join pg_type t on t.oid = e.enumtypid
          where t.typname = \(type) order by e.enumsortorder
          """
        ).rows.map { try $0.decode(String.self) }
        #expect(words == vocabulary.words, "\(type)")
      }
      let statuses = try await connection.query("select name from job_statuses order by id").rows.map {
        try $0.decode(String.self)
      }
      let status = try #require(Catalogue.standard.entity("jobs")?.field("status"))
      guard case .word(let vocabulary) = status.type else { return }
      #expect(vocabulary.words == statuses)
    }
  }

  @Test func `only an optional field is ever without a value`() async throws {
    try await World.with { world in
      let checker = try await world.checker()
      for entity in Catalogue.standard.entities {
        // Of a list, "is null" says that it is empty.
        let required = entity.fields.filter { field in
          if case .list = field.type { false } else { !field.isOptional }
        }
        let condition = required.map { "\($0.name) is null" }.joined(separator: " or ")
        let found = try World.pipeline("\(entity.name) where \(condition)", checker)
        let rows = try await world.connection.query(World.compiler.rows(found).sql).rows
        #expect(rows.isEmpty, "\(entity.name)")
        let all = try World.pipeline("\(entity.name) | count", checker)
        let count = try await world.connection.query(World.compiler.rows(all).sql).rows[0].decode(Int.self)
        // The rows of the history are those of a prompt.
        #expect(count > 0 || entity.name == "history", "\(entity.name) has no row to look at")
      }
    }
  }
}

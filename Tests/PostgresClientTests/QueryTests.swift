import Foundation
import PostgresClient
import SQLText
import TestDatabase
import Testing

@Suite struct QueryTests {
  @Test func `values are bound, never text`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, _ in
      let hostile = "'; drop table t; -- \" $1 \\ \n"
      try await connection.execute("create table t (name text)")
      try await connection.execute("insert into t values (\(hostile))")
      let row = try #require(try await connection.query("select name, count(*) over () from t where name = \(hostile)").rows.first)
      let (name, count) = try row.decode((String, Int).self)
      #expect(name == hostile)
      #expect(count == 1)
    }
  }
}

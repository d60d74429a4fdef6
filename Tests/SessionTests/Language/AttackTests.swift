import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import TestDatabase
import TestFixtures
import Testing

@testable import Session

/// Texts that would be SQL if anything were ever put together as text, carried out for real in every place where a person
/// may write one.
@Suite struct `texts that would be SQL` {
  private static let attacks: [String] = {
    let text = (try? Snapshot.fixture("attacks.txt")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").map(String.init)
  }()

  @Test func `there are attacks to try`() { #expect(Self.attacks.count > 20) }

  @Test func `select nothing but what they say`() async throws {
    try await World.with { world in
      let session = try await world.session()
      let before = try await world.fingerprint()
      for attack in Self.attacks {
        for text in Self.reads(attack) {
          let outcome = try await Self.outcome(text, session)
          guard case .table(let table, _) = outcome else {
            Issue.record("\(text) gave \(outcome.map { "\($0)" } ?? "an error")")
            continue
          }
          #expect(table.rows.isEmpty, "\(text)")
        }
      }
      #expect(try await world.fingerprint() == before)
    }
  }

  private static func reads(_ attack: String) -> [String] {
    let quoted = Literal.quoted(attack)
    let pattern = attack.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? "\($0)" : "\\\($0)" }.joined()
    let glob = Literal.quoted(attack.replacing("%", with: "?") + "?")
    return [
      "cells where error = \(quoted)", "cells where error in (\(quoted), \(quoted))",
      "cells where error ~ /\(pattern)x/i",
      "cells where error like \(glob) and error like \"[\"", "cells where tags = \(quoted)",
      "cells where tags in (\(quoted), b)",
      "cells where error = \(quoted)..\(quoted)",
      "takes where note = \(quoted) or review = approved and note = \(quoted)",
      "users where name = \(quoted)", "jobs where log = \(quoted)", "events where kind = \(quoted)",
    ]
  }

  @Test func `are names and nothing else`() async throws {
    try await World.with { world in
      let session = try await world.session()
      for attack in Self.attacks {
        let quoted = Literal.quoted(attack)
        _ = try await Self.outcome("create run \(quoted) characters (1) scene_types (1) variant_types (1)", session)
        _ = try await Self.outcome("use run \(quoted)", session)
        _ = try await Self.outcome("pause \(quoted)", session)
        let rows = try await world.connection.query(
          "select name, status_id from production_runs where name = \(attack)"
        )
        .rows
        #expect(try rows.map { try $0.decode((String, Int).self).1 } == [3], "\(attack)")
        _ = try await Self.outcome("use run spring", session)
        #expect(try await Self.count("cells where run=\(quoted)", session) == 1)
        #expect(try await Self.count("runs where name=\(quoted)", session) == 1)
      }
      #expect(try await world.tables() == world.tablesOfMigrations())
    }
  }

  @Test func `are tags, reasons, notes and macros and nothing else`() async throws {
    try await World.with { world in
      let session = try await world.session()
      for attack in Self.attacks {
        let quoted = Literal.quoted(attack)
        _ = try await Self.outcome("cells where id = 2 | tag \(quoted)", session)
        #expect(try await Self.count("cells where tags = \(quoted)", session) == 1, "\(attack)")
        _ = try await Self.outcome("cells where id = 2 | untag \(quoted)", session)
        #expect(try await Self.count("cells where tags = \(quoted)", session) == 0, "\(attack)")
        _ = try await Self.outcome("cells where id = 10 | skip reason=\(quoted)", session)
        #expect(try await Self.count("cells where skip_reason = \(quoted)", session) == 1, "\(attack)")
        _ = try await Self.outcome("cells where id = 10 | unskip", session)
        _ = try await Self.outcome("save @attack($x = \(quoted)) = cells where note = $x or tags = $x", session)
        #expect(try await Self.count("cells where in @attack(\(quoted))", session) == 0, "\(attack)")
        #expect(try await Self.count("@attack", session) == 0, "\(attack)")
        _ = try await Self.outcome("let $attack = \(quoted)", session)
        #expect(try await Self.count("cells where error = $attack", session) == 0, "\(attack)")
        guard case .export(_, let path, _) = try await Self.outcome("cells | export \(quoted) format csv", session)
        else {
          continue
        }
        #expect(path == attack)
      }
      #expect(try await world.tables() == world.tablesOfMigrations())
      #expect(try await world.connection.query("select count(*) from cells").rows[0].decode(Int.self) == 17)
    }
  }

  /// nil for what was refused with a diagnostic; the database never refuses what a person wrote.
  private static func outcome(_ text: String, _ session: ProducerSession) async throws -> Outcome? {
    do {
      return try await session.execute(try World.statement(text)).outcome
    } catch let error as DiagnosticError {
      for diagnostic in error.diagnostics {
        #expect(!diagnostic.code.hasPrefix("database"), "\(text): \(diagnostic.message)")
      }
      return nil
    }
  }

  private static func count(_ text: String, _ session: ProducerSession) async throws -> Int? {
    guard case .table(let table, _) = try await outcome(text, session) else { return nil }
    return table.rows.count
  }
}

extension World {
  /// What stands in the tables of the production, as one number each.
  func fingerprint() async throws -> [String] {
    let rows = try await connection.query(
      """
      select 'cells', count(*), md5(string_agg(c::text, ' ' order by c.id)) from cells c
      union all select 'takes', count(*), md5(string_agg(t::text, ' ' order by t.id)) from takes t
      union all select 'variants', count(*), md5(string_agg(v::text, ' ' order by v.id)) from variants v
      union all select 'jobs', count(*), md5(string_agg(j::text, ' ' order by j.id)) from jobs j
      union all select 'actions', count(*), md5(string_agg(a::text, ' ' order by a.id)) from actions a
      union all select 'users', count(*), md5(string_agg(u::text, ' ' order by u.id)) from users u
      """
    ).rows
    let tables = try await tables()
    return try rows.map { row in
      let (table, count, sum) = try row.decode((String, Int, String).self)
      return "\(table) \(count) \(sum)"
    } + tables
  }

  func tables() async throws -> [String] {
    try await connection.query("select tablename::text from pg_tables where schemaname = 'public' order by 1").rows.map
    {
      try $0.decode(String.self)
    }
  }

  /// Those of a database that nobody has used.
  func tablesOfMigrations() async throws -> [String] {
    try await TestDatabase.withDatabase { connection, target in
      try await World(connection: connection, target: target).tables()
    }
  }
}

import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import Testing

@testable import Session

/// What the help shows is done on a real production, and taken back.
@Suite struct `examples of the help` {
  private struct TakenBack: Error {}

  /// Examples that need what no test can promise: files of the reader, runs that are finished, or that are not there yet. They may
  /// be refused, for this reason and no other.
  private static let refusals = [
    "apply \"production.yaml\"": "missing_file",
    "create run spring": "name_taken",
    "deliver": "not_deliverable",
    "deliver spring to=\"packages/spring\"": "not_deliverable",
    "save script morning from \"morning.callsheet\"": "unreadable_file",
    "include \"setup.callsheet\"": "unreadable_file",
    "cells where status=failed | expect none": "expectation_unmet",
    "cells where status=approved | count | expect count >= 10": "expectation_unmet",
    "undo": "nothing_to_undo",
    "undo 17": "unknown_action",
    "undo 17 partial=true": "unknown_action",
    "save script morning($day = today) from \"morning.callsheet\"": "unreadable_file",
  ]

  @Test func `can be carried out`() async throws {
    try await World.with { world in
      let before = try await world.fingerprint()
      for example in Topic.all.flatMap(\.examples) {
        let session = try await world.session()
        // Something was said before, for what is about that.
        _ = try await session.execute(try World.statement("cells | count"))
        do {
          try await world.connection.transaction {
            _ = try await session.execute(try World.statement(example))
            throw TakenBack()
          }
        } catch is TakenBack {
          #expect(Self.refusals[example] == nil, "\(example)")
        } catch let error as DiagnosticError {
          #expect(error.diagnostics.map(\.code) == [Self.refusals[example] ?? "nothing"], "\(example)")
        } catch let error as ExpectationUnmet {
          #expect(error.diagnostic.code == Self.refusals[example], "\(example)")
        }
      }
      #expect(try await world.fingerprint() == before)
    }
  }
}

import Diagnostics
import Foundation
import Model
import PostgresClient
import QueryLanguage
import SQLText
import Testing

@testable import Session

@Suite struct `The history where nothing can be written` {
  @Test func `it is asked as anywhere else`() async throws {
    try await Stage.with { stage in
      let records = ["cells", "runs"].enumerated().map { index, text in
        HistoryRecord(
          id: "\(index)", session: "here", at: Date(timeIntervalSince1970: Double(index)), statement: text,
          project: nil, run: nil)
      }
      let session = try await stage.session(own: true) { $0.history = { (records, "here") } }
      let connection = await session.connection
      try await connection.execute("set default_transaction_read_only = on")
      let statement = try #require(
        Parser.parse(SourceText(name: "test", text: "history where here = true | sort -id")).statements.first)
      let outcome = try await session.execute(statement).outcome
      guard case .table(let table, _) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(table.rows.map(\.last) == [.text("runs"), .text("cells")])
    }
  }
}

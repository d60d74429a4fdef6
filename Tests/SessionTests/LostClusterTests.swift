import Diagnostics
import PostgresClient
import QueryLanguage
import SQLText
import Store
import Testing

@testable import Session

/// The embedded database went away and does not start again.
@Suite struct LostClusterTests {
  @Test func `why it does not start stands where the statement's answer would`() async throws {
    try await Stage.with { stage in
      let connection = try await PostgresConnection.connect(to: stage.target, applicationName: "shell")
      let session = ProducerSession(connection: connection, settings: try await stage.session().settings) {
        // Nobody makes a folder there.
        try await EmbeddedCluster(path: "/proc/callsheet/postgres", environment: [:]).connect(applicationName: "shell")
      }
      try await session.useWhatIsThere()
      await connection.close()
      let away = await #expect(throws: DatabaseAway.self) { try await session.say("cells | count") }
      #expect(away?.diagnostic.code == "database_away")
      #expect(away?.diagnostic.message.contains("/proc/callsheet") == true)
      #expect(away?.diagnostic.hints.isEmpty == false)
    }
  }
}

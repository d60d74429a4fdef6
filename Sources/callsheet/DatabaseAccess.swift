import ArgumentParser
import Foundation
import PostgresClient
import Shell
import Store
import Terminal

struct DatabaseOptions: ParsableArguments {
  @Option(help: "A database URL or conninfo; else CALLSHEET_DATABASE_URL, PG* variables, or the embedded database.")
  var database: String?

  var location: DatabaseLocation {
    DatabaseLocation.resolve(flag: database, environment: ProcessInfo.processInfo.environment)
  }
}

/// A database that is there and has the schema this binary needs.
struct DatabaseAccess: Sendable {
  let target: ConnectionTarget
  let applicationName: String

  /// Starts the embedded database when it is meant, connects, and brings the schema up to date.
  /// - Throws: `ExitCode` 2 after one message on standard error.
  static func open(
    _ location: DatabaseLocation, applicationName: String
  ) async throws -> (DatabaseAccess, PostgresConnection) {
    do {
      let target = try await location.target(environment: ProcessInfo.processInfo.environment)
      let access = DatabaseAccess(target: target, applicationName: applicationName)
      let connection = try await access.connect()
      _ = try await Migrator().migrate(connection)
      return (access, connection)
    } catch {
      try? OutputSink(2).write("callsheet: \(error)\n  callsheet doctor  says more\n")
      throw ExitCode(ExitStatus.databaseUnreachable.rawValue)
    }
  }

  func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(to: target, applicationName: applicationName)
  }
}

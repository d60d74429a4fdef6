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

/// A database that was there and had the schema this binary needs.
struct DatabaseAccess: Sendable {
  let location: DatabaseLocation
  let target: ConnectionTarget
  let applicationName: String

  /// Starts the embedded database when it is meant, connects, and brings the schema up to date.
  /// - Throws: `ExitCode` 2 after one message on standard error.
  static func open(
    _ location: DatabaseLocation, applicationName: String
  ) async throws -> (DatabaseAccess, PostgresConnection) {
    do {
      let target = try await location.target(environment: ProcessInfo.processInfo.environment)
      let access = DatabaseAccess(location: location, target: target, applicationName: applicationName)
      let connection = try await access.startAndConnect()
      _ = try await Migrator().migrate(connection)
      return (access, connection)
    } catch {
      try? OutputSink(2).write("callsheet: \(error)\n  callsheet doctor  says more\n")
      throw ExitCode(ExitStatus.databaseUnreachable.rawValue)
    }
  }

  /// For a worker: a database that somebody stopped stays stopped.
  func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(to: target, applicationName: applicationName)
  }

  /// For a person: the embedded database is started when it does not run.
  func startAndConnect() async throws -> PostgresConnection {
    switch location {
    case .named: try await connect()
    case .embedded:
      try await EmbeddedCluster(environment: ProcessInfo.processInfo.environment).connect(
        applicationName: applicationName)
    }
  }
}

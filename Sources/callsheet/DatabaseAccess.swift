import ArgumentParser
import Foundation
import PostgresClient
import QueryLanguage
import Shell
import Store
import Terminal

struct DatabaseOptions: ParsableArguments {
  @Option(help: "A database URL or conninfo; else CALLSHEET_DATABASE_URL, PG* variables, or the embedded database.")
  var database: String?

  var location: DatabaseLocation {
    DatabaseLocation.resolve(flag: database, environment: Surroundings.environment)
  }
}

enum Surroundings {
  /// Read once: it is a long way from the process's variables to a dictionary.
  static let environment = ProcessInfo.processInfo.environment
}

/// A database that was there and had the schema this binary needs.
struct DatabaseAccess: Sendable {
  let target: ConnectionTarget
  private let cluster: EmbeddedCluster?
  let applicationName: String

  /// Starts the embedded database when it is meant, connects, and brings the schema up to date.
  /// - Throws: `ExitCode` 2 after one message on standard error.
  static func open(
    _ location: DatabaseLocation, applicationName: String
  ) async throws -> (DatabaseAccess, PostgresConnection) {
    do {
      let access = try DatabaseAccess(location, applicationName)
      let connection = try await access.startAndConnect()
      _ = try await Migrator().migrate(connection)
      return (access, connection)
    } catch {
      try? OutputSink(2).write("callsheet: \(error)\n  callsheet doctor  says more\n")
      throw ExitCode(ExitStatus.databaseUnreachable.rawValue)
    }
  }

  private init(_ location: DatabaseLocation, _ applicationName: String) throws {
    self.applicationName = applicationName
    switch location {
    case .named(let target, _): (self.target, cluster) = (target, nil)
    case .embedded:
      let cluster = try EmbeddedCluster(environment: Surroundings.environment)
      (target, self.cluster) = (cluster.target, cluster)
    }
  }

  /// For a worker: a database that somebody stopped stays stopped.
  func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(to: target, applicationName: applicationName)
  }

  /// For a person: the embedded database is started when it does not run.
  func startAndConnect() async throws -> PostgresConnection {
    guard let cluster else { return try await connect() }
    return try await cluster.connect(applicationName: applicationName)
  }
}

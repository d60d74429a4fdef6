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
  /// Read once.
  static let environment = processEnvironment()
}

/// A database that was there and had the schema this binary needs.
struct DatabaseAccess: Sendable {
  let target: ConnectionTarget
  private let cluster: EmbeddedCluster?
  let applicationName: String

  /// Starts the embedded database when it is meant, connects, and brings the schema up to date. The places are asked for
  /// in the same round trip; nil where the database had no schema yet.
  /// - Throws: `ExitCode` 2 after one message on standard error.
  static func open(
    _ location: DatabaseLocation, applicationName: String, asksPlaces: Bool = false
  ) async throws -> (access: DatabaseAccess, connection: PostgresConnection, places: Names.Places?) {
    do {
      let access = try DatabaseAccess(location, applicationName)
      let questions = [Migrator.question] + (asksPlaces ? Names.Places.questions : [])
      let asked: PostgresConnection.Asked
      if let cluster = access.cluster {
        asked = try await cluster.connect(applicationName: applicationName, asking: questions)
      } else {
        asked = try await PostgresConnection.connect(
          to: access.target, applicationName: applicationName, asking: questions)
      }
      try await Migrator().migrate(asked.connection, knowing: asked.results.first)
      let isAnswered = asksPlaces && asked.failure == nil
      return (access, asked.connection, isAnswered ? try Names.Places(asked.results.dropFirst()) : nil)
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

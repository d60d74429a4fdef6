import ArgumentParser
import Foundation
import PostgresClient
import QueryLanguage
import Shell
import Store
import Terminal

struct DatabaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "The database: the embedded one, or the one that is named.",
    subcommands: [Status.self, Start.self, Stop.self, Migrate.self, Location.self])

  /// Runs `body` and turns what is wrong with the database into one message and exit code 2.
  static func guarded(_ body: () async throws -> String) async throws {
    do {
      try OutputSink(1).write(try await body() + "\n")
    } catch OutputError.closed {
    } catch {
      try? OutputSink(2).write("callsheet: \(error)\n")
      throw ExitCode(ExitStatus.databaseUnreachable.rawValue)
    }
  }

  static func cluster() throws -> EmbeddedCluster {
    try EmbeddedCluster(environment: ProcessInfo.processInfo.environment)
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what the database is doing.")
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      try await DatabaseCommand.guarded {
        if case .embedded = database.location {
          let cluster = try DatabaseCommand.cluster()
          return
            "embedded database: \(DatabaseCommand.words(cluster.status()))\nfolder: \(cluster.dataFolder)\nlog: \(cluster.logFile)"
        }
        let target = try await database.location.target(environment: ProcessInfo.processInfo.environment)
        let connection = try await PostgresConnection.connect(to: target, applicationName: "callsheet db")
        let pending = try await Migrator().pending(connection)
        await connection.close()
        let schema = pending.isEmpty ? "current" : "\(pending.count) migrations to apply: callsheet db migrate"
        return "\(target)\nreachable, schema \(schema)"
      }
    }
  }

  fileprivate static func words(_ status: EmbeddedCluster.Status) -> String {
    switch status {
    case .absent: "not made yet; the first use makes it"
    case .stopped: "stopped"
    case .running(let pid, let version): "running as process \(pid), PostgreSQL \(version)"
    }
  }

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the embedded database; make it when there is none.")

    func run() async throws {
      try await DatabaseCommand.guarded {
        let cluster = try DatabaseCommand.cluster()
        _ = try await cluster.start()
        return "the embedded database runs\n\(cluster.url)"
      }
    }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the embedded database.")

    func run() async throws {
      try await DatabaseCommand.guarded {
        try await DatabaseCommand.cluster().stop()
        return "the embedded database is stopped"
      }
    }
  }

  struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the schema up to date.")
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      try await DatabaseCommand.guarded {
        let target = try await database.location.target(environment: ProcessInfo.processInfo.environment)
        let connection = try await PostgresConnection.connect(to: target, applicationName: "callsheet db")
        let applied = try await Migrator().migrate(connection)
        await connection.close()
        return applied.isEmpty
          ? "the schema is current" : applied.map { "applied \($0.name)" }.joined(separator: "\n")
      }
    }
  }

  struct Location: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "url", abstract: "Print the embedded database's URL, for psql and other tools.")

    func run() async throws {
      try await DatabaseCommand.guarded { try DatabaseCommand.cluster().url }
    }
  }
}

import PostgresClient

/// Which database to use, and who said so.
public enum DatabaseLocation: Sendable, Equatable {
  /// A server that was named, with the place that named it, such as `--database`.
  case named(ConnectionTarget, by: String)
  /// The private cluster of this user.
  case embedded

  /// The first of: the flag, `CALLSHEET_DATABASE_URL`, libpq's own variables that name a server or database, else the
  /// embedded cluster. Empty values count as absent, and `PGUSER` or `PGPASSWORD` alone name no server.
  public static func resolve(flag: String?, environment: [String: String]) -> DatabaseLocation {
    if let flag, !flag.isEmpty { return .named(ConnectionTarget(flag), by: "--database") }
    if let url = environment["CALLSHEET_DATABASE_URL"], !url.isEmpty {
      return .named(ConnectionTarget(url), by: "CALLSHEET_DATABASE_URL")
    }
    let variables = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"]
    if let name = variables.first(where: { environment[$0]?.isEmpty == false }) {
      return .named(ConnectionTarget(""), by: name)
    }
    return .embedded
  }

  /// Where to connect; starts the embedded cluster if it is not running.
  /// - Throws: `ClusterError`.
  public func target(environment: [String: String]) async throws -> ConnectionTarget {
    switch self {
    case .named(let target, _): target
    case .embedded: try await EmbeddedCluster(environment: environment).start()
    }
  }
}

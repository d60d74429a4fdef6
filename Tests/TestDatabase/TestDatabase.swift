import PostgresClient
import SQLText
import Store

/// A database of its own for each test, on a real server that this test run starts for itself and that ends with it,
/// however it ends.
public enum TestDatabase {
  /// A fresh database with the schema of the migrations, and a connection to it. Both are gone afterwards.
  public static func withDatabase<T: Sendable>(
    _ body: @Sendable (PostgresConnection, ConnectionTarget) async throws -> T
  ) async throws -> T {
    try await withDatabase(template: try await TestServer.shared().migratedTemplate(), body)
  }

  /// The same without any table.
  public static func withEmptyDatabase<T: Sendable>(
    _ body: @Sendable (PostgresConnection, ConnectionTarget) async throws -> T
  ) async throws -> T {
    try await withDatabase(template: "template1", body)
  }

  private static func withDatabase<T: Sendable>(
    template: String, _ body: @Sendable (PostgresConnection, ConnectionTarget) async throws -> T
  ) async throws -> T {
    let server = try await TestServer.shared()
    await server.places.take()
    do {
      let value = try await inFreshDatabase(server, template, body)
      await server.places.giveBack()
      return value
    } catch {
      await server.places.giveBack()
      throw error
    }
  }

  private static func inFreshDatabase<T: Sendable>(
    _ server: TestServer, _ template: String, _ body: @Sendable (PostgresConnection, ConnectionTarget) async throws -> T
  ) async throws -> T {
    let name = await server.newName()
    let target = try server.target.database(name)
    try await server.run("create database \(identifier: name) template \(identifier: template)")
    do {
      let connection = try await PostgresConnection.connect(to: target, applicationName: "test")
      let value = try await body(connection, target)
      await connection.close()
      try await server.run("drop database \(identifier: name) with (force)")
      return value
    } catch {
      try await server.run("drop database if exists \(identifier: name) with (force)")
      throw error
    }
  }
}

import CMigrations

/// One forward step of the schema.
public struct Migration: Sendable, Equatable {
  /// `YYYYMMDDHHMMSS_name`, the file's name without its ending.
  public let name: String
  /// The file's text.
  public let sql: String
  /// Changes with every byte of the text.
  public let checksum: String

  /// A step with the name and text of its file.
  public init(name: String, sql: String) {
    self.name = name
    self.sql = sql
    checksum = Fingerprint.of(sql.utf8)
  }

  /// The migrations in this binary, oldest first.
  public static let carried: [Migration] = (0..<callsheet_migration_count).map { index in
    let migration = callsheet_migrations[index]
    let text = UnsafeBufferPointer(start: migration.text, count: migration.length)
    return Migration(name: String(cString: migration.name), sql: String(decoding: text, as: UTF8.self))
  }
}

/// Why a database and this binary do not go together, and what to do about it.
public struct MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence that names the migration.
  public let message: String
  /// The remedy.
  public let hint: String

  public var description: String { "\(message) (\(hint))" }
}

/// What a database lacks. Decides only.
enum MigrationPlan {
  struct Applied: Equatable {
    let name: String
    let checksum: String
  }

  /// The migrations to apply, oldest first; empty when the database is current.
  static func pending(applied: [Applied], carried: [Migration]) throws(MigrationError) -> [Migration] {
    let known = Dictionary(uniqueKeysWithValues: carried.map { ($0.name, $0) })
    for done in applied.sorted(by: { $0.name < $1.name }) {
      guard let migration = known[done.name] else { throw unknown(done.name, newestCarried: carried.last?.name ?? "") }
      if migration.checksum != done.checksum {
        throw MigrationError(
          message: "migration \(done.name) is not the one that the database was made with: its text has changed",
          hint: "restore migrations/\(done.name).sql and write the change as a new migration, or use another database")
      }
    }
    let names = Set(applied.map(\.name))
    let pending = carried.filter { !names.contains($0.name) }
    if let newest = applied.map(\.name).max(), let late = pending.first(where: { $0.name < newest }) {
      throw MigrationError(
        message: "migration \(late.name) is older than \(newest), which the database already has",
        hint: "give the file a later time in its name")
    }
    return pending
  }

  private static func unknown(_ name: String, newestCarried: String) -> MigrationError {
    if name > newestCarried {
      return MigrationError(
        message: "the database is newer than this callsheet: it has the migration \(name)",
        hint: "use a newer callsheet, or name another database with --database")
    }
    return MigrationError(
      message: "the database has a migration that this callsheet does not know: \(name)",
      hint: "it was made by another build; use that, or name another database with --database")
  }
}

import CLibPQ
import SQLText

/// Where a database is: a `postgres://` URL, a `key=value` string, or empty for libpq's own `PG*` variables, service
/// file and password file. It never shows its password.
public struct ConnectionTarget: Sendable, Equatable {
  let conninfo: String

  /// Takes the string as it is; mistakes in it surface when connecting.
  public init(_ conninfoOrURL: String) { conninfo = conninfoOrURL }

  /// The string as it was given, secrets and all: for handing on to a child process, never for showing.
  public var secretConninfo: String { conninfo }

  /// Another database of the same server.
  /// - Throws: `PostgresError` of kind `connectionFailed` when the string is malformed.
  public func database(_ name: String) throws(PostgresError) -> ConnectionTarget {
    var values = try parsed()
    values["dbname"] = name
    return ConnectionTarget(Self.conninfo(of: values.sorted { $0.key < $1.key }))
  }

  /// `key=value` pairs with every value quoted as libpq reads it.
  public static func conninfo(of values: [(key: String, value: String)]) -> String {
    var text = ""
    for (key, value) in values {
      text += (text.isEmpty ? "" : " ") + key + "='"
      for character in value {
        if character == "'" || character == "\\" { text.append("\\") }
        text.append(character)
      }
      text += "'"
    }
    return text
  }

  /// The settings that the string itself gives, by libpq's keywords.
  func parsed() throws(PostgresError) -> [String: String] {
    if let fault = Self.fault(in: conninfo) { throw fault }
    var complaint: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(conninfo, &complaint) else {
      // libpq's complaint quotes the string, and with it what may be a password.
      PQfreemem(complaint)
      throw PostgresError(
        .connectionFailed, "the connection string is malformed",
        hint: "postgres://USER@HOST:PORT/DATABASE or host=... dbname=...; special characters in a URL are %-encoded")
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return values
  }

  /// A URL whose password holds a bare `@` or `/` is read by libpq as another host or port, and its error would then
  /// show a piece of the password.
  static func fault(in conninfo: String) -> PostgresError? {
    guard let scheme = ["postgres://", "postgresql://"].first(where: conninfo.hasPrefix) else {
      return conninfo.contains("\0")
        ? PostgresError(.connectionFailed, "the connection string holds a NUL character") : nil
    }
    let beforeQuery = conninfo.dropFirst(scheme.count).prefix { $0 != "?" }
    let authority = beforeQuery.prefix { $0 != "/" }
    if authority.count(where: { $0 == "@" }) > 1 || beforeQuery.dropFirst(authority.count).contains("@") {
      return PostgresError(
        .connectionFailed, "the database URL has an @ or / in its user or password that is not encoded",
        hint: "write @ as %40 and / as %2F")
    }
    return nil
  }

  /// The text without any secret of this target, whatever libpq put into it.
  func redacted(_ text: String) -> String {
    guard let values = try? parsed() else { return "the connection failed" }
    var safe = text
    for key in ["password", "sslpassword"] {
      if let secret = values[key], !secret.isEmpty { safe = safe.replacing(secret, with: "…") }
    }
    return safe
  }
}

extension ConnectionTarget: CustomStringConvertible, CustomReflectable {
  /// Host, port, user and database as far as they are given; no other setting.
  public var description: String {
    guard let values = try? parsed() else { return "(malformed connection string)" }
    let shown = ["service", "host", "hostaddr", "port", "user", "dbname"].compactMap { key in
      values[key].map { "\(key)=\($0)" }
    }
    return shown.isEmpty ? "(libpq's environment)" : shown.joined(separator: " ")
  }

  public var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}

import Foundation
import Glibc
import PostgresClient
import SQLText
import TestDatabase
import Testing

@Suite struct ConnectingTests {
  private static let secret = "s3cr3t%40pw"

  @Test(arguments: [
    "postgres://u:\(secret)@127.0.0.1:1/db", "postgres://u:p@ss\(secret)@127.0.0.1:1/db",
    "postgres://u:pa/\(secret)@127.0.0.1:1/db", "postgres://u:\(secret)%zz@h/db",
    "host=127.0.0.1 port=1 password=\(secret)",
    "host=127.0.0.1 port=1 password='\(secret)", "password=\(secret) nonsense",
    "postgres://u:p@h/db?password=\(secret)&x=y",
    "postgresql://\(secret)", "host=\u{0}",
  ])
  func `a failure to connect never tells the password`(url: String) async throws {
    let target = ConnectionTarget(url)
    let error = try await failure {
      try await PostgresConnection.connect(to: target, applicationName: "test", timeout: .seconds(5))
    }
    #expect(error.kind == .connectionFailed)
    let isHost = url == "postgresql://\(Self.secret)"
    for text in ["\(error)", error.message, "\(target)", String(reflecting: target), dumped(target)] where !isHost {
      #expect(!text.contains("s3cr3t"))
    }
  }

  private func dumped(_ value: some Any) -> String {
    var text = ""
    Swift.dump(value, to: &text)
    return text
  }

  @Test func `a server that does not answer is given up`() async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = bind(listener, address, length)
        _ = listen(listener, 1)
        _ = getsockname(listener, address, &length)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    let target = ConnectionTarget("host=127.0.0.1 port=\(port) sslmode=disable")
    let error = try await failure {
      try await PostgresConnection.connect(to: target, applicationName: "test", timeout: .milliseconds(100))
    }
    #expect(error.kind == .timedOut)
    let task = Task { try await PostgresConnection.connect(to: target, applicationName: "test") }
    task.cancel()
    #expect(try await failure { try await task.value }.kind == .cancelled)
  }

  @Test func `a connection is set up the same whatever the server's defaults`() async throws {
    try await TestDatabase.withEmptyDatabase { connection, target in
      try await connection.executeScript(
        """
        do $$ begin
          execute format('alter database %I set timezone = ''Asia/Kolkata''', current_database());
          execute format('alter database %I set datestyle = ''sql, dmy''', current_database());
        end $$
        """)
      let other = try await PostgresConnection.connect(to: target, applicationName: "named")
      let row = try #require(
        try await other.query(
          "select '2026-11-22 12:00+00'::timestamptz, current_setting('application_name'), version()"
        ).rows.first)
      let (at, name, _) = try row.decode((Date, String, String).self)
      #expect(at == Date(timeIntervalSince1970: 1_795_348_800))
      #expect(name == "named")
      #expect(await other.serverVersion >= 150_000)
    }
  }

  @Test func `a database that is not there is a failed connection`() async throws {
    try await TestDatabase.withEmptyDatabase { _, target in
      let error = try await failure {
        try await PostgresConnection.connect(to: try target.database("o'ne \\ two"), applicationName: "test")
      }
      #expect(error.kind == .connectionFailed)
      #expect(error.message.contains(#"database "o'ne \ two" does not exist"#))
    }
  }
}

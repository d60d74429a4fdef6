import Testing

/// Each rule finds what it is for, so that a clean checkout means something.
@Suite struct RuleTests {
  private func source(_ path: String, _ text: String) -> SwiftFile { SwiftFile(path: path, text: text) }

  @Test(arguments: [
    ("Sources/QueryLanguage/A.swift", "import Store"),
    ("Sources/Store/A.swift", "import CLibPQ"),
    ("Sources/Shell/A.swift", "import struct CEditLine.EditLine"),
    ("Tests/PostgresClientTests/A.swift", "@testable import CLibPQ"),
    ("Tests/RenderingTests/A.swift", "import Session"),
    ("Sources/Model/A.swift", "import Foundation\n@preconcurrency public import Yams"),
    ("Sources/Session/A.swift", "import Testing"),
    ("Sources/Shell/A.swift", "import NIOCore"),
    ("Sources/Extra/A.swift", ""),
  ])
  func `finds an import that the map does not have`(path: String, text: String) {
    #expect(ImportRules.check(source(path, text)).count == 1)
  }

  @Test(arguments: [
    ("Sources/Store/A.swift", "import Foundation\nimport Model\nimport PostgresClient"),
    ("Tests/StoreTests/A.swift", "import Testing\n@testable import Store\nimport TestDatabase"),
    ("Sources/Model/A.swift", "// import Store\nlet a = \"\"\"\n  import Store\n  \"\"\""),
  ])
  func `accepts an import that the map has`(path: String, text: String) {
    #expect(ImportRules.check(source(path, text)).isEmpty)
  }

  @Test func `finds a second door to a C library`() {
    #expect(ImportRules.checkC(path: "Sources/CExtra/shim.h", text: "\n#include <libpq-fe.h>").first?.line == 2)
    #expect(ImportRules.checkC(path: "Sources/CLibPQ/shim.h", text: "#include <histedit.h>").count == 1)
    #expect(ImportRules.checkC(path: "Sources/CLibPQ/shim.h", text: "#include <libpq-fe.h>").isEmpty)
  }

  @Test(arguments: [
    "select id from cells", "SELECT 1", "insert into cells (id) values ($1)", "update cells set status = $1",
    "DELETE FROM jobs", "create unique index on jobs (id)", "with found as (select 1)", "listen events; NOTIFY events",
    "copy cells (id) from stdin", "select pg_notify($1, $2)", "a left join b using (id)",
  ])
  func `finds SQL in a literal`(sql: String) {
    #expect(SQLRule().check(source("Sources/Session/A.swift", "let a = \"\"\"\n  \(sql)\n  \"\"\"")).count == 1)
    #expect(SQLRule().check(source("Sources/Store/A.swift", "let a = \"\(sql)\"")).isEmpty)
  }

  @Test(arguments: [
    "select cells where status=failed | group count by status", "nothing is selected from here on",
    "create run spring", "this was updated and set aside", "-- deleted from the run",
  ])
  func `leaves sentences and the query language alone`(text: String) {
    #expect(SQLRule().check(source("Sources/Session/A.swift", "let a = \"\(text)\"")).isEmpty)
  }

  @Test func `the client may say transaction control and no more`() {
    let path = "Sources/PostgresClient/A.swift"
    #expect(
      SQLRule().check(source(path, #"let a = "BEGIN"; let b = "COMMIT"; let c = "copy a (b) from stdin""#)).isEmpty)
    #expect(SQLRule().check(source(path, #"let a = "BEGIN; SELECT 1""#)).count == 1)
  }

  @Test func `finds a long file`() {
    let text = String(repeating: "let a = 1\n", count: SizeRules.longestFile)
    #expect(SizeRules.check(source("Sources/Model/A.swift", text)).isEmpty)
    #expect(SizeRules.check(source("Sources/Model/A.swift", text + "\n")).count == 1)
  }

  @Test(arguments: ["func f(a: () -> Int = { 1 })", "init?(a: [Int])", "var a: Int", "subscript(i: Int) -> Int"])
  func `finds a long function`(signature: String) {
    func text(_ lines: Int) -> String {
      "struct S {\n  \(signature) {\n" + String(repeating: "    if a { b() }\n", count: lines - 2) + "  }\n}\n"
    }
    #expect(SizeRules.check(source("Sources/Model/A.swift", text(SizeRules.longestFunction))).isEmpty)
    let found = SizeRules.check(source("Sources/Model/A.swift", text(SizeRules.longestFunction + 1)))
    #expect(found.map(\.line) == [2])
  }

  @Test(arguments: ["print(1)", "  debugPrint(x)", "if a { print(\"b\") }"])
  func `finds printing`(text: String) {
    #expect(WordRules.checkPrinting(source("Sources/Store/A.swift", text)).count == 1)
    #expect(WordRules.checkPrinting(source("Sources/Shell/A.swift", text)).isEmpty)
  }

  @Test(arguments: ["a.print(1)", "func print(_ a: Int)", "fingerprint(1)", "let a = \"print(1)\" // print(1)"])
  func `leaves other printing alone`(text: String) {
    #expect(WordRules.checkPrinting(source("Sources/Store/A.swift", text)).isEmpty)
  }

  @Test(arguments: WordRules.promises.map { "# \($0): later" } + WordRules.machineFolders.map { "cd \($0)/x" })
  func `finds promises and machine paths`(line: String) {
    #expect(WordRules.check(path: "scripts/a", text: "fine\n\(line)").map(\.line) == [2])
  }

  @Test(arguments: ["media/work/1", "\\(folder)/work/1", "as root/other user", "~/rooted", "/workers"])
  func `leaves relative folders alone`(line: String) {
    #expect(WordRules.check(path: "README.md", text: line).isEmpty)
  }

  @Test(arguments: [
    "Sources/Store/StringUtils.swift", "Sources/Store/RunManager.swift", "Tests/StoreTests/Helpers.swift",
    "Tests/StoreTests/common-rows.sql", "docs/a.md", "notes.txt",
  ])
  func `finds a file without a place or a name`(path: String) {
    #expect(NameRules.check(path: path).count == 1)
  }

  @Test func `finds a type without a name of its own`() {
    #expect(NameRules.check(source("Sources/Store/A.swift", "final class JobManager {}")).count == 1)
    #expect(NameRules.check(source("Sources/Store/A.swift", "public actor Store {}")).count == 1)
    #expect(NameRules.check(source("Sources/Store/A.swift", "struct StoreLayout {}")).isEmpty)
  }
}

import Diagnostics
import Testing

@testable import QueryLanguage

/// `¦` is the cursor.
@Suite struct `Completion` {
  private static let status = Vocabulary(
    name: "status", words: ["not_started", "failed", "qa_review"], databaseType: nil, isStatus: true)

  private static let catalogue = Catalogue(entities: [
    Entity(
      name: "cells", singular: "cell", summary: "positions", scope: .run, timeField: "updated_at",
      defaultFields: ["id"],
      fields: [
        Field("id", .int, "its number"), Field("character", .reference(.character), "who"),
        Field("status", .word(status), "where it stands"), Field("stale", .bool, "made from something older"),
        Field("gpu_seconds", .duration, "spent"), Field("updated_at", .time, "when"),
      ]),
    Entity(
      name: "jobs", singular: "job", summary: "work", scope: .project, timeField: nil, defaultFields: ["id"],
      fields: [Field("id", .int, "its number"), Field("worker", .reference(.worker), "who runs it")]),
  ])

  private static var live: LiveValues {
    var live = LiveValues()
    live.names = [.character: ["Aria Vale", "Bo", "null"], .run: ["spring", "summer-2"], .worker: ["host-1"]]
    live.counts = ["cells": ["status": ["failed": 12, "qa_review": 3]]]
    live.macros = [
      .init(name: "stuck", parameters: ["status"], needsArguments: true, summary: "what waits", entity: "cells")
    ]
    live.settings = [.init(name: "format", summary: "how", values: ["table", "json"])]
    return live
  }

  private func suggested(_ text: String) -> [String] {
    Completer(catalogue: Self.catalogue, live: Self.live).suggestions(for: text).items.map(\.text)
  }

  @Test(
    arguments: [
      ("ce", ["cells"]), ("cells where ¦st", ["status", "stale"]),
      ("cells where status=¦", ["failed", "qa_review", "not_started"]),
      ("cells where not (stale or status=¦qa", ["qa_review"]), ("cells where status in (failed, ¦n", ["not_started"]),
      ("cells where character=¦a", ["\"Aria Vale\""]), ("cells where character=\"¦Ar", ["\"Aria Vale\""]),
      ("cells where character=¦n", ["\"null\""]), ("cells where stale ¦a", ["and"]),
      ("cells where id=3 ¦", ["and", "or", "|"]),
      ("cells where gpu_seconds ¦", ["=", "!=", "<", "<=", ">", ">=", "in (", "is set", "is null"]),
      ("cells | group count, sum(¦g", ["gpu_seconds"]),
      ("cells | group count, sum(gpu_seconds) by status | sort -¦s", ["status", "sum_gpu_seconds"]),
      ("cells | ¦app", ["approve"]), ("jobs | ¦ret", ["retry"]), ("jobs | ¦app", [String]()),
      ("cells | submit ¦t", ["take="]),
      ("cells | submit take=¦", ["new"]), ("@¦s", ["@stuck"]), ("@stuck | ¦whe", ["where"]),
      ("@stuck | where ¦gp", ["gpu_seconds"]),
      ("cells where in ¦@", ["@stuck"]), ("@stuck(¦", ["status="]), ("cells | except (jobs where ¦w", ["worker"]),
      ("use run ¦su", ["summer-2"]), ("use ¦p", ["project"]), ("set ¦f", ["format"]), ("set format ¦j", ["json"]),
      ("create run x characters (Bo, ¦A", ["\"Aria Vale\""]), ("help ¦mat", ["matrix"]),
      ("cells; jobs where ¦wor", ["worker"]),
      ("matrix sc", ["scene_types"]), ("matrix where ¦ch", ["character"]), ("plan cells where ¦ch", ["character"]),
      ("cells where updated_at since ¦to", ["today", "tomorrow"]), ("cells where status is ¦", ["set", "null", "not"]),
      ("cells where ¦gs", ["gpu_seconds"]), ("cells where status=¦qr", ["qa_review"]),
      ("budget ¦p", ["project"]), ("budget ¦s", ["spring", "summer-2"]), ("budget ¦gp", ["gpu_hours="]),
      ("budget project ¦", ["gpu_hours=", "disk_gb="]), ("budget project gpu_hours=2 ¦", ["disk_gb="]),
      ("save @x = cells where ¦ch", ["character"]), ("save @x from ¦v", ["version"]),
    ] as [(String, [String])])
  func `offers what the grammar takes`(text: String, expected: [String]) {
    #expect(suggested(text.replacing("¦", with: "")) == expected)
  }

  @Test(arguments: [("@s", "("), ("cells | union @s", "("), ("help @s", " ")])
  func `a macro that needs arguments is followed by their bracket where it is called`(text: String, suffix: String) {
    let items = Completer(catalogue: Self.catalogue, live: Self.live).suggestions(for: text).items
    #expect(items.map { $0.suffix } == [suffix])
  }

  @Test func `counts stand beside values, and only the word at the cursor is replaced`() {
    let completer = Completer(catalogue: Self.catalogue, live: Self.live)
    let found = completer.suggestions(for: "cells where status=fa")
    #expect(found.replacing == 2)
    #expect(found.items.map(\.count) == [12])
    #expect(completer.suggestions(for: "use run summer-").replacing == 7)
    #expect(completer.suggestions(for: "cells where character=\"Aria V").replacing == 7)
  }

  @Test(arguments: [
    ("apply \"ex", "ex"), ("include ", ""), ("cells | export 'out/c", "out/c"), ("deliver to=\"d", "d"),
  ])
  func `a path is completed by whoever can see files`(text: String, path: String) {
    #expect(Completer(catalogue: Self.catalogue, live: Self.live).suggestions(for: text).path == path)
  }

  @Test func `nothing typed makes it fail, whatever it is cut off after`() {
    let texts = [
      "plan cells where (status in (failed, \"x\") and not character=Aria) | group count, sum(gpu_seconds) by status as p1",
      "save @a($x: character = 3) \"doc\" = cells where id=1..3 or error ~ /x/i | union (cells | take last 3) | watch until count=0",
      "create run x characters (1, 2) ) ( | | , = .. @ $ \u{1F600} \"", "use use use; ; help ~ = ?", "set = = format",
    ]
    for text in texts {
      for end in text.indices { _ = suggested(String(text[..<end])) }
    }
  }

  @Test func `what it offers for a name in quotes is read back as that name`() throws {
    for name in ["Aria Vale", "null", "3", "a\"b", "neon-city", "x.y", "", "ünï", "and", "-", "@x", "a\nb"] {
      let text = Literal.spelled(name)
      let tokens = Lexer.tokens(of: SourceText(name: "", text: text))
      #expect(tokens.count == 2)
      switch tokens[0].kind {
      case .word(let word): #expect(word == name)
      case .literal(let literal): #expect(literal == Literal(.text, name))
      default: Issue.record("\(text) is no name")
      }
    }
  }
}

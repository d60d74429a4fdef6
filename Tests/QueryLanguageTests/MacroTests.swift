import Diagnostics
import QueryCompiler
import QueryLanguage
import TestFixtures
import Testing

@Suite struct `macros` {
  @Test func `what they are kept as, called as and refused for`() throws {
    var macros = MacroLibrary()
    let source = SourceText(name: "macros.callsheet", bytes: try Snapshot.fixture("macros.callsheet"))
    let lines = Parser.parse(source).statements.map { statement in
      let (checked, diagnostics) = World.checker(macros: macros).check(statement)
      if case .saveMacro(let macro) = checked { macros = macros.adding(macro.definition) }
      return statement.text + "\n" + (checked.map { Self.summary($0) } ?? "")
        + diagnostics.map { DiagnosticRenderer().text($0) }.joined()
    }
    try Snapshot.check(lines.joined(separator: "\n"), "macros.txt")
  }

  private static func summary(_ statement: CheckedStatement) -> String {
    switch statement {
    case .saveMacro(let macro):
      "    \(macro.usage)\n    \(macro.entity)" + (macro.action.map { ", \($0.rawValue)" } ?? "")
        + (macro.calls.isEmpty ? "" : ", calls \(macro.calls.joined(separator: " "))") + "\n"
    case .pipeline(let pipeline), .explain(let pipeline, _), .plan(let pipeline, _):
      "    \(pipeline.entity.name), \(pipeline.stages.count) stages"
        + (pipeline.view.map { ", \($0.name)" } ?? "") + (pipeline.watch.map { ", every \($0.every ?? 0) s" } ?? "")
        + (pipeline.export.map { ", to \($0.path)" } ?? "")
        + (pipeline.action.map { ", \($0.name.rawValue)" } ?? "")
        + pipeline.windows.map { ", \($0.field) \($0.text)" }.joined() + "\n"
    case .help(let words): "    help \(words.joined(separator: " "))\n"
    default: "    \(statement)\n"
    }
  }

  static let library = MacroLibrary(texts: [
    "save @stuck($state = failed) = cells where status = $state and older than 2h",
    "save @deep($who) = @stuck(blocked) | where character = $who",
    "save @deeper = cells where in @deep(1)",
  ])

  @Test(arguments: [
    ("@stuck", "cells where status = failed and older than 2h"),
    ("@stuck(queued) | sort id | take 3", "cells where status = queued and older than 2h | sort id | take 3"),
    ("@deep(Aria) | submit", "cells where status = blocked and older than 2h | where character = Aria | submit"),
    ("jobs | take 3 | expect none", "jobs | take 3 | expect none"),
  ])
  func `a call means what its body means`(call: String, written: String) throws {
    let called = try #require(World.pipeline(call, macros: Self.library))
    #expect(called == World.pipeline(written))
  }

  @Test func `in a macro asks for the rows that it chooses`() throws {
    let pipeline = try #require(World.pipeline("cells where in @stuck", macros: Self.library))
    let inner = try #require(World.pipeline("@stuck", macros: Self.library))
    #expect(pipeline.stages == [.filter(.inPipeline(inner))])
    #expect(pipeline.windows == inner.windows)
  }

  @Test func `what depends on a macro is known, also through others`() {
    #expect(Self.library.dependents(of: "stuck") == ["deep", "deeper"])
    #expect(Self.library.dependents(of: "Deeper") == [])
    #expect(Self.library.depth(of: "deeper") == 3)
    #expect(Self.library.depth(of: "none") == 0)
  }

  @Test func `a kept text is the definition again, and an unreadable one is left out`() {
    for definition in Self.library.definitions.values {
      #expect(MacroDefinition(canonical: definition.description) == definition)
    }
    #expect(MacroLibrary(texts: ["save @x = ", "cells", "save @y = cells"]).names == ["y"])
  }

  @Test func `macros nest 32 deep and no deeper`() throws {
    var macros = MacroLibrary(texts: ["save @m1 = cells"])
    for level in 2...32 {
      let (checked, diagnostics) = World.check("save @m\(level) = @m\(level - 1)", macros: macros)
      guard case .saveMacro(let macro) = checked else { throw DiagnosticError(diagnostics) }
      macros = macros.adding(macro.definition)
    }
    #expect(World.pipeline("@m32", macros: macros) != nil)
    #expect(World.check("save @m33 = @m32", macros: macros).1.map(\.code).contains("too_deep"))
    // Deeper from below: what calls it would get too deep.
    let (_, diagnostics) = World.check(
      "save @m1 = @other",
      macros: macros.adding(
        try #require(
          MacroDefinition(canonical: "save @other = cells"))))
    #expect(diagnostics.map(\.code).contains("too_deep"))
  }

  @Test func `macros that double at every level are given up`() throws {
    var texts = ["save @d0 = cells"]
    for level in 1...20 { texts.append("save @d\(level) = @d\(level - 1) | union @d\(level - 1)") }
    let (checked, diagnostics) = World.check("@d20", macros: MacroLibrary(texts: texts))
    #expect(checked == nil)
    #expect(diagnostics.contains { $0.code == "too_deep" })
  }

  @Test func `a loop in what was kept does not hang`() {
    let macros = MacroLibrary(texts: ["save @a = @b", "save @b = cells where in @a"])
    #expect(macros.depth(of: "a") == nil)
    #expect(World.check("@a | count", macros: macros).1.map(\.code) == ["macro_cycle"])
    #expect(macros.dependents(of: "a") == ["a", "b"])
  }

  @Test func `names are looked up for a macro's body and its arguments`() throws {
    let statement = try #require(World.statements("@deep($who)").first)
    #expect(Checker.namesNeeded(by: statement, in: .standard, macros: Self.library) == [])
    #expect(
      Checker.namesNeeded(
        by: statement, in: .standard, macros: Self.library, variables: ["who": Literal(.word, "Aria")]) == [.character])
  }

  @Test func `a script's parameters are bound like a macro's`() throws {
    let statements = World.statements(
      "save script s($day = today, $who: character) from \"s\"; run s(who=Aria); run s(1, 2, 3); run s(who=Zed)")
    guard case .saveScript(let script) = statements[0].kind else { throw DiagnosticError(statements[0].diagnostics) }
    let bound = statements.dropFirst().map { statement -> ([String: Literal]?, [Diagnostic]) in
      guard case .runScript(let name, let arguments) = statement.kind else { return (nil, []) }
      return World.checker().bind(arguments, to: script.parameters, of: name, in: statement.source)
    }
    #expect(bound[0].0 == ["day": Literal(.word, "today"), "who": Literal(.word, "Aria")])
    #expect(bound.map { $0.1.map(\.code) } == [[], ["unknown_parameter"], ["unknown_name"]])
  }
}

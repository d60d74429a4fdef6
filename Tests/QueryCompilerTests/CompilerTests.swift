import Diagnostics
import Foundation
import QueryLanguage
import SQLText
import TestFixtures
import Testing

@testable import QueryCompiler

@Suite struct `compiler` {
  @Test func `statements and their SQL`() throws {
    let lines = try fixture("statements.callsheet").map { statement in
      let (checked, diagnostics) = World.checker().check(statement)
      #expect(diagnostics.filter { $0.severity == .error } == [], "\(statement.text)")
      return statement.text + "\n" + (checked.map(Self.summary) ?? "")
    }
    try Snapshot.check(lines.joined(separator: "\n"), "statements.txt")
  }

  private func fixture(_ name: String) throws -> [Statement] {
    Parser.parse(SourceText(name: name, bytes: try Snapshot.fixture(name))).statements
  }

  private static func summary(_ statement: CheckedStatement) -> String {
    switch statement {
    case .pipeline(let pipeline), .explain(let pipeline, _): summary(pipeline)
    case .describe(let entity): "    describe \(entity.name)\n"
    default: "    \(statement)\n"
    }
  }

  private static func summary(_ pipeline: CheckedPipeline) -> String {
    let rows = World.compiler.rows(pipeline)
    var lines = [text(pipeline.action == nil ? rows.sql : World.compiler.ids(pipeline))]
    if pipeline.action == nil {
      lines.append("-> " + rows.columns.map { "\($0.name) \($0.kind.rawValue)" }.joined(separator: ", "))
    }
    if let action = pipeline.action { lines.append("do \(action.name.rawValue) \(action.options)") }
    if let view = pipeline.view { lines.append("view \(view)") }
    if let export = pipeline.export { lines.append("\(export)") }
    if let expectation = pipeline.expectation {
      lines.append("expects")
      lines.append(text(World.compiler.tally(expectation, of: pipeline)))
      lines.append(text(World.compiler.firstUnmet(expectation, in: pipeline).sql))
    }
    if pipeline.isUnfiltered { lines.append("unfiltered") }
    return lines.map { "    \($0)\n" }.joined()
  }

  private static func text(_ sql: SQL) -> String {
    let (text, bindings) = sql.rendered()
    return text + "\n    " + bindings.map(show).joined(separator: ", ")
  }

  private static func show(_ value: SQLValue) -> String {
    if case .timestamp(let date) = value { date.formatted(.iso8601) } else { "\(value)" }
  }
}

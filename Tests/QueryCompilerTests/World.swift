import Diagnostics
import Foundation
import QueryLanguage

@testable import QueryCompiler

/// A project at a fixed moment, as a session would present it to the checker.
enum World {
  static let names = LiveNames([
    .project: [.init(id: 1, name: "neon-city")],
    .run: [.init(id: 1, name: "spring"), .init(id: 2, name: "autumn")],
    .character: [
      .init(id: 1, name: "Aria Vale"), .init(id: 2, name: "Bo Okafor"), .init(id: 3, name: "3"),
      .init(id: 4, name: "Sam Ito"), .init(id: 5, name: "Sam Reyes"), .init(id: 6, name: "2026"),
    ],
    .sceneType: [.init(id: 1, name: "alley_chase"), .init(id: 2, name: "Alley Chase")],
    .variantType: [.init(id: 1, name: "coat"), .init(id: 2, name: "suit")],
  ])

  /// 2026-11-22 12:00 in Berlin.
  static let now = Date(timeIntervalSince1970: 1_795_345_200)

  static var checker: Checker {
    Checker(
      catalogue: .standard, names: names,
      variables: ["n": Literal(.integer(2), "2"), "nothing": Literal(.null, "null")], now: now,
      timeZone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)
  }

  static let compiler = PipelineCompiler(scope: QueryScope(projectID: 1, runID: 1, seed: 42))

  static func statements(_ text: String) -> [Statement] { Parser.parse(SourceText(name: "t", text: text)).statements }

  static func check(_ text: String) -> (CheckedStatement?, [Diagnostic]) {
    let checked = statements(text).map(checker.check)
    return (checked.first?.0, checked.flatMap(\.1))
  }

  static func pipeline(_ text: String) -> CheckedPipeline? {
    switch check(text).0 {
    case .pipeline(let pipeline), .explain(let pipeline, _): pipeline
    default: nil
    }
  }
}

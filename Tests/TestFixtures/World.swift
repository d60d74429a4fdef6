import Diagnostics
import Foundation
import QueryCompiler
import QueryLanguage

/// A project at a fixed moment, as a session would present it to the checker.
public enum World {
  public static let names = LiveNames([
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
  public static let now = Date(timeIntervalSince1970: 1_795_345_200)

  public static func checker(macros: MacroLibrary = MacroLibrary()) -> Checker {
    Checker(
      catalogue: .standard, names: names, macros: macros,
      variables: ["n": Literal(.integer(2), "2"), "nothing": Literal(.null, "null")], now: now,
      timeZone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)
  }

  public static func statements(_ text: String) -> [Statement] {
    Parser.parse(SourceText(name: "t", text: text)).statements
  }

  public static func check(_ text: String, macros: MacroLibrary = MacroLibrary()) -> (CheckedStatement?, [Diagnostic]) {
    let checked = statements(text).map(checker(macros: macros).check)
    return (checked.first?.0, checked.flatMap(\.1))
  }

  public static func pipeline(_ text: String, macros: MacroLibrary = MacroLibrary()) -> CheckedPipeline? {
    switch check(text, macros: macros).0 {
    case .pipeline(let pipeline), .explain(let pipeline, _): pipeline
    default: nil
    }
  }
}

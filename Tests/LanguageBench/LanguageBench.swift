import Diagnostics
import Foundation
import QueryCompiler
import QueryLanguage
import SQLText

/// What a statement costs before it is sent, in microseconds: `scripts/bench language` runs it.
@main
struct LanguageBench {
  static let statements = [
    "cells",
    "cells where id = 4711 | pick id, character, status",
    "select cells where status in (failed, rejected) and character = \"Character 4711\" | sort -updated_at | take 20",
    "cells where (priority >= 50 or stale) and not skipped and updated_at since 2h | group count, max(updated_at) by status",
    "cells where scene_type like \"scene_1*\" and error ~ /time.*out/i | pick id, error | distinct error | count",
  ]

  static func main() {
    let characters = (1...5000).map { LiveNames.Entry(id: Int64($0), name: "Character \($0)") }
    let names = LiveNames([.character: characters])
    let checker = Checker(
      catalogue: .standard, names: names, now: Date(timeIntervalSince1970: 1_795_345_200), timeZone: .gmt)
    let compiler = PipelineCompiler(scope: QueryScope(projectID: 1, runID: 1))
    for text in statements {
      let source = SourceText(name: "bench", text: text)
      guard let statement = Parser.parse(source).statements.first,
        case .pipeline(let pipeline) = checker.check(statement).0
      else { fatalError("this does not check: \(text)") }
      let parse = median { _ = Parser.parse(source) }
      let check = median { _ = checker.check(statement) }
      let compile = median { _ = compiler.rows(pipeline).sql.rendered() }
      print(String(format: "%8.1f %8.1f %8.1f %8.1f   ", parse, check, compile, parse + check + compile) + text)
    }
  }

  /// Microseconds, of 201 rounds of ten.
  static func median(_ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0..<201).map { _ in
      let (_, attoseconds) = clock.measure { for _ in 0..<10 { work() } }.components
      return Double(attoseconds) / 1e13
    }
    return times.sorted()[100]
  }
}

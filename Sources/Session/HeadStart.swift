import Diagnostics
import Foundation
import QueryCompiler
import QueryLanguage
import SQLText
import Store

/// What a process does for the first time takes milliseconds: types are made up, tables filled, pages of the program
/// read. A read is taken through all that comes before it is sent, while there is no connection to send it over.
public enum HeadStart {
  /// Only what every connection needs.
  public static func readMigrations() async { _ = Migration.carried }

  /// Nothing comes of it. A text that is long or has no use here counts as `cells`.
  public static func take(with text: String) async {
    await readMigrations()
    let isShort = (1...1000).contains(text.utf8.count)
    let source = SourceText(name: "", text: isShort ? text : "cells")
    let checker = Checker(catalogue: .standard, names: LiveNames(), now: Date(), timeZone: .current)
    guard let statement = Parser.parse(source).statements.first,
      case .pipeline(let pipeline) = checker.check(statement).0
    else { return }
    _ = PipelineCompiler(scope: QueryScope(projectID: 0, runID: 0)).rows(pipeline).sql.rendered()
  }
}

import Foundation
import QueryCompiler
import QueryLanguage
import TestFixtures
import Testing

/// Which rows a statement is about, where it is easily taken for fewer.
@Suite struct SelectionTests {
  @Test(arguments: [
    ("cells", true), ("cells where true", false), ("cells | sort id", true), ("cells where stale | union cells", true),
    ("cells | union (cells where stale)", true), ("cells where stale | union cells where id=1", false),
    ("cells | except cells where stale", false), ("cells | intersect cells", true),
    ("cells | intersect cells where stale", false), ("cells where stale | union cells | where true", false),
  ])
  func `everything is what no condition narrows down`(_ text: String, _ isUnfiltered: Bool) throws {
    guard case .pipeline(let pipeline) = World.check(text).0 else {
      Issue.record("no pipeline: \(text)")
      return
    }
    #expect(pipeline.isUnfiltered == isUnfiltered)
  }

  @Test func `a name that several have is left to the database, so that all of them are meant`() throws {
    let workers = [(1, "gpu1"), (2, "gpu1"), (3, "gpu2")].map { LiveNames.Entry(id: $0, name: $1) }
    let checker = Checker(
      catalogue: .standard, names: LiveNames([.worker: workers]), now: World.now, timeZone: .gmt)
    for (name, scalar) in [("gpu1", Scalar.text("gpu1")), ("gpu2", .int(3))] {
      guard case .pipeline(let pipeline) = checker.check(World.statements("jobs where worker=\(name)")[0]).0,
        case .filter(.compare(_, .equal, let found)) = pipeline.stages[0]
      else {
        Issue.record("no comparison: \(name)")
        return
      }
      #expect(found == scalar)
    }
  }
}

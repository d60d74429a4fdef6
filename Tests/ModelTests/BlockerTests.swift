import Foundation
import Testing

@testable import Model

/// As the language does, for the names that stand here.
private let spelling = RemedySpelling { name in
  name.allSatisfy(\.isLetter) ? name : quoted(name)
} text: {
  quoted($0)
} chosen: {
  "cells where chosen and \($0)"
}

private func quoted(_ text: String) -> String {
  "\"" + text.replacingOccurrences(of: "\"", with: "\\\"") + "\""
}

@Suite struct BlockerTests {
  private static func blocker(_ cause: BlockCause, cells: Int = 1) -> Blocker {
    Blocker(
      cause: cause, cellIDs: (1...Int64(cells)).map(CellID.init), character: "Bo \"B\" Okafor", variantType: "suit",
      run: "spring 2", sceneType: "alley", detail: "out of memory", path: "/pictures/bo.png", left: 0.5, needed: 2)
  }

  @Test(arguments: BlockCause.allCases) func `every cause has a sentence and a remedy`(_ cause: BlockCause) {
    let blockage = Self.blocker(cause).blockage(spelling)
    #expect(blockage.cause == cause.rawValue)
    #expect(!blockage.explanation.isEmpty && !blockage.remedies.isEmpty)
    #expect(!blockage.explanation.contains("?"))
  }

  private static func lines(_ blocker: Blocker) -> [String] { blocker.blockage(spelling).remedies.map(\.line) }

  @Test func `names in remedies are quoted as the language reads them`() {
    #expect(
      Self.lines(Self.blocker(.variantApproval)) == [
        #"variants where character="Bo \"B\" Okafor" and variant=suit | approve"#
      ])
    #expect(Self.lines(Self.blocker(.runPaused)) == [#"resume "spring 2""#])
  }

  @Test func `cells are named by id as long as that is short, then by what they share`() {
    #expect(Self.lines(Self.blocker(.takeFailed)) == ["cells where id=1 | resubmit"])
    #expect(Self.lines(Self.blocker(.takeFailed, cells: 9)) == ["cells where id=1..9 | resubmit"])
    var scattered = Self.blocker(.takeFailed, cells: 9)
    scattered.cellIDs = [1, 2, 3, 5, 7, 9, 10, 20, 21].map { CellID($0) }
    #expect(Self.lines(scattered) == ["cells where id in (1..3, 5, 7, 9..10, 20..21) | resubmit"])
    scattered.cellIDs = (1...9).map { CellID($0 * 2) }
    #expect(
      Self.lines(scattered) == [#"cells where chosen and status=failed and error="out of memory" | resubmit"#])
    // Too many to name one by one.
    #expect(
      Self.lines(Blocker(cause: .qaReview, cells: 30_000, cellIDs: []))[0]
        == "cells where chosen and status=qa_review and not stale | approve")
  }

  private static func scattered(_ cause: BlockCause, _ detail: String?, from first: Int64) -> Blocker {
    Blocker(cause: cause, cellIDs: (first..<first + 9).map { CellID($0 * 2) }, detail: detail)
  }

  @Test func `what cannot be told apart in words says how many it takes`() {
    let long = String(repeating: "out of memory ", count: 20)
    let two = [Self.scattered(.takeFailed, long, from: 1), Self.scattered(.takeFailed, "torn", from: 100)].folded()
    #expect(
      two.map { Self.lines($0)[0] } == [
        "cells where chosen and status=failed | resubmit   # all that failed: 18",
        #"cells where chosen and status=failed and error="torn" | resubmit"#,
      ])
    #expect(
      Self.lines(Self.scattered(.takeRejected, nil, from: 1))
        == ["cells where chosen and status=rejected and note is null | resubmit"])
    let many = (1...10).map { Self.scattered(.takeFailed, "reason \($0)", from: 100 * $0) }.folded()
    #expect(
      many[0].blockage(spelling).remedies.map(\.line) == [
        "cells where chosen and status=failed | resubmit   # all that failed: 90",
        "cells where chosen and status=failed | group by error   # tells which",
      ])
  }

  @Test func `cells of another run than the one in use are not looked for by id alone`() {
    let other = RemedySpelling(findsByID: false) {
      $0
    } text: {
      $0
    } chosen: {
      "cells where run=autumn and \($0)"
    }
    #expect(
      Self.blocker(.qaReview).blockage(other).remedies[0].line == "cells where run=autumn and id=1 | approve")
  }

  @Test func `what failed together keeps the error, or the newest of them`() {
    func failed(_ errors: [String]) -> Blocker {
      errors.enumerated().map { index, error in
        Blocker(
          cause: .variantFailed, cellIDs: [CellID(Int64(index))], since: Date(timeIntervalSince1970: Double(index)),
          character: "c\(index)", variantType: "v", detail: error, subjectIDs: [Int64(index)])
      }.folded()[0]
    }
    let same = failed(Array(repeating: "no memory", count: 5))
    #expect(
      same.blockage(spelling).explanation
        == "the variant \"v\" of 5 characters could not be generated: no memory")
    #expect(Self.lines(same)[1] == "variants where id=0..4 | pick id, character, variant, error   # tells which")
    #expect(
      failed(["a", "b", "c", "d", "torn"]).blockage(spelling).explanation
        == "the variant \"v\" of 5 characters could not be generated: torn, and others")
  }

  @Test func `a remedy is a line that can be pasted whole`() {
    let source = Blocker(
      cause: .sourceQAFailed, cellIDs: [CellID(4)], character: "Bo", path: "bo.png", file: "neon/p.yaml")
    #expect(
      Self.lines(source) == [
        #"apply "neon/p.yaml"   # once bo.png is replaced"#,
        "sources where character=Bo | approve   # to use it all the same",
        #"cells where id=4 | skip reason="no usable source image"   # to leave them out"#,
      ])
    #expect(Self.lines(Self.blocker(.retryLater)) == ["# goes on by itself"])
    var run = Self.blocker(.gpuBudget)
    #expect(Self.lines(run) == [#"apply "production.yaml"   # once gpu_hours under budgets: in it is raised"#])
    run.enough = 12.5
    #expect(Self.lines(run) == [#"budget "spring 2" gpu_hours=12.5   # holds all of them"#])
    run.run = "project"
    #expect(Self.lines(run) == [#"budget "project" gpu_hours=12.5   # holds all of them"#])
    run.run = nil
    #expect(Self.lines(run) == ["budget project gpu_hours=12.5   # holds all of them"])
  }

  @Test func `the chain goes from the scenes to the root`() {
    var blocker = Blocker(cause: .sourceQAFailed, cellIDs: [1, 2, 3].map { CellID($0) }, character: "Bo")
    #expect(blocker.blockage(spelling).chain == ["3 scenes", "source image of Bo"])
    blocker.looks = [.init(character: "Bo", variantType: "suit"), .init(character: "Bo", variantType: "coat")]
    #expect(blocker.blockage(spelling).chain == ["3 scenes", "variants coat, suit of Bo", "source image of Bo"])
    blocker.looks.insert(.init(character: "Cy", variantType: "suit"))
    #expect(blocker.blockage(spelling).chain[1] == "3 variants")
  }

  @Test func `a budget says what is left and what is needed`() {
    let explanation = Self.blocker(.gpuBudget).blockage(spelling).explanation
    #expect(explanation == "the GPU budget of the run spring 2 has 0.5 h left, the next cell needs 2 h")
    var exceeded = Self.blocker(.gpuBudget)
    exceeded.left = -0.25
    #expect(
      exceeded.blockage(spelling).explanation
        == "the GPU budget of the run spring 2 is exceeded by 0.25 h, the next cell needs 2 h")
  }

  private static func blockers(_ cause: BlockCause, _ count: Int, of character: String? = nil) -> [Blocker] {
    (1...Int64(count)).map {
      Blocker(
        cause: cause, cellIDs: [CellID($0), CellID(100 + $0)], character: character ?? "c\($0)", variantType: "v\($0)",
        subjectIDs: [10 * $0])
    }
  }

  @Test func `what goes on by itself is one entry`() {
    let waiting = Self.blockers(.variantGeneration, 5).folded()
    #expect(waiting.count == 1)
    #expect(waiting[0].cellIDs.count == 10 && waiting[0].subjects == 5)
    #expect(waiting[0].blockage(spelling).explanation == "wait for 5 variants to be generated")
  }

  @Test func `many looks are one entry, with a statement for exactly them`() {
    #expect(Self.blockers(.variantApproval, 3).folded().allSatisfy { $0.subjects == 1 })
    let few = (Self.blockers(.variantApproval, 6, of: "Bo") + Self.blockers(.held, 1)).folded()
    #expect(few.map(\.subjects) == [6, 1] && few[0].cells == 12)
    #expect(few[0].blockage(spelling).explanation == "wait for 6 variants of Bo to be approved")
    #expect(Self.lines(few[0]) == ["variants where id in (10, 20, 30, 40, 50, 60) | approve"])
    let crowd = Blocker(cause: .variantApproval, cells: 1_000_000, cellIDs: [], subjects: 50_000)
    #expect(crowd.blockage(spelling).explanation == "wait for 50,000 variants to be approved")
    #expect(crowd.blockage(spelling).chain == ["1,000,000 scenes", "50,000 variants"])
    let many = Self.blockers(.variantApproval, 30).folded()
    #expect(Self.lines(many[0]) == ["variants where status=review | approve   # all that are in review"])
    var counted = many[0]
    counted.whole = 40
    #expect(Self.lines(counted) == ["variants where status=review | approve   # all that are in review: 40"])
    counted.whole = 30
    #expect(Self.lines(counted) == ["variants where status=review | approve"])
  }

  @Test func `pictures that failed stand for themselves, since each has a reason of its own`() {
    let failed = Self.blockers(.sourceQAFailed, 20).folded()
    #expect(failed.map(\.subjects).sorted() == [1, 1, 1, 1, 1, 1, 1, 1, 12])
    #expect(failed.reduce(0) { $0 + $1.cells } == 40)
  }

  @Test(arguments: BlockCause.allCases) func `several of a cause have a sentence and a remedy too`(_ cause: BlockCause)
  {
    var blocker = Self.blocker(cause)
    (blocker.character, blocker.variantType, blocker.detail, blocker.subjects) = (nil, nil, nil, 3)
    #expect(!blocker.blockage(spelling).explanation.isEmpty && !blocker.blockage(spelling).explanation.contains("?"))
    #expect(!blocker.blockage(spelling).remedies.isEmpty)
  }
}

@Suite struct RuleTests {
  @Test func `submit takes approved cells only for a new take, and resubmit nothing else than what went wrong`() {
    #expect(!SubmissionRule.taken(takeNew: false).contains(.approved))
    #expect(SubmissionRule.taken(takeNew: true).contains(.approved))
    #expect(Set(SubmissionRule.resubmitted) == [.failed, .rejected])
    for status: CellStatus in [.queued, .generating, .skipped, .qaReview] {
      #expect(!SubmissionRule.taken(takeNew: true).contains(status))
    }
  }

  @Test func `counts of a matrix leave out positions without a cell`() {
    let cell = MatrixCell(id: CellID(1), status: .approved, stale: true)
    let member = AxisMember(id: 1, name: "a")
    let matrix = Matrix(
      project: "p", run: "r", rows: [member], columns: [member, member], subcolumns: [member], cells: [cell, nil])
    #expect(matrix.counts == [.approved: 1] && matrix.staleCount == 1)
  }
}

import Foundation
import Testing

@testable import Model

@Suite struct BlockerTests {
  private static func blocker(_ cause: BlockCause, cells: Int = 1) -> Blocker {
    Blocker(
      cause: cause, cellIDs: (1...Int64(cells)).map(CellID.init), character: "Bo \"B\" Okafor", variantType: "suit",
      run: "spring 2", sceneType: "alley", detail: "out of memory", path: "/pictures/bo.png", left: 0.5, needed: 2)
  }

  @Test(arguments: BlockCause.allCases) func `every cause has a sentence and a remedy`(_ cause: BlockCause) {
    let blockage = Self.blocker(cause).blockage
    #expect(blockage.cause == cause.rawValue)
    #expect(!blockage.explanation.isEmpty && !blockage.remedies.isEmpty)
    #expect(!blockage.explanation.contains("?"))
  }

  @Test func `names in remedies are quoted as the language reads them`() {
    let remedies = Self.blocker(.variantApproval).blockage.remedies
    #expect(remedies == [#"variants where character="Bo \"B\" Okafor" and variant=suit | approve"#])
    #expect(Self.blocker(.runPaused).blockage.remedies == [#"resume "spring 2""#])
  }

  @Test func `few cells are named by id, many by what they share`() {
    #expect(Self.blocker(.takeFailed).blockage.remedies == ["cells where id=1 | resubmit"])
    #expect(Self.blocker(.takeFailed, cells: 3).blockage.remedies == ["cells where id in (1, 2, 3) | resubmit"])
    #expect(Self.blocker(.takeFailed, cells: 9).blockage.remedies == ["cells where status=failed | resubmit"])
    #expect(Self.blocker(.held, cells: 9).blockage.remedies == ["cells where held | release"])
  }

  @Test func `a budget says what is left and what is needed`() {
    var blocker = Self.blocker(.gpuBudget)
    blocker.enough = 1234.5
    #expect(
      blocker.blockage.explanation == "the GPU budget of the run spring 2 has 0.5 h left, the next cell needs 2 h")
    #expect(blocker.blockage.remedies == [#"budget "spring 2" gpu_hours=1234.5   holds all of them"#])
    blocker.run = nil
    #expect(blocker.blockage.explanation == "the GPU budget has 0.5 h left, the next cell needs 2 h")
    #expect(blocker.blockage.remedies.first?.contains("production file") == true)
  }

  @Test func `a retry says which try comes when`() {
    func text(_ seconds: Double) -> String {
      var blocker = Blocker(cause: .retryLater, cellIDs: [CellID(1)], detail: "out of memory")
      blocker.wait = .init(attempt: 2, attempts: 4, seconds: seconds)
      return blocker.blockage.explanation
    }
    #expect(text(11.2) == "an attempt failed: out of memory; try 2 of 4 comes in 12 s")
    #expect(text(-1) == "an attempt failed: out of memory; try 2 of 4 comes in 1 s")
    #expect(text(130) == "an attempt failed: out of memory; try 2 of 4 comes in 3 min")
  }

  @Test func `the same cause is one entry when it goes on by itself, and at most nine otherwise`() {
    func blockers(_ cause: BlockCause, _ count: Int) -> [Blocker] {
      (1...Int64(count)).map { Blocker(cause: cause, cellIDs: [CellID($0), CellID(100 + $0)], character: "c\($0)") }
    }
    let waiting = blockers(.variantGeneration, 5).folded()
    #expect(waiting.count == 1)
    #expect(waiting[0].cellIDs.count == 10 && waiting[0].subjects == 5)
    #expect(waiting[0].blockage.explanation == "wait for 5 variants to be generated")

    let reviews = (blockers(.variantApproval, 30) + blockers(.held, 1)).folded()
    #expect(reviews.filter { $0.cause == .variantApproval }.count == 9)
    #expect(reviews[0].subjects == 22 && reviews[0].cellIDs.count == 44)
    #expect(reviews[0].blockage.remedies.first == "variants where status=review   tells which")
    #expect(reviews.flatMap(\.cellIDs).count == 62)
    #expect(blockers(.variantApproval, 8).folded().allSatisfy { $0.subjects == 1 })
  }

  @Test(arguments: BlockCause.allCases) func `several of a cause have a sentence and a remedy too`(_ cause: BlockCause)
  {
    var blocker = Self.blocker(cause)
    (blocker.character, blocker.variantType, blocker.detail, blocker.subjects) = (nil, nil, nil, 3)
    #expect(!blocker.blockage.explanation.isEmpty && !blocker.blockage.explanation.contains("?"))
    #expect(!blocker.blockage.remedies.isEmpty)
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

  @Test func `a forecast needs work and somebody who does it`() {
    #expect(Forecast.seconds(work: 60, slots: 4) == 15)
    #expect(Forecast.seconds(work: 60, slots: 0) == nil)
    #expect(Forecast.seconds(work: nil, slots: 4) == nil)
  }

  @Test func `counts of a matrix leave out positions without a cell`() {
    let cell = MatrixCell(id: CellID(1), status: .approved, stale: true)
    let member = AxisMember(id: 1, name: "a")
    let matrix = Matrix(
      project: "p", run: "r", rows: [member], columns: [member, member], subcolumns: [member], cells: [cell, nil])
    #expect(matrix.counts == [.approved: 1] && matrix.staleCount == 1)
  }
}

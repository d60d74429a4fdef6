import Model
import Testing

@testable import Shell

@Suite struct `News` {
  private let start = ContinuousClock.now

  private func event(_ kind: String, _ entity: String, _ count: Int = 1, run: Int64? = 1) -> EventGroup {
    EventGroup(run: run.map { RunID($0) }, kind: kind, entity: entity, count: count)
  }

  @Test func `what is alike comes in one line, and what nobody has to know in none`() {
    var desk = NewsDesk()
    desk.note([event("generated", "variants", 2), event("failed", "takes"), event("queued", "variants", 40)])
    desk.note([event("generated", "variants"), event("generated", "segments", 9)])
    #expect(
      desk.take(at: start) == [
        "1 take failed: cells where status=failed | why", "3 variants to approve: variants where status=review",
      ])
    #expect(desk.take(at: start + .seconds(60)).isEmpty)
  }

  @Test func `a delivery comes with the statement that names its run`() {
    var desk = NewsDesk()
    desk.note([event("delivered", "deliveries")])
    #expect(desk.take(at: start) == ["a run is delivered: deliveries | sort -id | take 1"])
  }

  @Test func `news come the more rarely the longer they go on, and at once after a quiet time`() {
    var desk = NewsDesk()
    func tell(after seconds: Int) -> Bool {
      desk.note([event("failed", "takes")])
      return !desk.take(at: start + .seconds(seconds)).isEmpty
    }
    #expect([0, 1, 2, 5, 6, 13, 14].map(tell) == [true, false, true, false, true, false, true])
    #expect(tell(after: 100))
    #expect(tell(after: 102))
  }

  @Test func `mine is the run in use, off is nothing`() {
    var desk = NewsDesk()
    desk.moved(to: RunID(1))
    desk.mode = .mine
    desk.note([event("failed", "takes", run: 2)])
    desk.note([ColleagueAction(id: 1, user: "bo", verb: "approve", entity: "cells", changed: 3, run: "spring")])
    #expect(desk.take(at: start).isEmpty)
    desk.note([event("failed", "takes", run: 1)])
    #expect(desk.take(at: start).count == 1)
    desk.mode = .off
    desk.note([event("failed", "takes", run: 1)])
    #expect(desk.take(at: start + .seconds(100)).isEmpty)
  }

  @Test func `a colleague's actions add up by verb, a run's end and a low budget are told once`() {
    var desk = NewsDesk()
    for id in 1...3 {
      desk.note([ColleagueAction(id: Int64(id), user: "bo", verb: "approve", entity: "cells", changed: 2, run: nil)])
    }
    var standing = ProductionStanding()
    standing.cells = [.approved: 3, .qaReview: 1]
    standing.budgetsLeft = ["GPU hours": 0.5]
    desk.note(standing, run: nil)
    standing.cells = [.approved: 4]
    standing.budgetsLeft = ["GPU hours": 0.08]
    desk.note(standing, run: nil)
    desk.note(standing, run: nil)
    #expect(
      desk.take(at: start) == [
        "every cell of the run is approved: deliver", "the budget runs low: 8% of the GPU hours are left",
        "bo: approve 6 cells",
      ])
  }
}

@Suite struct `A watched screen` {
  @Test func `marks what is new, stays within the screen, and leaves the whole last frame`() {
    var screen = WatchScreen(columns: 40, rows: 5)
    #expect(screen.draw("a 1\nb 2\n", footer: "  f") == "  a 1\n  b 2\n  f")
    #expect(screen.draw("a 1\nb 2\n", footer: "  f") == nil)
    #expect(screen.draw("a 1\nb 3\n", footer: "  f") == "\r\u{1B}[2A\u{1B}[J  a 1\n* b 3\n  f")
    let tall = (1...9).map { "r \($0)" }.joined(separator: "\n")
    let cut = screen.draw(tall, footer: "  f")
    #expect(cut?.hasSuffix("* r 1\n* r 2\n  ... 7 more lines\n  f") == true)
    #expect(screen.last() == "\r\u{1B}[3A\u{1B}[J" + tall + "\n")
  }
}

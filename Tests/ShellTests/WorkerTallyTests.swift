import Shell
import Testing

@Suite struct `What a worker says of itself` {
  @Test func `the pace is that of the last seconds`() {
    var tally = WorkerTally()
    #expect(tally.words(inHand: 0, done: 0, at: .zero) == "0 jobs in hand, 0 done")
    #expect(tally.words(inHand: 1, done: 40, at: .seconds(2)) == "1 job in hand, 40 done (20 a second)")
    #expect(tally.words(inHand: 2, done: 1_000, at: .seconds(4)) == "2 jobs in hand, 1,000 done (250 a second)")
    #expect(tally.words(inHand: 2, done: 1_001, at: .seconds(9)) == "2 jobs in hand, 1,001 done (12 a minute)")
    #expect(tally.words(inHand: 0, done: 1_001, at: .seconds(60)) == "0 jobs in hand, 1,001 done")
  }
}

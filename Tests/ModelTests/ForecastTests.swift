import Testing

@testable import Model

@Suite struct ForecastTests {
  private func work(
    _ seconds: Double = 600, longest: Double = 10, chains: Int = 100, slots: Int = 4, runs: Int = 1,
    lately: Forecast.Pace? = nil
  ) -> Forecast.Workload {
    .init(seconds: seconds, longest: longest, chains: chains, slots: slots, runs: runs, lately: lately)
  }

  @Test func `it needs work and somebody who does it`() {
    #expect(Forecast.seconds(work()) == 150)
    #expect(Forecast.seconds(work(0)) == nil)
    #expect(Forecast.seconds(work(slots: 0)) == nil)
    #expect(Forecast.seconds(work: 60, slots: 4) == 15)
    #expect(Forecast.seconds(work: nil, slots: 4) == nil)
  }

  @Test func `other runs have their share of the slots, but a run that works has one at least`() {
    #expect(Forecast.seconds(work(runs: 2)) == 300)
    #expect(Forecast.seconds(work(runs: 40)) == 600)
  }

  @Test func `segments of a take wait for one another`() {
    #expect(Forecast.seconds(work(longest: 200)) == 200)
    #expect(Forecast.seconds(work(chains: 2)) == 300)
    #expect(Forecast.seconds(work(chains: 0)) == 600)
  }

  @Test func `what was observed counts the more, the more jobs it is of`() {
    func seconds(_ jobs: Int, _ worked: Double) -> Double? {
      Forecast.seconds(work(lately: .init(jobs: jobs, seconds: worked, elapsed: 100)))
    }
    // Four slots that did the work of two.
    #expect(seconds(5, 200) == 200)
    #expect((seconds(1000, 200) ?? 0) > 298)
    // Nobody did anything yet, or it was faster than all slots together can be.
    #expect(seconds(0, 0) == 150)
    #expect(seconds(1000, 4000) == 150)
  }

  @Test func `work that is added at the pace at which it is done leaves the rest of the forecast alone`() throws {
    let pace = Forecast.Pace(jobs: 50, seconds: 400, elapsed: 100)
    let before = try #require(Forecast.seconds(work(600, lately: pace)))
    let after = try #require(Forecast.seconds(work(660, lately: pace)))
    #expect(after > before && after - before < 16)
  }
}

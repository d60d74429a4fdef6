import Testing

@testable import PostgresClient

@Suite struct TransactionGateTests {
  @Test func `calls go one at a time, in order`() {
    var gate = TransactionGate()
    let first = gate.enter([], id: 1)
    let second = gate.enter([], id: 2)
    let third = gate.enter([], id: 3)
    #expect(first && !second && !third)
    let step1 = gate.leave()
    #expect(step1 == 2)
    let step2 = gate.leave()
    #expect(step2 == 3)
    let step3 = gate.leave()
    #expect(step3 == nil)
    #expect(!gate.isBusy)
  }

  @Test func `only the innermost transaction gets through`() {
    var gate = TransactionGate()
    let step4 = gate.enter([], id: 1)
    #expect(step4)
    gate.open(10)
    let step5 = gate.leave()
    #expect(step5 == nil)
    let outsider = gate.enter([], id: 2)
    let insider = gate.enter([10], id: 3)
    #expect(!outsider && insider)
    gate.open(20)
    let step6 = gate.leave()
    #expect(step6 == nil)
    let outer = gate.enter([10], id: 4)
    let inner = gate.enter([10, 20], id: 5)
    #expect(!outer && inner)
    gate.close(20)
    let step7 = gate.leave()
    #expect(step7 == 4)
    gate.close(10)
    let step8 = gate.leave()
    #expect(step8 == 2)
  }

  @Test func `a task that outlives its transaction counts as outside`() {
    var gate = TransactionGate()
    let step9 = gate.enter([7], id: 1)
    #expect(step9)
    #expect(gate.scope(of: [7]) == nil)
  }

  @Test func `who gives up is not called`() {
    var gate = TransactionGate()
    _ = gate.enter([], id: 1)
    _ = gate.enter([], id: 2)
    let step10 = gate.abandon(2)
    #expect(step10)
    let step11 = gate.abandon(2)
    #expect(!step11)
    let step12 = gate.leave()
    #expect(step12 == nil)
  }

  @Test func `a stream's reader would wait for itself`() {
    var gate = TransactionGate()
    _ = gate.enter([], id: 1)
    gate.beginStreaming(5)
    #expect(gate.wouldWaitForItself([3, 5]))
    #expect(!gate.wouldWaitForItself([3]))
    _ = gate.leave()
    #expect(!gate.wouldWaitForItself([5]))
  }
}

@Suite struct StatementCacheTests {
  private func key(_ text: String) -> StatementCache.Key { StatementCache.Key(text: text, types: []) }

  @Test func `prepares at the second use, and makes room for the newest`() {
    var cache = StatementCache(capacity: 2)
    let step13 = cache.plan(key("a"))
    #expect(step13 == .direct)
    let step14 = cache.plan(key("a"))
    #expect(step14 == .prepare(name: "callsheet_1", evicted: nil))
    let step15 = cache.plan(key("a"))
    #expect(step15 == .prepared(name: "callsheet_1"))
    let step16 = cache.plan(key("b"))
    #expect(step16 == .direct)
    let step17 = cache.plan(key("c"))
    #expect(step17 == .direct)
    #expect(cache.count == 2)
    let step18 = cache.plan(key("c"))
    #expect(step18 == .prepare(name: "callsheet_2", evicted: "callsheet_1"))
    let step19 = cache.preparedName(key("a"))
    #expect(step19 == nil)
    let step20 = cache.preparedName(key("c"))
    #expect(step20 == "callsheet_2")
  }

  @Test func `types make another statement`() {
    var cache = StatementCache(capacity: 9)
    _ = cache.plan(StatementCache.Key(text: "a", types: [20]))
    let step21 = cache.plan(StatementCache.Key(text: "a", types: [0]))
    #expect(step21 == .direct)
  }

  @Test func `capacity 0 prepares nothing`() {
    var cache = StatementCache(capacity: 0)
    for _ in 0..<3 {
      let plan = cache.plan(key("a"))
      #expect(plan == .direct)
    }
    #expect(cache.count == 0)
  }
}

@Suite struct ExchangeTests {
  @Test func `a limit asks to cancel once, then gives up`() {
    let exchange = Exchange(Exchange.Limits(timeLimit: .seconds(1), interrupt: nil))
    let now = ContinuousClock.now
    #expect(exchange.step(now: now) != .requestCancel)
    #expect(exchange.step(now: now + .seconds(2)) == .requestCancel)
    #expect(exchange.stop == .timedOut)
    #expect(exchange.step(now: now + .seconds(3)) == .wait(until: now + .seconds(2) + Exchange.graceAfterCancel))
    #expect(exchange.step(now: now + .seconds(60)) == .giveUp)
  }

  @Test func `waits are rounded up`() {
    #expect(Link.milliseconds(.microseconds(1)) == 1)
    #expect(Link.milliseconds(.seconds(-1)) == 0)
    #expect(Link.milliseconds(.seconds(1)) == 1001)
  }
}

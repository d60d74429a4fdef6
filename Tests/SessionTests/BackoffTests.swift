import Testing

@testable import Session

@Suite struct `The pause before the next try` {
  @Test func `grows, is bounded, and is short again after a success`() {
    var pause = Backoff()
    let pauses = (0..<12).map { _ in pause.next() }
    #expect(pauses.prefix(5) == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
    #expect(pauses.dropFirst(5).allSatisfy { $0 == .seconds(5) })
    pause.reset()
    #expect(pause.next() == .milliseconds(250))
    #expect(pause.next() == .milliseconds(500))
  }
}

import Synchronization

/// Lets another thread call off what a connection is doing, or is about to do.
final class Interrupt: Sendable {
  private let calledOff = Atomic<Bool>(false)
  private let descriptor: EventDescriptor

  init(_ descriptor: EventDescriptor) { self.descriptor = descriptor }

  var isCalledOff: Bool { calledOff.load(ordering: .acquiring) }

  func callOff() {
    calledOff.store(true, ordering: .releasing)
    descriptor.signal()
  }
}

/// One call's dealings with the server: how long it may take, and how it is being stopped if it is.
final class Exchange {
  enum Stop: Equatable {
    case timedOut, cancelled
  }

  /// What a wait should do next.
  enum Step: Equatable {
    /// Wait, at most until then.
    case wait(until: ContinuousClock.Instant?)
    /// Ask the server to stop, then wait on.
    case requestCancel
    /// The server has not answered even the request to stop: drop the connection.
    case giveUp
  }

  /// How long a server that was asked to stop may take before the connection is dropped.
  static let graceAfterCancel: Duration = .seconds(5)

  /// The values of the statement, kept out of what an error shows.
  var bindings: [String] = []
  private(set) var stop: Stop?
  var cancelRequest: CancelRequest?
  private let deadline: ContinuousClock.Instant?
  private let interrupt: Interrupt?
  private var lastDeadline: ContinuousClock.Instant?

  /// How long a call may take, and what calls it off. Without an interrupt cancelling the task does not touch it: a
  /// rollback, for example.
  struct Limits: Sendable {
    var timeLimit: Duration?
    var interrupt: Interrupt?
  }

  init(_ limits: Limits) {
    deadline = limits.timeLimit.map { ContinuousClock.now + $0 }
    interrupt = limits.interrupt
  }

  var isCalledOff: Bool { interrupt?.isCalledOff ?? false }

  /// Ends the exchange early from the inside, as a reader does that has seen enough.
  func callOff(now: ContinuousClock.Instant = .now) {
    if stop == nil { begin(.cancelled, now) }
  }

  func step(now: ContinuousClock.Instant) -> Step {
    if let lastDeadline { return now >= lastDeadline ? .giveUp : .wait(until: lastDeadline) }
    if isCalledOff {
      begin(.cancelled, now)
      return .requestCancel
    }
    if let deadline, now >= deadline {
      begin(.timedOut, now)
      return .requestCancel
    }
    return .wait(until: deadline)
  }

  private func begin(_ reason: Stop, _ now: ContinuousClock.Instant) {
    stop = reason
    lastDeadline = now + Self.graceAfterCancel
  }

  /// The error of a call that was stopped.
  static func error(of stop: Stop) -> PostgresError {
    switch stop {
    case .timedOut: PostgresError(.timedOut, "the statement took longer than its time limit and was cancelled")
    case .cancelled: PostgresError(.cancelled, "the statement was cancelled")
    }
  }
}

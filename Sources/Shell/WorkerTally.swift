import Rendering

/// What a worker has in hand and how fast it goes, in a few words. Pure: it is told the time.
public struct WorkerTally {
  private struct Sample {
    var done: Int
    var at: Duration
  }

  /// Of the last seconds, oldest first.
  private var samples: [Sample] = []

  private static let span = Duration.seconds(5)

  public init() {}

  /// `done` counts from the start of the worker, `time` too.
  public mutating func words(inHand: Int, done: Int, at time: Duration) -> String {
    samples.removeAll { time - $0.at > Self.span }
    samples.append(Sample(done: done, at: time))
    let words = "\(Wording.count(inHand, "jobs")) in hand, \(Wording.grouped(done)) done"
    guard let first = samples.first, time > first.at, done > first.done else { return words }
    let pace = Double(done - first.done) / ((time - first.at) / .seconds(1))
    return words
      + " (\(pace < 1 ? Wording.number(pace * 60, decimals: 0) + " a minute" : Wording.figure(pace) + " a second"))"
  }
}

/// When work will be done.
public enum Forecast {
  /// What is left of a run, in seconds of one slot, and who is there to do it.
  public struct Workload: Equatable, Sendable {
    /// Of all jobs that are queued or run, and of those that follow them without anybody's word.
    public var seconds: Double
    /// Of the longest chain of jobs that wait for one another.
    public var longest: Double
    /// How many chains there are: no more jobs can run at a time.
    public var chains: Int
    /// Of live workers that take such jobs.
    public var slots: Int
    /// Runs that have work for them, this one included.
    public var runs: Int
    /// What was done for the run lately.
    public var lately: Pace?

    public init(seconds: Double, longest: Double, chains: Int, slots: Int, runs: Int, lately: Pace? = nil) {
      self.seconds = seconds
      self.longest = longest
      self.chains = chains
      self.slots = slots
      self.runs = runs
      self.lately = lately
    }
  }

  /// Work that was done: how many jobs, how many seconds they took in all, and in how many seconds that was.
  public struct Pace: Equatable, Sendable {
    public var jobs: Int
    public var seconds: Double
    public var elapsed: Double

    public init(jobs: Int, seconds: Double, elapsed: Double) {
      self.jobs = jobs
      self.seconds = seconds
      self.elapsed = elapsed
    }
  }

  /// So many finished jobs weigh as much as what the slots promise.
  private static let jobsToBelieve = 5.0

  /// Until everything that can run has run. nil: nothing is left, or nobody works.
  ///
  /// A run has its share of the slots, as queues are fair between runs, and uses no more of them than it has chains. What was
  /// observed counts the more, the more jobs it is of: it knows what no share does, such as a machine that others use.
  public static func seconds(_ work: Workload) -> Double? {
    guard work.seconds > 0, work.slots > 0 else { return nil }
    let share = Swift.max(1, Double(work.slots) / Double(Swift.max(1, work.runs)))
    let most = Double(Swift.max(1, work.chains))
    var speed = Swift.min(share, most)
    if let lately = work.lately, lately.elapsed > 0, lately.seconds > 0 {
      let observed = Swift.min(lately.seconds / lately.elapsed, Double(work.slots), most)
      let jobs = Double(lately.jobs)
      speed = (speed * jobsToBelieve + observed * jobs) / (jobsToBelieve + jobs)
    }
    return Swift.max(work.longest, work.seconds / speed)
  }

  /// Work in seconds of one slot, spread over the slots that live. nil: unknown, or nobody works.
  public static func seconds(work: Double?, slots: Int) -> Double? {
    guard let work, slots > 0 else { return nil }
    return work / Double(slots)
  }
}

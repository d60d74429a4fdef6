import Foundation
import Logging
import Model
import PostgresClient
import Store

public struct WorkerOptions: Sendable {
  public var name: String
  public var slots: Int
  /// In the order in which free slots look for work.
  public var kinds: [JobKind]
  /// End when nothing is left to do.
  public var drain: Bool
  /// Do this job and no other, and end with it.
  public var only: JobID?
  /// How long work in hand may go on after `stop` before it is handed back.
  public var grace: Duration

  /// What checks is quick and lets a person go on, so it comes first.
  public static let allKinds: [JobKind] = [.sourceQA, .sceneQA, .delivery, .variant, .segment, .noop]

  public init(
    name: String, slots: Int, kinds: [JobKind] = WorkerOptions.allKinds, drain: Bool = false, only: JobID? = nil,
    grace: Duration = .seconds(20)
  ) {
    self.name = name
    self.slots = slots
    self.kinds = kinds
    self.drain = drain
    self.only = only
    self.grace = grace
  }
}

/// Claims jobs and does them until it is stopped, or until nothing is left.
public actor Worker {
  /// A job from the moment it is claimed to the moment its end is recorded. Only what is here gets its lease renewed.
  private struct Hand {
    let job: ClaimedJob
    let task: Task<JobReport, Never>
    var progress: Double?
  }

  private let options: WorkerOptions
  private let media: MediaFolder
  /// For claims and for reading what jobs are about: nothing here waits for a lock.
  private let link: DatabaseLink
  /// For results, which wait while a producer changes the project. Heartbeats and rescues have links of their own as well,
  /// so that such a wait never costs a lease.
  private let results: DatabaseLink
  private let pulse: DatabaseLink
  /// Listens for events as well: it is idle but for a statement every few seconds.
  private let rescueLink: DatabaseLink
  private let publisher: EventPublisher
  private let logger: Logger
  private var inHand: [AttemptID: Hand] = [:]
  private var registration: Task<WorkerID, any Error>?
  private var lease = Duration.seconds(30)
  private var floors = ClaimFloors(now: .now)
  private var stopping = false
  /// When what is in hand is handed back; nil before `stop`.
  private var deadline: ContinuousClock.Instant?
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  public private(set) var finishedJobs = 0
  public var jobsInHand: Int { inHand.count }

  public init(
    options: WorkerOptions, media: MediaFolder, logger: Logger,
    connect: @escaping @Sendable () async throws -> PostgresConnection
  ) {
    self.options = options
    self.media = media
    self.logger = logger
    link = DatabaseLink(logger: logger, open: connect)
    results = DatabaseLink(logger: logger, open: connect)
    pulse = DatabaseLink(logger: logger, open: connect)
    rescueLink = DatabaseLink(logger: logger, open: connect)
    publisher = EventPublisher(logger: logger, connect: connect)
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes no more jobs; `run` returns when those in hand are finished or, after the grace, handed back.
  public func stop() { stop(after: options.grace) }

  private func stop(after grace: Duration) {
    stopping = true
    deadline = min(deadline ?? .now + grace, .now + grace)
    registration?.cancel()
    wake.yield()
  }

  /// Works until it is stopped or done. Cancelling the calling task stops it without any grace.
  public func run() async throws {
    // A task of its own, since handing back takes statements, and a cancelled task can make none.
    let life = Task { try await self.live() }
    try await withTaskCancellationHandler {
      try await life.value
    } onCancel: {
      Task { await self.stop(after: .zero) }
    }
  }

  private func live() async throws {
    guard let worker = try await register() else { return await closeLinks() }
    lease = try await link.retrying { try await Queue($0).lease() }
    let chores = [
      Task { await self.beat(worker) }, Task { await self.rescueDead(worker) }, Task { await self.tick() },
      Task { await self.listen() }, Task { await self.publisher.run() }, Task { await self.dropOld() },
    ]
    await claimUntilDone(worker)
    chores[1].cancel()
    await finishInHand()
    for chore in chores { chore.cancel() }
    for chore in chores { await chore.value }
    try? await Queue(link.connection()).unregister(worker)
    await closeLinks()
  }

  /// nil when it was stopped before the database was there.
  private func register() async throws -> WorkerID? {
    if stopping { return nil }
    let task = Task { [link, options] in
      try await link.retrying { connection in
        try await Queue(connection).register(
          name: options.name, host: ProcessInfo.processInfo.hostName, pid: Int(getpid()), kinds: options.kinds,
          slots: options.slots)
      }
    }
    registration = task
    do {
      return try await task.value
    } catch {
      await closeLinks()
      if stopping { return nil }
      throw error
    }
  }

  private func closeLinks() async {
    for link in [link, results, pulse, rescueLink] { await link.close() }
  }

  /// For what no event tells: a retry whose time has come, a lost notification.
  private func tick() async {
    while !Task.isCancelled {
      wake.yield()
      try? await Task.sleep(for: .seconds(1))
    }
  }

  /// What is over and older than it is kept goes a little at a time, here and at no prompt.
  private func dropOld() async {
    while !Task.isCancelled {
      let isMore = (try? await Retention(rescueLink.connection()).step()) ?? false
      try? await Task.sleep(for: isMore ? .milliseconds(100) : .seconds(60))
    }
  }

  private func listen() async {
    while !Task.isCancelled {
      if let notifications = try? await rescueLink.connection().listen(EventReader.channel) {
        for await _ in notifications { wake.yield() }
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }
}

// MARK: - Taking jobs

extension Worker {
  private func claimUntilDone(_ worker: WorkerID) async {
    for await _ in wakes {
      if stopping { return }
      do {
        let claimed = try await claim(worker)
        if claimed == 0, inHand.isEmpty, try await isDone() { return }
      } catch {
        let trouble = (error as? PostgresError).flatMap { $0.isAway ? $0.trouble : nil }
        logger.error("\(trouble ?? "claiming failed")", metadata: ["cause": "\(error)"])
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func isDone() async throws -> Bool {
    if let job = options.only { return try await Queue(link.connection()).isEnded(job) }
    guard options.drain else { return false }
    return try await Queue(link.connection()).isIdle(kinds: options.kinds)
  }

  /// Claims for every free slot and starts each job as soon as it is claimed: what goes wrong with the next kind is no
  /// reason to drop it.
  private func claim(_ worker: WorkerID) async throws -> Int {
    var count = 0
    for kind in options.kinds {
      let free = options.slots - inHand.count
      if free <= 0 || stopping { break }
      // Not repeated when the connection is lost: a claim whose answer never came is rescued when its lease ends.
      let (claimed, floor) = try await Queue(link.connection()).claim(
        kind, limit: free, worker: worker, only: options.only, behind: floors.floor(of: kind, now: .now))
      floors.claimed(kind, upTo: floor)
      count += claimed.count
      if kind == .noop {
        try await finishAtOnce(claimed, worker)
        continue
      }
      for job in claimed { start(job, worker) }
      if kind == .segment || kind == .variant { Task { await self.show(claimed, worker) } }
    }
    return count
  }

  /// Jobs with nothing to do are over in one statement, however many: what is left is the queue itself.
  private func finishAtOnce(_ jobs: [ClaimedJob], _ worker: WorkerID) async throws {
    if jobs.isEmpty { return }
    finishedJobs += try await Completions(link.connection()).fence(jobs.map { AttemptRecord(job: $0) }, worker: worker)
      .count
    wake.yield()
  }

  /// Only for those who look on, so that a job goes on without it.
  private func show(_ jobs: [ClaimedJob], _ worker: WorkerID) async {
    if jobs.isEmpty { return }
    do {
      try await Queue(results.connection()).markRunning(jobs, worker: worker)
    } catch {
      logger.warning("claimed jobs could not be shown as running", metadata: ["cause": "\(error)"])
    }
  }

  private func start(_ job: ClaimedJob, _ worker: WorkerID) {
    let id = job.attemptID
    let work = JobWork(
      job: job, link: link, media: media, onProgress: { share in Task { await self.note(share, of: id) } })
    let task = Task { await work.run() }
    inHand[id] = Hand(job: job, task: task)
    Task {
      let report = await task.value
      await self.settle(job, report, worker)
      self.inHand[id] = nil
      self.finishedJobs += 1
      self.wake.yield()
    }
  }

  private func note(_ share: Double, of id: AttemptID) {
    guard let hand = inHand[id] else { return }
    inHand[id]?.progress = max(share, hand.progress ?? 0)
  }
}

// MARK: - Ending jobs

extension Worker {
  private func settle(_ job: ClaimedJob, _ report: JobReport, _ worker: WorkerID) async {
    log(job, report)
    // Before the job is anyone else's: nobody wants these files.
    if !report.end.isResult { await remove(report.files) }
    do {
      let accepted = try await JobSettlement(link: results).settle(job, report, worker: worker)
      if !accepted { await remove(report.files) }
    } catch {
      // The lease is renewed no more and runs out; then the job is done again, and what this attempt made stays unused.
      logger.error("a result could not be recorded", metadata: ["job": "\(job.id)", "cause": "\(error)"])
    }
  }

  private func remove(_ files: [String]) async {
    if files.isEmpty { return }
    try? await onWaitingThread {
      for file in files { try? FileManager.default.removeItem(atPath: file) }
    }
  }

  private func log(_ job: ClaimedJob, _ report: JobReport) {
    let metadata: Logger.Metadata = ["job": "\(job.id)", "kind": "\(job.kind.rawValue)", "attempt": "\(job.attempt)"]
    if case .failed(let error, _) = report.end {
      logger.warning("attempt failed: \(error)", metadata: metadata)
    } else {
      logger.debug("attempt ended", metadata: metadata)
    }
  }

  private func finishInHand() async {
    while !inHand.isEmpty, ContinuousClock.now < (deadline ?? .now + options.grace) {
      try? await Task.sleep(for: .milliseconds(50))
    }
    for hand in inHand.values { hand.task.cancel() }
    // Generators get five seconds between the two signals.
    let end = ContinuousClock.now + .seconds(15)
    while !inHand.isEmpty, ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Renews the leases of what is in hand, and stops what was taken from this worker.
  private func beat(_ worker: WorkerID) async {
    while !Task.isCancelled {
      let held = Set(inHand.keys)
      let progress = inHand.compactMapValues(\.progress)
      let alive = try? await pulse.retrying {
        try await Queue($0).heartbeat(worker, held: held, progress: progress)
      }
      if let alive {
        for id in held.subtracting(alive) { inHand[id]?.task.cancel() }
      }
      try? await Task.sleep(for: lease / 15)
    }
  }

  /// Removes what workers of this machine that died have left half-written. One on another machine may have had another
  /// disk; where it had not, the next attempt at the job removes it.
  private func sweepAfterDead() async throws {
    let queue = Queue(try await rescueLink.connection())
    for dead in try await queue.unsweptDead(host: ProcessInfo.processInfo.hostName) {
      for attempt in try await queue.endedAttempts(of: dead) {
        await media.output(attempt.id, of: attempt.subject).discard()
      }
      try await queue.noteSwept(dead)
    }
  }

  private func rescueDead(_ worker: WorkerID) async {
    while !Task.isCancelled {
      do {
        try await JobSettlement(link: rescueLink).rescue(by: worker, held: Set(inHand.keys))
        try await sweepAfterDead()
      } catch {
        if !Task.isCancelled { logger.error("rescue failed", metadata: ["cause": "\(error)"]) }
      }
      try? await Task.sleep(for: lease / 6)
    }
  }
}

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
  private let options: WorkerOptions
  private let media: MediaFolder
  /// One for claims and results, one for heartbeats, so that a long transaction never costs a lease.
  private let link: DatabaseLink
  private let pulse: DatabaseLink
  private let logger: Logger
  private var running: [JobID: (job: ClaimedJob, task: Task<JobReport, Never>)] = [:]
  private var progress: [JobID: Double] = [:]
  private var stopping = false
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  public private(set) var finishedJobs = 0

  public init(
    options: WorkerOptions, media: MediaFolder, logger: Logger,
    connect: @escaping @Sendable () async throws -> PostgresConnection
  ) {
    self.options = options
    self.media = media
    self.logger = logger
    link = DatabaseLink(logger: logger, open: connect)
    pulse = DatabaseLink(logger: logger, open: connect)
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes no more jobs; `run` returns when those in hand are finished or, after the grace, handed back.
  public func stop() {
    stopping = true
    wake.yield()
  }

  public func run() async throws {
    let worker = try await link.retrying { [options] connection in
      try await Queue(connection).register(
        name: options.name, host: ProcessInfo.processInfo.hostName, pid: Int(getpid()), kinds: options.kinds,
        slots: options.slots)
    }
    let chores = Task { await self.beat(worker) }
    let rescuer = Task { await self.rescueDead() }
    let ticker = Task { [wake] in
      while !Task.isCancelled {
        wake.yield()
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    await claimUntilDone(worker)
    ticker.cancel()
    rescuer.cancel()
    await finishRunning(worker)
    chores.cancel()
    _ = try? await link.connection().transaction { [link] in
      try await Queue(link.connection()).unregister(worker)
    }
    await link.close()
    await pulse.close()
  }

  private func claimUntilDone(_ worker: WorkerID) async {
    for await _ in wakes {
      if stopping || Task.isCancelled { return }
      do {
        let claimed = try await claim(worker)
        for job in claimed { start(job, worker) }
        if claimed.isEmpty, running.isEmpty, try await isDone() { return }
      } catch {
        logger.error("claiming failed", metadata: ["cause": "\(error)"])
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func isDone() async throws -> Bool {
    if options.only != nil { return finishedJobs > 0 }
    guard options.drain else { return false }
    return try await link.retrying { [options] in try await Queue($0).isIdle(kinds: options.kinds) }
  }

  private func claim(_ worker: WorkerID) async throws -> [ClaimedJob] {
    var claimed: [ClaimedJob] = []
    for kind in options.kinds {
      let free = options.slots - running.count - claimed.count
      if free <= 0 { break }
      // Not repeated when the connection is lost: a claim whose answer never came is rescued when its lease ends.
      claimed += try await Queue(link.connection()).claim(kind, limit: free, worker: worker, only: options.only)
    }
    let shown = claimed.filter { $0.kind == .segment || $0.kind == .variant }
    if !shown.isEmpty {
      try await link.retrying { connection in
        try await connection.transaction {
          try await ProjectLock(connection).take(Array(Set(shown.compactMap(\.projectID))))
          try await Queue(connection).markRunning(shown, worker: worker)
        }
      }
    }
    return claimed
  }

  private func start(_ job: ClaimedJob, _ worker: WorkerID) {
    let work = JobWork(
      job: job, link: link, media: media,
      onProgress: { share in Task { await self.note(share, of: job.id) } })
    let task = Task { await work.run() }
    running[job.id] = (job, task)
    Task {
      let report = await task.value
      await self.settle(job, report, worker)
      self.running[job.id] = nil
      self.progress[job.id] = nil
      self.finishedJobs += 1
      self.wake.yield()
    }
  }

  private func note(_ share: Double, of job: JobID) {
    if running[job] != nil { progress[job] = max(share, progress[job] ?? 0) }
  }

  private func settle(_ job: ClaimedJob, _ report: JobReport, _ worker: WorkerID) async {
    log(job, report)
    do {
      let accepted = try await JobSettlement(link: link).settle(job, report, worker: worker)
      if !accepted { report.files.forEach { try? FileManager.default.removeItem(atPath: $0) } }
    } catch {
      // The lease runs out and the job is done again; what this attempt made stays unused.
      logger.error("a result could not be recorded", metadata: ["job": "\(job.id)", "cause": "\(error)"])
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

  private func finishRunning(_ worker: WorkerID) async {
    let deadline = ContinuousClock.now + options.grace
    while !running.isEmpty, ContinuousClock.now < deadline {
      try? await Task.sleep(for: .milliseconds(50))
    }
    for entry in running.values { entry.task.cancel() }
    // Generators get five seconds between the two signals.
    let end = ContinuousClock.now + .seconds(15)
    while !running.isEmpty, ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Renews the leases, and stops what was taken from this worker.
  private func beat(_ worker: WorkerID) async {
    while !Task.isCancelled {
      let held = Set(running.keys)
      let shares = progress
      if let alive = try? await pulse.retrying({ try await Queue($0).heartbeat(worker, progress: shares) }) {
        for id in held.subtracting(alive) { running[id]?.task.cancel() }
      }
      try? await Task.sleep(for: .seconds(2))
    }
  }

  private func rescueDead() async {
    while !Task.isCancelled {
      do {
        try await JobSettlement(link: pulse).rescue()
      } catch {
        if !Task.isCancelled { logger.error("rescue failed", metadata: ["cause": "\(error)"]) }
      }
      try? await Task.sleep(for: .seconds(5))
    }
  }
}

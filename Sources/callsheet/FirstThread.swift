import Dispatch
import Glibc
import Synchronization

/// The process's first thread as a place for tasks. One statement of a script needs no pool of threads: to set that up,
/// and to hand work to and fro in it, takes longer than the statement.
final class FirstThread: TaskExecutor {
  static let executor = FirstThread()

  private let jobs = Mutex<[UnownedJob]>([])
  private let arrivals = DispatchSemaphore(value: 0)

  private init() {}

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    arrivals.signal()
  }

  /// Runs `work`, and whatever prefers this thread, until `work` has ended. To be called there, once.
  static func run(_ work: @escaping @Sendable () async -> Int32) -> Int32 {
    let ending = Ending()
    Task(executorPreference: executor) {
      let status = await work()
      ending.status.withLock { $0 = status }
    }
    while true {
      if let status = ending.status.withLock({ $0 }) { return status }
      executor.arrivals.wait()
      let next = executor.jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      next?.runSynchronously(on: executor.asUnownedTaskExecutor())
    }
  }

  private final class Ending: Sendable {
    let status = Mutex<Int32?>(nil)
  }
}

import CLibPQ
import Glibc
import Synchronization

/// The one thread on which a connection lives. libpq blocks and is not thread-safe, so the connection's actor runs here
/// and never on Swift's cooperative pool, which has only as many threads as the machine has cores.
///
/// `@unchecked Sendable`: `watch` is touched on the thread only; everything else is a constant or behind the mutex.
final class ConnectionThread: SerialExecutor, @unchecked Sendable {
  private struct Queue: Sendable {
    var jobs: [UnownedJob] = []
    var stopped = false
  }

  private let queue = Mutex(Queue())
  private let wake: EventDescriptor
  private let identity = Mutex<pthread_t?>(nil)
  /// A descriptor to look at while there is nothing to run, and what to call when it can be read.
  private var watch: (descriptor: Int32, onReadable: () -> Void)?

  init() throws(PostgresError) { wake = try EventDescriptor() }

  /// Starts the thread. It keeps this object alive until `stop()`.
  func start() throws(PostgresError) {
    var thread = pthread_t()
    let kept = Unmanaged.passRetained(self)
    // Signals are for threads that do not wait for a server.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let failure = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ConnectionThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, kept.toOpaque())
    if failure != 0 {
      kept.release()
      throw PostgresError(.connectionFailed, "no thread for the connection: \(String(cString: strerror(failure)))")
    }
    pthread_detach(thread)
  }

  /// Lets the thread end once it has run what is queued.
  func stop() {
    queue.withLock { $0.stopped = true }
    wake.signal()
  }

  /// Looks at the descriptor while idle. Call on the thread only.
  func setWatch(_ descriptor: Int32?, onReadable: @escaping () -> Void = {}) {
    watch = descriptor.map { ($0, onReadable) }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let wasEmpty = queue.withLock { queue in
      queue.jobs.append(job)
      return queue.jobs.count == 1
    }
    // The thread itself looks again before it waits.
    if wasEmpty, !isCurrent { wake.signal() }
  }

  /// Lets `assumeIsolated` work for what the thread does by itself while idle.
  func checkIsolated() {
    precondition(isCurrent, "off the connection's thread")
  }

  private var isCurrent: Bool { identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false } }

  private func run() {
    identity.withLock { $0 = pthread_self() }
    while true {
      let (jobs, stopped) = queue.withLock { queue in
        let taken = (queue.jobs, queue.stopped)
        queue.jobs.removeAll(keepingCapacity: true)
        return taken
      }
      for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
      if jobs.isEmpty {
        if stopped { return }
        waitForWork()
      }
    }
  }

  private func waitForWork() {
    var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
    if let watch { descriptors.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)) }
    // No time limit: an idle thread has nothing to give up on, and both stop() and a new job wake it.
    guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { return }
    if descriptors[0].revents != 0 { wake.drain() }
    if descriptors.count > 1, descriptors[1].revents != 0 { watch?.onReadable() }
  }
}

/// An eventfd: one thread signals, another polls.
final class EventDescriptor: Sendable {
  let descriptor: Int32

  init() throws(PostgresError) {
    descriptor = callsheet_eventfd()
    if descriptor < 0 {
      throw PostgresError(.connectionFailed, "no descriptor for the connection: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func drain() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}

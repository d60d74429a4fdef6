import Foundation
import Synchronization

/// A program is started and a pipe is made one at a time, so that none inherits the end of a pipe that is being made.
private let starting = Mutex(())

/// A program that a test started. It has the three descriptors it was given and no other, so that what it leaves running
/// keeps nothing of the tests' open; and whether it still runs is asked without waiting, because a thread that waits is
/// missing in Swift's pool, which has as few as there are processors.
final class ChildProcess: Sendable {
  let id: pid_t
  /// What `waitpid` said; nil before it has ended.
  private let ending = Mutex<Int32?>(nil)

  struct CouldNotStart: Error, CustomStringConvertible {
    let program: String
    let reason: Int32
    var description: String { "\(program): \(String(cString: strerror(reason)))" }
  }

  /// The descriptors stay the caller's to close.
  init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String, input: Int32,
    output: Int32, errors: Int32
  ) throws(CouldNotStart) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (own, its) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
      posix_spawn_file_actions_adddup2(&actions, own, its)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let words = (["env", "-C", folder, program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process = pid_t()
    let failure = starting.withLock { _ in
      for descriptor in Self.openDescriptors where descriptor > STDERR_FILENO {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
      return posix_spawn(&process, "/usr/bin/env", &actions, &attributes, words, variables)
    }
    if failure != 0 { throw CouldNotStart(program: program, reason: failure) }
    id = process
  }

  private static var openDescriptors: [Int32] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return (names ?? []).compactMap { Int32($0) }
  }

  /// The exit code, or 128 and the number of the signal that ended it; nil while it runs.
  var status: Int32? {
    ending.withLock { ending in
      if ending == nil {
        var raw: Int32 = 0
        if waitpid(id, &raw, WNOHANG) != 0 { ending = raw }
      }
      return ending.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : 128 + ($0 & 0x7F) }
    }
  }

  /// Does nothing once it is known to have ended: its number may be another's by then.
  func signal(_ number: Int32) {
    ending.withLock { if $0 == nil { _ = Foundation.kill(id, number) } }
  }

  /// Ends it for good; the kernel does that at once.
  func kill() {
    ending.withLock { ending in
      if ending != nil { return }
      _ = Foundation.kill(id, SIGKILL)
      var raw: Int32 = 0
      while waitpid(id, &raw, 0) < 0, errno == EINTR {}
      ending = raw
    }
  }
}

/// Both ends of a pipe, which no program that is started inherits.
struct PipeEnds {
  let reading: Int32
  let writing: Int32

  init() throws(ChildProcess.CouldNotStart) {
    var ends: [Int32] = [-1, -1]
    let failure = starting.withLock { _ in
      let failure = pipe(&ends) == 0 ? 0 : errno
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return failure
    }
    if failure != 0 { throw ChildProcess.CouldNotStart(program: "pipe", reason: failure) }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// One end of a pipe or a file, closed once: by `close` or with the life of this value.
final class Descriptor: Sendable {
  private let number: Mutex<Int32>

  init(_ number: Int32) { self.number = Mutex(number) }

  /// -1 when it is closed.
  var value: Int32 { number.withLock { $0 } }

  func close() {
    number.withLock { number in
      if number >= 0 { Foundation.close(number) }
      number = -1
    }
  }

  deinit { close() }
}

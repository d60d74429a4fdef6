import Foundation
import Glibc

/// Runs one of PostgreSQL's programs to its end, or until its time limit, without blocking the caller's thread.
struct ServerCommand {
  let arguments: [String]
  /// Where it runs; it has to be enterable by the server's user, which the caller's own folder may not be.
  let folder: String
  /// Where both outputs go, appended.
  let log: String

  struct Failure: Error {
    let status: Int32
    let timedOut: Bool
  }

  /// No variable of the caller reaches the server: `PGDATA` or `PGPORT` would change where it is.
  private static let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "TZ=UTC"]

  func run(timeLimit: Duration) async throws {
    let pid = try spawn()
    let deadline = ContinuousClock.now + timeLimit
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) == 0 {
      if ContinuousClock.now > deadline {
        kill(-pid, SIGKILL)
        waitpid(pid, &status, 0)
        throw Failure(status: status, timedOut: true)
      }
      // Ended by the program or the limit alone: giving up halfway would leave the program running.
      await Task.detached { try? await Task.sleep(for: .milliseconds(3)) }.value
    }
    if status != 0 { throw Failure(status: status, timedOut: false) }
  }

  private func spawn() throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // The server outlives this process: it must not hold on to what was handed to it, such as a caller's pipe.
    for descriptor in Self.openDescriptors where descriptor > 2 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A session of its own: Ctrl-C at the prompt is not for the server.
    posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let command = ["/usr/bin/env", "--chdir=\(folder)"] + arguments
    let argv = command.map { strdup($0) } + [nil]
    let envp = Self.environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
    if status != 0 { throw ClusterError("cannot run \(arguments[0]): \(String(cString: strerror(status)))") }
    return pid
  }

  private static var openDescriptors: [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
  }
}

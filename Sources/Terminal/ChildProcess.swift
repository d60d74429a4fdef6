import Glibc

/// A program that takes the terminal over for a while: a pager, an editor.
enum ChildProcess {
  /// Starts a command line of the shell, in which `"$1"` and so on are the arguments; nil when that cannot be.
  static func spawn(
    _ command: String, _ environment: [String: String], _ arguments: [String] = [], input: Int32, output: Int32
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This thread blocks all signals and the process ignores SIGPIPE; the pager shall do neither.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var pipeSignal = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &pipeSignal)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments = (["sh", "-c", command, "sh"] + arguments).map { strdup($0) }
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
    arguments.append(nil)
    variables.append(nil)
    defer { for pointer in arguments + variables { free(pointer) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, &variables)
    return failure == 0 ? process : nil
  }

  /// Waits for the end of the process, on a thread that may wait; 0 when a signal ended it.
  static func exitCode(of process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { if errno != EINTR { return 0 } }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 0
  }
}

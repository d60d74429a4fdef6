import Foundation
import Glibc
import Store
import Synchronization

/// A small process that outlives the test run and then stops the server and removes its folder. It learns of the end
/// from its standard input, whose other side only this process holds, so it also does when the run is killed.
enum RunWatcher {
  private static let script = """
    cat > /dev/null
    base=$(readlink -f "$0/postgres")
    kill -QUIT $(head -n 1 "$base/data/postmaster.pid") 2> /dev/null
    sleep 0.5
    rm -rf "$base" "$0"
    """

  private static let spawning = Mutex(())

  static func start(folder: String) throws {
    // One at a time, so that no watcher inherits the other side of another's pipe.
    try spawning.withLock { _ in
      var pipe: [Int32] = [0, 0]
      guard Glibc.pipe(&pipe) == 0 else { throw CocoaError(.fileReadUnknown) }
      // The write side stays open, and in this process alone, until the process ends.
      _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
      defer { close(pipe[0]) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, pipe[0], 0)
      for output: Int32 in [1, 2] {
        posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
      }
      for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap({ Int32($0) })
      where descriptor > 2 {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
      let words = ["/usr/bin/setsid", "--fork", "/bin/sh", "-c", script, folder]
      let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      var pid: pid_t = 0
      guard posix_spawn(&pid, "/usr/bin/setsid", &actions, nil, arguments, environ) == 0 else {
        throw CocoaError(.executableLoad)
      }
      // setsid has forked and ends at once. Left unreaped it would keep Swift Testing's exit tests from seeing theirs.
      waitpid(pid, nil, 0)
    }
  }
}

/// A folder for a test that makes a cluster of its own in it, as `<folder>/postgres`. The server in it is stopped and
/// the folder removed at the end of the run at the latest.
public enum TestClusterFolder {
  /// Makes the folder, calls, stops what runs in it and removes it.
  public static func with<T: Sendable>(
    mode: mode_t = 0o755, depth: String = "", _ body: @Sendable (_ path: String) async throws -> T
  ) async throws -> T {
    let folder = "/tmp/callsheet-cluster-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    mkdir(folder, 0o755)
    try RunWatcher.start(folder: folder + depth)
    try FileManager.default.createDirectory(atPath: folder + depth, withIntermediateDirectories: true)
    chmod(folder, mode)
    do {
      let value = try await body(folder + depth + "/postgres")
      await remove(folder, folder + depth + "/postgres")
      return value
    } catch {
      await remove(folder, folder + depth + "/postgres")
      throw error
    }
  }

  private static func remove(_ folder: String, _ path: String) async {
    if let cluster = try? EmbeddedCluster(path: path, environment: [:]) {
      try? await cluster.stop()
      try? FileManager.default.removeItem(atPath: cluster.dataFolder)
    }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

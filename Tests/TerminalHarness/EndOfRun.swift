import Foundation
import Synchronization

/// Cleans up behind the tests also when their process dies in the middle: processes, clusters, mounted disks, folders.
enum EndOfRun {
  private static let folder = "/tmp/callsheet-e2e-\(getpid())"
  private static let homes = Mutex(0)

  /// Its standard input is a pipe whose other side only the tests' process holds, so the end of that stream is the end of
  /// that process. A process id may be another's by then; so it only ends what is a callsheet.
  private static let script = """
    trap '' HUP
    cat > /dev/null
    for note in "$0"/*/processes/*; do
      case $(readlink "/proc/${note##*/}/exe") in
      */callsheet) kill -CONT "${note##*/}"; kill -KILL "${note##*/}" ;;
      esac
    done 2> /dev/null
    for socket in "$0"/*/tmux*; do tmux -S "$socket" kill-server; done 2> /dev/null
    for file in "$0"/*/data/callsheet/postgres/data/postmaster.pid; do kill -QUIT "$(head -n 1 "$file")"; done 2> /dev/null
    while read -r _ place _; do
      case $place in "$0"/*) umount --lazy "$place" ;; esac
    done < /proc/mounts
    sleep 0.5
    rm -rf "$0"
    """

  private static let watcher: (input: Descriptor, process: ChildProcess)? = {
    guard let pipe = try? PipeEnds() else { return nil }
    let (reading, writing, nothing) = (
      Descriptor(pipe.reading), Descriptor(pipe.writing), Descriptor(open("/dev/null", O_WRONLY | O_CLOEXEC))
    )
    let process = try? ChildProcess(
      "/bin/sh", ["-c", script, folder], environment: ProcessInfo.processInfo.environment, folder: "/",
      input: reading.value, output: nothing.value, errors: nothing.value)
    return process.map { (writing, $0) }
  }()

  /// A new empty folder with a short path, which other users may enter.
  static func newFolder() throws -> String {
    _ = watcher
    let number = homes.withLock { count in
      count += 1
      return count
    }
    let path = "\(folder)/\(number)"
    try FileManager.default.createDirectory(atPath: path + "/processes", withIntermediateDirectories: true)
    return path
  }

  /// Remembers a process that has to end with the tests.
  static func note(_ process: pid_t, of home: String) {
    _ = FileManager.default.createFile(atPath: "\(home)/processes/\(process)", contents: nil)
  }

  static func remove(_ home: String) { try? FileManager.default.removeItem(atPath: home) }
}

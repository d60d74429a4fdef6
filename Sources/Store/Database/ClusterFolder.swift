import Foundation
import Glibc

/// Where the embedded cluster keeps its files. The server's own folder can be entered by its owner (and root) alone,
/// which is what makes it safe that the cluster asks nobody for a password.
struct ClusterFolder: Sendable, Equatable {
  /// Where the caller looks for it: `<data home>/callsheet/postgres`. Under root it may be a link, see `prepare`.
  let path: String
  let user: ServerUser

  /// Held while the cluster is made, started or stopped. Beside the folder, because it is there before the folder is.
  var lockFile: String { path + ".lock" }
  /// What a link stands for; the same path on every start.
  var base: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(path, &buffer, buffer.count)
    return length > 0 ? String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) : path
  }
  var data: String { base + "/data" }
  /// Where initdb works, so that a half-made cluster is never taken for one.
  var unfinished: String { base + "/data.unfinished" }
  var log: String { base + "/server.log" }
  /// There once the database `callsheet` is.
  var marker: String { base + "/created" }

  /// The data home of XDG: `$XDG_DATA_HOME` if absolute, else `~/.local/share`.
  static func dataHome(_ environment: [String: String]) -> String {
    if let home = environment["XDG_DATA_HOME"], home.hasPrefix("/") { return home }
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (home ?? getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) } ?? "/") + "/.local/share"
  }

  /// A socket's path has room for 107 bytes, and `/.s.PGSQL.5432` takes 14 of them. Where the folder's own path is longer
  /// the socket gets a folder in /tmp, named after the user and the cluster, which is checked before use.
  var socketFolder: String { Self.socketFolder(base: base, uid: user.uid) }

  static func socketFolder(base: String, uid: uid_t) -> String {
    let inside = base + "/socket"
    return inside.utf8.count + 14 <= 107 ? inside : "/tmp/callsheet-\(uid)-\(Fingerprint.of(base.utf8))"
  }

  /// Makes the folder above it, in which the lock file lies.
  func prepareParent() throws(ClusterError) {
    let parent = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true,
        attributes: [.posixPermissions: user.isHandedOver ? 0o755 : 0o700])
    } catch {
      throw Self.failure("make the folder", parent)
    }
  }

  /// Makes the folder, for the server's user alone. Where that user cannot reach it, as in root's home, the cluster lives
  /// in /var/lib/callsheet and a link leads there.
  func prepare() throws(ClusterError) {
    var info = stat()
    if lstat(path, &info) != 0, !user.canReach((path as NSString).deletingLastPathComponent) {
      let shared = "/var/lib/callsheet"
      if mkdir(shared, 0o755) != 0, errno != EEXIST { throw Self.failure("make the folder", shared) }
      if symlink("\(shared)/\(Fingerprint.of(path.utf8))", path) != 0 { throw Self.failure("make the link", path) }
    }
    try makePrivate(base)
  }

  /// Makes the socket's folder.
  func prepareSocketFolder() throws(ClusterError) { try makePrivate(socketFolder) }

  private func makePrivate(_ folder: String) throws(ClusterError) {
    let isNew = mkdir(folder, 0o700) == 0
    if !isNew, errno != EEXIST { throw Self.failure("make the folder", folder) }
    if isNew, user.isHandedOver, chown(folder, user.uid, user.gid) != 0 {
      throw Self.failure("hand over the folder", folder)
    }
    var info = stat()
    // lstat: a link in /tmp would be somebody else's doing.
    guard lstat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
      throw ClusterError("\(folder) is in the way: it is not a folder", hint: "move it away")
    }
    guard info.st_uid == user.uid, info.st_mode & 0o077 == 0 else {
      throw ClusterError(
        "\(folder) can be entered by others than the cluster's owner",
        hint: "it must belong to user \(user.uid) with mode 700; move it away if it is not yours")
    }
  }

  static func failure(_ what: String, _ path: String) -> ClusterError {
    let reason = String(cString: strerror(errno))
    return ClusterError(
      "cannot \(what) \(path): \(reason)",
      hint: "make it writable, or set XDG_DATA_HOME to a folder that is; or name a database with --database")
  }
}

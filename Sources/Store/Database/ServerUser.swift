import Foundation
import Glibc

/// The system user that the server runs as: the caller, or under root, which PostgreSQL refuses, an unprivileged one.
struct ServerUser: Equatable, Sendable {
  let name: String
  let uid: uid_t
  let gid: gid_t
  /// True when the server has to be started as somebody else.
  let isHandedOver: Bool

  /// - Throws: `ClusterError` when root finds nobody to hand the server to.
  static func forCaller(uid: uid_t = geteuid()) throws(ClusterError) -> ServerUser {
    if uid != 0 { return ServerUser(name: "", uid: uid, gid: getegid(), isHandedOver: false) }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name)?.pointee {
        return ServerUser(name: name, uid: entry.pw_uid, gid: entry.pw_gid, isHandedOver: true)
      }
    }
    throw ClusterError(
      "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it",
      hint: "useradd --system postgres")
  }

  /// The command as this user. `setpriv` belongs to util-linux, which every Debian has.
  func command(_ arguments: [String]) -> [String] {
    if !isHandedOver { return arguments }
    return ["/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--init-groups", "--"] + arguments
  }

  /// Whether this user can reach a folder, that is, enter it and all those above it.
  func canReach(_ path: String) -> Bool {
    if !isHandedOver { return true }
    var folder = path
    while true {
      var info = stat()
      if stat(folder, &info) == 0, !canEnter(info) { return false }
      if folder == "/" || folder.isEmpty { return true }
      folder = (folder as NSString).deletingLastPathComponent
    }
  }

  private func canEnter(_ info: stat) -> Bool {
    if info.st_uid == uid { return info.st_mode & 0o100 != 0 }
    if info.st_gid == gid { return info.st_mode & 0o010 != 0 }
    return info.st_mode & 0o001 != 0
  }
}

import Foundation

/// The folder a package is built in, beside its target, and the lock that goes with it.
///
/// The lock is on the folder itself and ends with the process, so what an interrupted delivery left is known to belong to
/// nobody and is removed by the next one to the same target.
struct PartialPackage: Sendable {
  let target: String
  let path: String
  private let lock: Int32

  /// - Throws: `DeliveryError` or `FileError`.
  init(target: String) throws {
    self.target = target
    path = "\(parent(of: target))/.partial-\((target as NSString).lastPathComponent)"
    try makeFolder(parent(of: target))
    lock = try Self.claim(path, target: target)
    do {
      guard access(target, F_OK) != 0 else { throw DeliveryError.targetExists(path: target) }
      for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    } catch {
      discard()
      throw error
    }
  }

  private static func claim(_ path: String, target: String) throws -> Int32 {
    // The one who had it may rename or remove it between our opening and our locking; then there is a new one to try.
    for _ in 0..<10 {
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError("make the folder", path) }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        if errno == ENOENT { continue }
        throw FileError("open", path)
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        throw DeliveryError.underWay(path: target)
      }
      var mine = stat()
      var named = stat()
      if fstat(descriptor, &mine) == 0, stat(path, &named) == 0, mine.st_ino == named.st_ino { return descriptor }
      close(descriptor)
    }
    throw DeliveryError.underWay(path: target)
  }

  /// Puts every file on the disk, gives the folder its final name, and lets go of it.
  func complete() throws {
    let entries = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    for entry in entries { try syncToDisk("\(path)/\(entry)") }
    try syncToDisk(path)
    guard access(target, F_OK) != 0 else { throw DeliveryError.targetExists(path: target) }
    guard rename(path, target) == 0 else { throw FileError("write", target) }
    try syncToDisk(parent(of: target))
    close(lock)
  }

  /// Removes all of it, and lets go.
  func discard() {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }
}

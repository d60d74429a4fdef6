import Foundation

/// Runs file system calls that may wait for a disk on a thread that is meant for waiting, not on one that tasks share.
func onWaitingThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global(qos: .utility).async {
      continuation.resume(with: Result(catching: work))
    }
  }
}

/// What the system said about a call on a file.
struct FileError: Error, Sendable, CustomStringConvertible {
  let operation: String
  let path: String
  let code: Int32

  /// Reads `errno`; to be made right after the call.
  init(_ operation: String, _ path: String) {
    self.code = errno
    self.operation = operation
    self.path = path
  }

  var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  var description: String {
    switch code {
    case ENOSPC, EDQUOT: "the disk of \(path) is full: free some space and try again"
    case EACCES, EPERM, EROFS:
      "\(path) may not be written (\(String(cString: strerror(code)))): choose another folder, or let this user write there"
    default: "cannot \(operation) \(path): \(String(cString: strerror(code)))"
    }
  }
}

/// Puts a file's or folder's content on the disk.
func syncToDisk(_ path: String) throws {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError("open", path) }
  defer { close(descriptor) }
  // Some file systems have nothing to sync for a folder and say so with EINVAL.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("write", path) }
}

/// Makes a folder and those above it; those that were made are put on the disk.
func makeFolder(_ path: String) throws {
  if mkdir(path, 0o777) == 0 {
    try syncToDisk(parent(of: path))
    return
  }
  if errno == EEXIST {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      errno = ENOTDIR
      throw FileError("make the folder", path)
    }
    return
  }
  guard errno == ENOENT, parent(of: path) != path else { throw FileError("make the folder", path) }
  try makeFolder(parent(of: path))
  guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError("make the folder", path) }
  try syncToDisk(parent(of: path))
}

func parent(of path: String) -> String { (path as NSString).deletingLastPathComponent }

/// Writes a new file, telling the system's own reason when it cannot.
func writeFile(_ data: Data, to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw FileError("write", path) }
  defer { close(descriptor) }
  var rest = [UInt8](data)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written > 0 else {
      if errno == EINTR { continue }
      throw FileError("write", path)
    }
    rest = rest.dropFirst(written)
  }
}

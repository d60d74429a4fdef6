import Foundation

/// A file that is whole, on the disk and known by its hash. Nothing writes to it again.
public struct Artifact: Equatable, Codable, Sendable {
  public let path: String
  public let sha256: String
  public let bytes: Int64

  public init(path: String, sha256: String, bytes: Int64) {
    self.path = path
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// Why an attempt's output is not an artifact.
public enum ArtifactError: Error, Equatable, Sendable, CustomStringConvertible {
  case nothingWritten
  case empty
  case notAFile
  case diskFull(folder: String)
  /// The folder may not be written, or is not one.
  case notWritable(cause: String)
  /// The attempt's place is taken: this result comes too late or twice.
  case alreadyThere(path: String)
  case other(cause: String)

  public var description: String {
    switch self {
    case .nothingWritten: "the generator exited with status 0 but wrote nothing to {output}"
    case .empty: "the generator wrote an empty file to {output}"
    case .notAFile: "the generator made something at {output} that is not a regular file"
    case .diskFull(let folder): "the disk of \(folder) is full: free some space and retry"
    case .notWritable(let cause): cause
    case .alreadyThere(let path): "\(path) is already there and is not overwritten: this result came twice or too late"
    case .other(let cause): cause
    }
  }
}

/// Where one attempt writes, and where its file ends up. Both belong to this attempt alone, in one folder.
public struct AttemptOutput: Equatable, Sendable {
  public let folder: String
  /// What the generator is given as `{output}`.
  public let partial: String
  public let path: String
  /// What earlier attempts may have left half-written: their workers died, or lost their leases, or there would be no
  /// later one.
  private let abandoned: [String]

  /// - Parameters:
  ///   - folder: absolute; it is made when it is missing.
  ///   - name: unique in the folder to this attempt, such as `segment-2-attempt-17`.
  ///   - suffix: the file's kind, such as `mp4`; generators choose the format by it.
  ///   - earlier: the names of the attempts before this one.
  public init(folder: String, name: String, suffix: String, earlier: [String] = []) {
    self.folder = folder
    func partial(_ name: String) -> String { "\(folder)/.partial-\(name).\(suffix)" }
    self.partial = partial(name)
    path = "\(folder)/\(name).\(suffix)"
    abandoned = earlier.map(partial)
  }

  /// Makes the folder, removes what earlier attempts left half-written, and tries that the folder can be written.
  ///
  /// - Throws: `ArtifactError`.
  public func prepare() async throws {
    try await translatingFileErrors {
      try makeFolder(folder)
      for file in abandoned + [partial] { try? FileManager.default.removeItem(atPath: file) }
      guard access(folder, W_OK | X_OK) == 0 else { throw FileError("write to", folder) }
      if freeBytes(of: folder) < Self.leastFreeBytes { throw ArtifactError.diskFull(folder: folder) }
    }
  }

  /// Makes an artifact of what the generator wrote: checks, syncs, hashes, and moves it to its final path, which must not
  /// exist. On any error the partial file is gone.
  ///
  /// - Throws: `ArtifactError`, or `MediaToolError` from hashing.
  public func publish() async throws -> Artifact {
    do {
      let bytes = try await translatingFileErrors {
        let bytes = try checkedSize()
        try syncToDisk(partial)
        return bytes
      }
      let sha256 = try await Checksum.sha256(of: partial)
      try await translatingFileErrors {
        try moveWithoutOverwriting(partial, to: path)
        try syncToDisk(folder)
      }
      return Artifact(path: path, sha256: sha256, bytes: bytes)
    } catch {
      await discard()
      throw error
    }
  }

  /// Removes what an attempt that did not succeed left behind.
  public func discard() async {
    _ = try? await onWaitingThread { try FileManager.default.removeItem(atPath: partial) }
  }

  /// The sentence to show instead of the generator's own when it failed because the disk is full; else nil.
  public func diskProblem() async -> String? {
    let free = try? await onWaitingThread { freeBytes(of: folder) }
    guard let free, free < Self.leastFreeBytes else { return nil }
    return ArtifactError.diskFull(folder: folder).description
  }

  /// With less than this a disk counts as full: no picture or segment fits.
  private static let leastFreeBytes: Int64 = 64 << 10

  private func checkedSize() throws -> Int64 {
    var status = stat()
    guard lstat(partial, &status) == 0 else {
      if errno == ENOENT { throw ArtifactError.nothingWritten }
      throw FileError("read", partial)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ArtifactError.notAFile }
    guard status.st_size > 0 else {
      throw freeBytes(of: folder) < Self.leastFreeBytes ? ArtifactError.diskFull(folder: folder) : .empty
    }
    return Int64(status.st_size)
  }

  private func translatingFileErrors<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    do {
      return try await onWaitingThread(work)
    } catch let error as FileError {
      switch error.code {
      case ENOSPC, EDQUOT: throw ArtifactError.diskFull(folder: folder)
      case EACCES, EPERM, EROFS, ENOTDIR: throw ArtifactError.notWritable(cause: error.description)
      case EEXIST: throw ArtifactError.alreadyThere(path: path)
      default: throw ArtifactError.other(cause: error.description)
      }
    }
  }
}

/// For an unprivileged process; a folder that cannot be asked counts as having room, the write will tell.
func freeBytes(of folder: String) -> Int64 {
  var status = statvfs()
  guard statvfs(folder, &status) == 0 else { return .max }
  let (bytes, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
    by: Int64(clamping: status.f_frsize))
  return overflow ? .max : bytes
}

/// Moves a file; fails with EEXIST when the target exists, also when two try at the same moment.
func moveWithoutOverwriting(_ source: String, to target: String) throws {
  // A second name never replaces a file, which a rename does.
  if link(source, target) == 0 {
    unlink(source)
    return
  }
  let cannotLink = errno == EPERM || errno == ENOTSUP || errno == ENOSYS
  guard cannotLink, access(target, F_OK) != 0 else {
    if cannotLink { errno = EEXIST }
    throw FileError("write", target)
  }
  // A file system without second names (FAT, some network ones).
  guard rename(source, target) == 0 else { throw FileError("write", target) }
}

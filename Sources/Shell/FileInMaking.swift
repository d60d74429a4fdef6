import Foundation
import Glibc
import Terminal

/// A file that is there whole or not at all: it is written beside its place under a name of its own, and takes the place
/// once everything is on the disk. A pipe or a device is written to as it is.
final class FileInMaking: Sendable {
  private let path: String
  /// nil where there is nothing to take the place of.
  private let temporaryPath: String?
  private let sink: OutputSink

  /// - Throws: `ExportError`.
  init(at path: String) throws(ExportError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw ExportError(path: path, cause: "it is a folder") }
    let isSpecial = exists && status.st_mode & S_IFMT != S_IFREG
    // A link stays one: what it points to is replaced.
    self.path = exists && !isSpecial ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
    temporaryPath = isSpecial ? nil : Self.temporaryPath(for: self.path)
    let descriptor: Int32
    if let temporaryPath {
      descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if exists, descriptor >= 0 { fchmod(descriptor, status.st_mode & 0o7777) }
    } else {
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    }
    if descriptor < 0 { throw ExportError(path: path, cause: String(cString: strerror(errno))) }
    sink = OutputSink(descriptor)
  }

  private static func temporaryPath(for path: String) -> String {
    let url = URL(fileURLWithPath: path)
    let name = ".\(url.lastPathComponent.prefix(100)).\(UInt32.random(in: 0 ... .max)).part"
    return url.deletingLastPathComponent().appending(path: name).path
  }

  /// - Throws: `ExportError`.
  func write(_ bytes: [UInt8]) throws(ExportError) {
    do {
      try sink.write(bytes: bytes)
    } catch {
      throw ExportError(path: path, cause: error == .closed ? "its reader has gone" : error.cause)
    }
  }

  /// Everything is written: the file takes its place.
  /// - Throws: `ExportError`; then `abandon` leaves nothing of it.
  func finish() throws(ExportError) {
    guard let temporaryPath else {
      close(sink.descriptor)
      return
    }
    guard fsync(sink.descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw ExportError(path: path, cause: String(cString: strerror(errno)))
    }
    close(sink.descriptor)
  }

  /// It is not wanted any more: nothing is left of it, and what had its name stays.
  func abandon() {
    close(sink.descriptor)
    if let temporaryPath { unlink(temporaryPath) }
  }
}

/// A file that could not be written.
public struct ExportError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let cause: String

  public var description: String { "\(path) cannot be written: \(cause)" }
}

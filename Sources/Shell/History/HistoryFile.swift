import Foundation
import Glibc
import Model

/// Statements kept between sessions, oldest first: a file of JSON lines. What is entered is written down at once, and how it
/// ended in a second line with the same id, so that a shell that is killed loses nothing. Several shells may append at
/// once: each line is one write to a file opened for appending, under a lock. Only its owner can read it. A history that
/// cannot be kept is no reason to fail a statement, so nothing here throws.
struct HistoryFile: Sendable {
  let path: String

  /// `folder` is made when it is missing, open to its owner only.
  init(folder: String, name: String = "history.jsonl") {
    path = folder + "/" + name
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// A beginning has a statement, an end has none.
  private struct Line: Codable {
    var id: String?
    var session: String?
    var at: Double?
    var statement: String?
    var project: String?
    var run: String?
    var seconds: Double?
    var result: HistoryRecord.Result?
    var action: Int64?
  }

  /// The longest line kept, the most that is read of a file, and the size at which it loses its older half.
  private static let longestLine = 1 << 18
  private static let mostLoaded = 2 << 20
  private static let mostBytes = 8 << 20

  var isEmpty: Bool {
    var status = stat()
    return stat(path, &status) != 0 || status.st_size == 0
  }

  /// The last records, oldest first. A line that is none is passed over.
  func load(last count: Int) -> [HistoryRecord] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var records: [HistoryRecord] = []
    var places: [String: Int] = [:]
    let decoder = JSONDecoder()
    for bytes in HistoryFile.lines(descriptor, most: HistoryFile.mostLoaded) {
      guard let line = try? decoder.decode(Line.self, from: Data(bytes)) else { continue }
      if let statement = line.statement {
        let id = line.id ?? "old-\(records.count)"
        places[id] = records.count
        records.append(
          HistoryRecord(
            id: id, session: line.session ?? "", at: Date(timeIntervalSince1970: line.at ?? 0), statement: statement,
            project: line.project, run: line.run))
      } else if let id = line.id, let place = places[id] {
        records[place].seconds = line.seconds
        records[place].result = line.result
        records[place].action = line.action
      }
    }
    return records.suffix(count)
  }

  /// Writes down what was entered.
  func begin(_ record: HistoryRecord) {
    append(
      Line(
        id: record.id, session: record.session, at: record.at.timeIntervalSince1970, statement: record.statement,
        project: record.project, run: record.run))
  }

  /// Writes down what became of it.
  func end(_ record: HistoryRecord) {
    append(Line(id: record.id, seconds: record.seconds, result: record.result, action: record.action))
  }

  /// Adds one line, and drops the older half when the file has grown beyond its bound.
  private func append(_ content: Line) {
    guard var line = try? JSONEncoder().encode(content), line.count < HistoryFile.longestLine else { return }
    line.append(0x0A)
    guard let descriptor = openLocked() else { return }
    defer { close(descriptor) }
    // One write: a shell that is killed leaves a whole line or none.
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if lseek(descriptor, 0, SEEK_END) > HistoryFile.mostBytes { shorten(descriptor) }
  }

  /// The file opened for appending and locked; nil when another shell holds the lock for longer than a second.
  private func openLocked() -> Int32? {
    for _ in 0..<100 {
      let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return nil }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isStillThere(descriptor) { return descriptor }
      close(descriptor)
      usleep(10_000)
    }
    return nil
  }

  /// Another shell may have put a shortened file in its place since it was opened.
  private func isStillThere(_ descriptor: Int32) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
  }

  private func shorten(_ descriptor: Int32) {
    let kept = HistoryFile.lines(descriptor, most: HistoryFile.mostBytes / 2).map { Data($0) + [0x0A] }
    let fresh = path + ".new"
    let target = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard target >= 0 else { return }
    defer { close(target) }
    let bytes = Data(kept.joined())
    let written = bytes.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
    if written == bytes.count, fsync(target) == 0 { rename(fresh, path) } else { unlink(fresh) }
  }

  /// The whole lines in the last `most` bytes of a file.
  private static func lines(_ descriptor: Int32, most: Int) -> [Data.SubSequence] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 0 else { return [] }
    let start = max(0, size - most)
    var bytes = Data(count: size - start)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
    guard count > 0 else { return [] }
    let lines = split(bytes.prefix(count))
    return Array(start > 0 ? lines.dropFirst() : lines[...])
  }

  /// `memchr` instead of the collection's own split: the prompt's first key may wait for this.
  private static func split(_ bytes: Data) -> [Data.SubSequence] {
    var lines: [Data.SubSequence] = []
    var start = 0
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      while start < buffer.count, let found = memchr(base + start, 0x0A, buffer.count - start) {
        let end = UnsafeRawPointer(found) - base
        if end > start { lines.append(bytes[bytes.startIndex + start..<bytes.startIndex + end]) }
        start = end + 1
      }
    }
    return lines
  }
}

import Foundation
import Glibc
import Model

/// Statements kept between sessions, oldest first: a file of JSON lines. What is entered is written down at once, and how it
/// ended in a second line with the same id, so that a shell that is killed loses nothing. Several shells may append at
/// once: each line is one write to a file opened for appending, under a lock. Only its owner can read it. A history that
/// cannot be kept is no reason to fail a statement, so nothing here throws.
struct HistoryFile: Sendable {
  let path: String

  private let folder: String

  /// `folder` is made when something is written down and it is missing, open to its owner only.
  init(folder: String, name: String = "history.jsonl") {
    self.folder = folder
    path = folder + "/" + name
  }

  /// A beginning has a statement, an end has none.
  fileprivate struct Line: Codable {
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

  /// The last records, oldest first.
  func load(last count: Int) -> [HistoryRecord] {
    var tail = HistoryTail()
    read(into: &tail)
    return tail.records.suffix(count)
  }

  /// Reads what has come since the tail was read last; everything anew when the file is another one.
  func read(into tail: inout HistoryTail) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return tail = HistoryTail() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return tail = HistoryTail() }
    if status.st_ino != tail.inode || Int(status.st_size) < tail.end { tail = HistoryTail(inode: status.st_ino) }
    let start = max(tail.end, Int(status.st_size) - HistoryFile.mostLoaded)
    guard let lines = HistoryFile.lines(descriptor, from: start, isWhole: start == tail.end) else { return }
    let decoder = JSONDecoder()
    for bytes in lines.lines {
      // A line that is none is passed over.
      if let line = try? decoder.decode(Line.self, from: Data(bytes)) { tail.take(line) }
    }
    tail.end = lines.end
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
      var descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      if descriptor < 0, errno == ENOENT {
        try? FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      }
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
    let start = Int(lseek(descriptor, 0, SEEK_END)) - HistoryFile.mostBytes / 2
    guard let lines = HistoryFile.lines(descriptor, from: start, isWhole: false)?.lines else { return }
    let kept = lines.map { Data($0) + [0x0A] }
    let fresh = path + ".new"
    let target = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard target >= 0 else { return }
    defer { close(target) }
    let bytes = Data(kept.joined())
    let written = bytes.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
    if written == bytes.count, fsync(target) == 0 { rename(fresh, path) } else { unlink(fresh) }
  }

  /// The whole lines from an offset on, and where the last of them ends. The first is dropped unless it `isWhole`.
  private static func lines(
    _ descriptor: Int32, from start: Int, isWhole: Bool
  ) -> (lines: [Data.SubSequence], end: Int)? {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > start else { return nil }
    var bytes = Data(count: size - start)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
    guard count > 0 else { return nil }
    let lines = split(bytes.prefix(count))
    let end = start + (bytes.prefix(count).lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
    return (isWhole ? lines : Array(lines.dropFirst()), end)
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

/// What was read of the end of a history.
struct HistoryTail: Sendable {
  fileprivate var inode: ino_t = 0
  /// Of what was read, in the file.
  fileprivate var end = 0
  /// Oldest first.
  private(set) var records: [HistoryRecord] = []
  /// Where each stands in `records`.
  private var places: [String: Int] = [:]

  /// The most that is kept: of those only the newer half when there come more.
  private static let most = 20_000

  init() {}

  fileprivate init(inode: ino_t) { self.inode = inode }

  fileprivate mutating func take(_ line: HistoryFile.Line) {
    if let statement = line.statement {
      if records.count >= Self.most {
        records.removeFirst(Self.most / 2)
        places = places.compactMapValues { $0 >= Self.most / 2 ? $0 - Self.most / 2 : nil }
      }
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
}

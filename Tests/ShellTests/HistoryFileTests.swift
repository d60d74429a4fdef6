import Foundation
import Glibc
import Model
import Testing

@testable import Shell

extension HistoryFile {
  /// Begins and ends a statement with nothing special about it.
  fileprivate func append(_ statement: String, id: String = UUID().uuidString) {
    var record = HistoryRecord(id: id, session: "test", at: Date(timeIntervalSince1970: 1000), statement: statement)
    begin(record)
    record.result = .done
    end(record)
  }

  fileprivate func statements(last count: Int) -> [String] { load(last: count).map(\.statement) }
}

final class HistoryFileTests {
  private let folder = NSTemporaryDirectory() + "callsheet-history-\(UUID().uuidString)/deep"

  deinit { try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent) }

  @Test func `Statements come back as they were, oldest first, and only the last ones`() {
    let file = HistoryFile(folder: folder)
    let statements = ["cells", "cells |\n  count", "select \"状態\" # \\ é", "x\t\u{1B}[31m"]
    for statement in statements { file.append(statement) }
    #expect(file.statements(last: 10) == statements)
    #expect(file.statements(last: 2) == Array(statements.suffix(2)))
    #expect(HistoryFile(folder: folder).statements(last: 10) == statements)
  }

  @Test func `A statement comes back with its time, duration, result and action, and one cut off without them`() {
    let file = HistoryFile(folder: folder)
    let started = HistoryRecord(
      id: "a-0", session: "a", at: Date(timeIntervalSince1970: 1000.5), statement: "cells |\n  submit", project: "film",
      run: "spring")
    var ended = started
    (ended.seconds, ended.result, ended.action) = (0.25, .partlyDone, 7)
    var other = started
    (other.id, other.session, other.statement) = ("b-0", "b", "cells")
    file.begin(started)
    file.begin(other)
    #expect(file.load(last: 9) == [started, other])
    file.end(ended)
    #expect(file.load(last: 9) == [ended, other])
  }

  @Test func `Up finds this session first, then this project, then the rest`() {
    func record(_ statement: String, _ session: String, _ project: String?) -> HistoryRecord {
      HistoryRecord(id: statement, session: session, at: Date(), statement: statement, project: project)
    }
    let records = [
      record("mine", "me", "film"), record("theirs", "you", "film"), record("far", "you", "opera"),
      record("mine elsewhere", "me", "opera"),
    ]
    let ordered = History.order(records, session: "me", project: "film").map(\.statement)
    #expect(ordered == ["far", "theirs", "mine", "mine elsewhere"])
  }

  @Test(arguments: [
    (" cells", false), ("cells", true), ("   \n", false), ("use database postgres://mira:hunter2@host/film", false),
    ("cells where note like \"password*\"", true), ("set password = x", false), ("let $api_key=\"k\"", false),
    ("cells | reject reason=\"the token: lost\"", false), ("https://example.org/a@b", true),
  ])
  func `Secrets and what begins with a space are not kept`(text: String, isKept: Bool) {
    #expect(History.keeps(text) == isKept)
  }

  @Test func `Only its owner can read it`() throws {
    let file = HistoryFile(folder: folder)
    file.append("cells")
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let folderMode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
    #expect(folderMode == 0o700)
  }

  @Test func `Shells that append at once lose nothing`() async {
    let folder = folder
    await withTaskGroup(of: Void.self) { group in
      for shell in 0..<8 {
        group.addTask {
          let file = HistoryFile(folder: folder)
          for index in 0..<40 { file.append("shell \(shell)\nstatement \(index)") }
        }
      }
    }
    let all = HistoryFile(folder: folder).statements(last: 5000)
    #expect(Set(all).count == 320)
    #expect(all.count == 320)
  }

  @Test func `A damaged line is passed over, a missing file is empty, an unwritable one harmless`() throws {
    let file = HistoryFile(folder: folder)
    #expect(file.statements(last: 5).isEmpty)
    file.append("first")
    let handle = try #require(FileHandle(forWritingAtPath: file.path))
    handle.seekToEndOfFile()
    handle.write(Data("{\"statement\":\"torn\n\u{0}\u{FF}\n".utf8))
    try handle.close()
    file.append("last")
    #expect(file.statements(last: 5) == ["first", "last"])
    let unwritable = HistoryFile(folder: "/dev/null/nowhere")
    unwritable.append("x")
    #expect(unwritable.statements(last: 5).isEmpty)
  }

  @Test func `The file is bounded and keeps the newest`() throws {
    let file = HistoryFile(folder: folder)
    let long = String(repeating: "x", count: 200_000)
    for index in 0..<60 { file.append("\(index) \(long)") }
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
    #expect(size < 8_800_000)
    #expect(file.statements(last: 1).first?.hasPrefix("59 ") == true)
    #expect(file.statements(last: 5000).count >= 8)
  }
}

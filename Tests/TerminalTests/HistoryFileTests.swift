import Foundation
import Glibc
import Terminal
import Testing

final class HistoryFileTests {
  private let folder = NSTemporaryDirectory() + "callsheet-history-\(UUID().uuidString)/deep"

  deinit { try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent) }

  @Test func `Statements come back as they were, oldest first, and only the last ones`() {
    let file = HistoryFile(folder: folder)
    let statements = ["cells", "cells |\n  count", "select \"状態\" # \\ é", "x\t\u{1B}[31m"]
    for statement in statements { file.append(statement) }
    #expect(file.load(last: 10) == statements)
    #expect(file.load(last: 2) == Array(statements.suffix(2)))
    #expect(HistoryFile(folder: folder).load(last: 10) == statements)
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
    let all = HistoryFile(folder: folder).load(last: 5000)
    #expect(Set(all).count == 320)
    #expect(all.count == 320)
  }

  @Test func `A damaged line is passed over, a missing file is empty, an unwritable one harmless`() throws {
    let file = HistoryFile(folder: folder)
    #expect(file.load(last: 5).isEmpty)
    file.append("first")
    let handle = try #require(FileHandle(forWritingAtPath: file.path))
    handle.seekToEndOfFile()
    handle.write(Data("{\"statement\":\"torn\n\u{0}\u{FF}\n".utf8))
    try handle.close()
    file.append("last")
    #expect(file.load(last: 5) == ["first", "last"])
    let unwritable = HistoryFile(folder: "/dev/null/nowhere")
    unwritable.append("x")
    #expect(unwritable.load(last: 5).isEmpty)
  }

  @Test func `The file is bounded and keeps the newest`() throws {
    let file = HistoryFile(folder: folder)
    let long = String(repeating: "x", count: 200_000)
    for index in 0..<60 { file.append("\(index) \(long)") }
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
    #expect(size < 8_600_000)
    #expect(file.load(last: 1).first?.hasPrefix("59 ") == true)
    #expect(file.load(last: 5000).count >= 8)
  }
}

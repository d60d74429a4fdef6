import Foundation
import QueryLanguage

/// A text to be run: a file that is included, or a script that is called.
public struct ScriptCall: Equatable, Sendable {
  public enum Content: Equatable, Sendable {
    /// A path.
    case file(String)
    case text(String)
  }

  /// What messages call it: a path as written, `script morning`.
  public var name: String
  public var content: Content
  /// What includes in it are relative to; nil: the folder the process is in.
  public var folder: String?
  /// What its parameters stand for, when it has variables of its own; nil: it shares those of whoever includes it.
  var parameters: [String: Literal]?
  /// `included from morning.callsheet:12`; nil: named on the command line.
  var place: String?
  /// By this it is recognised when it comes round again.
  var identity: String

  /// A file that the command line names.
  public init(file path: String) {
    name = path
    content = .file(path)
    folder = (Self.absolute(path) as NSString).deletingLastPathComponent
    identity = Self.resolved(path)
  }

  init(file path: String, named name: String, place: String) {
    self.init(file: path)
    self.name = name
    self.place = place
  }

  init(script name: String, body: String, folder: String?, parameters: [String: Literal], place: String) {
    self.name = "script \(name)"
    self.content = .text(body)
    self.folder = folder
    self.parameters = parameters
    self.place = place
    identity = self.name
  }

  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: absolute(path)).resolvingSymlinksInPath().path
  }
}

/// A file or script that is being run.
struct ScriptFrame {
  /// No other frame of the session has had it.
  let id: Int
  let call: ScriptCall
  /// Where its caller was.
  let context: SessionContext

  /// A statement runs it: its own statements are no part of what the person said.
  var isCalled: Bool { call.place != nil }
}

/// What a session carried out, newest last, for `save script ... from last`. Bounded.
struct StatementRecord {
  static let countLimit = 10_000
  static let byteLimit = 8_000_000

  private(set) var texts: [String] = []
  private var bytes = 0

  /// - Parameter isOwn: it was said by whoever uses the session, and not by a script.
  mutating func note(_ statement: Statement, isOwn: Bool) {
    if case .saveScript = statement.kind { return }
    guard isOwn, statement.text.utf8.count <= Self.byteLimit else { return }
    texts.append(statement.text)
    bytes += texts[texts.count - 1].utf8.count
    guard texts.count > Self.countLimit || bytes > Self.byteLimit else { return }
    // Not one at a time: moving thousands for each would be dear.
    let dropped = texts.prefix(texts.count / 2)
    bytes -= dropped.reduce(0) { $0 + $1.utf8.count }
    texts.removeFirst(dropped.count)
  }

  func last(_ count: Int) -> [String] { Array(texts.suffix(count)) }
}

import Foundation
import Model
import Synchronization

/// What was entered at this and other prompts: kept in a file that all shells share, and in memory where that cannot be.
public final class History: Sendable {
  private struct State {
    var own: [HistoryRecord] = []
    var begun = 0
    var project: String?
  }

  private let file: HistoryFile
  /// This shell's name.
  public let session: String
  private let state = Mutex(State())
  private let tail = Mutex(HistoryTail())

  /// As many statements can be recalled.
  private static let most = 5000

  /// `folder` is the user's state folder; `session` tells this shell from all others.
  public init(folder: String, session: String = String(UInt64.random(in: .min ... .max), radix: 36)) {
    file = HistoryFile(folder: folder)
    self.session = session
  }

  /// Whether a text may be kept at all: not what begins with a space, nor what holds a password.
  public static func keeps(_ text: String) -> Bool {
    !text.hasPrefix(" ") && !text.allSatisfy(\.isWhitespace) && !Secrets.isIn(text)
  }

  /// Writes down what is about to run. Returns nil when it is not kept.
  public func begin(_ statement: String, project: String?, run: String?, at: Date = Date()) -> HistoryRecord? {
    guard History.keeps(statement) else { return nil }
    var text = statement
    while text.last?.isWhitespace == true { text.removeLast() }
    let record = state.withLock { state in
      state.project = project
      let record = HistoryRecord(
        id: "\(session)-\(state.begun)", session: session, at: at, statement: text, project: project, run: run)
      state.begun += 1
      state.own.append(record)
      if state.own.count > History.most { state.own.removeFirst() }
      return record
    }
    file.begin(record)
    return record
  }

  /// Writes down what became of it; `record` is what `begin` gave, with the rest filled in.
  public func end(_ record: HistoryRecord) {
    state.withLock { state in
      if let place = state.own.lastIndex(where: { $0.id == record.id }) { state.own[place] = record }
    }
    file.end(record)
  }

  /// From now on recall prefers this project's statements.
  public func use(project: String?) { state.withLock { $0.project = project } }

  /// Everything known, oldest first.
  public func records() -> [HistoryRecord] {
    let kept = tail.withLock { tail in
      file.read(into: &tail)
      return tail.records.suffix(History.most)
    }
    let own = state.withLock { $0.own }
    let known = Set(kept.map(\.id))
    return kept + own.filter { !known.contains($0.id) }
  }

  /// Nothing was ever entered; looks at no statement.
  public var isEmpty: Bool { state.withLock { $0.own.isEmpty } && file.isEmpty }

  /// What Up goes through, last first.
  public func recalled() -> [String] {
    let project = state.withLock { $0.project }
    return History.order(records(), session: session, project: project).map(\.statement)
  }

  /// This session's come last, so that Up finds them first; before them those of the project in use, before them the rest.
  static func order(_ records: [HistoryRecord], session: String, project: String?) -> [HistoryRecord] {
    func rank(_ record: HistoryRecord) -> Int {
      if record.session == session { return 2 }
      return record.project == project ? 1 : 0
    }
    return (0...2).flatMap { wanted in records.filter { rank($0) == wanted } }
  }
}

/// Passwords and keys, which are not written down.
enum Secrets {
  private static let words = ["password", "passwd", "secret", "token", "api_key", "apikey", "access_key"]

  /// A URL with a password in it, or a word for a secret with a value behind it.
  static func isIn(_ text: String) -> Bool {
    let text = text.lowercased()
    if text.contains(/:\/\/[^\s\/:@]+:[^\s@]+@/) { return true }
    return words.contains { word in
      text.ranges(of: word).contains { range in
        let rest = text[range.upperBound...].drop { $0 == " " }
        return rest.first == "=" || rest.first == ":"
      }
    }
  }
}

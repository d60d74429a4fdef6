import Foundation
import Model
import PostgresClient
import QueryLanguage
import Store

/// Which statement runs on which connection, so that it can be looked up when the connection is lost.
struct ConnectionMarks {
  /// A statement whose outcome is not known.
  struct Unsettled: Sendable {
    var name: String
    var token: String
    var statement: String
  }

  private var name = ""
  private var connection: ObjectIdentifier?
  private var count = 0
  private(set) var current: Unsettled?
  var unsettled: Unsettled?

  /// The mark of the next statement; `isNew`: the connection has no name yet.
  mutating func next(_ statement: String, on connection: PostgresConnection) -> (mark: Unsettled, isNew: Bool) {
    let isNew = self.connection != ObjectIdentifier(connection)
    if isNew {
      name = UUID().uuidString
      self.connection = ObjectIdentifier(connection)
    }
    count += 1
    let mark = Unsettled(name: name, token: "\(name)/\(count)", statement: statement)
    current = mark
    return (mark, isNew)
  }

  mutating func done() { current = nil }

  /// The connection is lost: what ran on it may or may not have happened.
  mutating func lost() {
    unsettled = current ?? unsettled
    current = nil
    connection = nil
  }
}

extension ProducerSession {
  /// Gives what the statement will record a mark, when it is one that records an action.
  func mark(_ statement: Statement) async throws {
    guard settings.looksUp, statement.recordsAction else { return }
    let (mark, isNew) = marks.next(statement.text, on: connection)
    let tokens = ActionTokens(connection)
    if isNew { try await tokens.hold(mark.name) }
    try await tokens.mark(mark.token)
  }

  /// Whether there is a statement whose outcome is not known.
  public var isUnsettled: Bool { marks.unsettled != nil }

  /// Finds out what became of a statement whose connection was lost, as soon as the server is there again, and says so in a
  /// sentence. nil when there is nothing to find out, or the task was cancelled.
  public func settle() async -> String? {
    var pause = Backoff()
    while let unsettled = marks.unsettled, !Task.isCancelled {
      do {
        let other = try await connect()
        let recorded = try await ActionTokens(other).recorded(unsettled.token, by: unsettled.name)
        await other.close()
        marks.unsettled = nil
        guard let recorded else { return "it did not happen, nothing was changed: \(unsettled.statement)" }
        let rows = recorded.changed == 1 ? recorded.entity.dropLast() : recorded.entity[...]
        return "it happened, as action \(recorded.id.rawValue): \(recorded.verb) changed \(recorded.changed) \(rows)"
      } catch {
        try? await Task.sleep(for: pause.next())
      }
    }
    return nil
  }
}

extension Statement {
  /// Carrying it out may leave a record among the actions.
  var recordsAction: Bool {
    switch kind {
    case .pipeline(let pipeline):
      if case .macro = pipeline.source { true } else { pipeline.action != nil }
    case .applyPlan, .createRun, .pause, .resume, .budget, .limit, .keep, .undo, .applyFile: true
    case .plan, .explain, .useProject, .useRun, .deliver, .saveMacro, .saveScript, .dropMacro, .restoreMacro,
      .dropScript, .runScript,
      .include, .bind, .set, .show, .help, .checkMatrix, .describe, .invalid:
      false
    }
  }

  /// It changes nothing, so that it can be sent again when a connection turns out to be lost.
  var onlyReads: Bool {
    switch kind {
    case .pipeline: !recordsAction
    case .explain, .useProject, .useRun, .bind, .set, .show, .help, .checkMatrix, .describe: true
    case .plan, .applyPlan, .createRun, .applyFile, .deliver, .pause, .resume, .budget, .limit, .keep, .undo,
      .saveMacro, .saveScript, .dropMacro, .restoreMacro, .dropScript, .runScript, .include, .invalid:
      false
    }
  }
}

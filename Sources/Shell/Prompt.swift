import Diagnostics
import Foundation
import Model
import QueryLanguage
import Rendering
import Session
import Terminal

/// The loop of the prompt: read, run, show, again.
public final class PromptLoop {
  private let session: ProducerSession
  private let editor: LineEditor
  private let history: History
  private let companion: Companion
  private let ticker: WorkTicker
  private var presenter: Presenter

  public init(
    session: ProducerSession, presenter: Presenter, editor: LineEditor, history: History, companion: Companion,
    ticker: WorkTicker
  ) {
    self.ticker = ticker
    self.session = session
    self.presenter = presenter
    self.editor = editor
    self.history = history
    self.companion = companion
  }

  /// Returns when the person leaves, the terminal has gone or the process was asked to end.
  /// - Throws: as `StatementRunner.run`, but for `DatabaseAway` and cancellation.
  public func run() async throws {
    await session.change { $0.looksUp = true }
    var line = 1
    while true {
      let place = await session.context
      history.use(project: place.project?.name)
      let prompt = await companion.prompt(in: place)
      switch await editor.readLine(prompt: prompt.left, right: prompt.right) {
      case .line(let statement, let isRecalled):
        if ["quit", "exit"].contains(statement.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()) { return }
        let source = SourceText(name: "<prompt>", text: statement, firstLine: line)
        let entry = Entry(source: source, promptWidth: await companion.promptWidth, isRecalled: isRecalled)
        if try await !run(entry, in: place) { return }
        line += 1
      case .interrupted:
        continue
      case .endOfInput, .hangUp:
        return
      }
    }
  }

  /// Asks, below what a yes would do.
  private static func confirms(
    _ confirmation: Confirmation, _ editor: LineEditor, _ presenter: Presenter
  ) async -> Bool {
    if let preview = confirmation.preview { try? presenter.show(preview: preview) }
    return await isYes(editor.ask("\(confirmation.question)? [y/N] "))
  }

  /// Anything but a yes is a no: Ctrl-C, the end of input, another word.
  private static func isYes(_ answer: LineResult) -> Bool {
    guard case .line(let text, _) = answer else { return false }
    return ["y", "yes"].contains(text.trimmingCharacters(in: .whitespaces).lowercased())
  }

  /// Runs what was entered and writes down what became of it. Returns false when the process was asked to end meanwhile.
  private func run(_ entry: Entry, in place: SessionContext) async throws -> Bool {
    if let size = TerminalSize.of(1) { presenter.viewport.width = size.columns }
    let text = String(decoding: entry.source.bytes, as: UTF8.self)
    let started = ContinuousClock.now
    var record = history.begin(text, project: place.project?.name, run: place.run?.name)
    await session.change { [editor, presenter, ticker] settings in
      settings.asksBeforeActions = entry.isRecalled
      settings.confirm = {
        ticker.stop()
        defer { ticker.start() }
        return await PromptLoop.confirms($0, editor, presenter)
      }
    }
    let work = EnteredWork(entry: entry, session: session, presenter: presenter, ticker: ticker)
    let ending = try await work.run()
    if let changed = ending.presenter { presenter = changed }
    record?.seconds = (ContinuousClock.now - started) / .seconds(1)
    record?.result = ending.result
    record?.action = ending.action?.rawValue
    if let record { history.end(record) }
    await companion.adapt(to: ending.settings, presenter)
    await companion.refresh()
    await companion.settle(session)
    return !ending.leaves
  }
}

/// One piece of text as it was entered.
struct Entry: Sendable {
  var source: SourceText
  /// The columns of the prompt it was typed behind, for carets below it.
  var promptWidth: Int
  /// It came out of the history.
  var isRecalled: Bool
}

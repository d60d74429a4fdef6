import Foundation
import Model
import QueryLanguage
import Rendering
import Session
import Synchronization
import Terminal

/// Sits beside the prompt: keeps the values that completion offers, tells the news above the line, and says in the prompt how
/// things stand. Nothing that is typed ever waits for it.
public actor Companion {
  private let feed: ProductionFeed
  private let editor: LineEditor
  private var color: ColorMode
  private let values: LiveBox
  /// Wakes those who listen for events, as long as no other process does.
  private let publish: @Sendable () async -> Void
  private var state: PromptState
  private var desk = NewsDesk()
  private var tasks: [Task<Void, Never>] = []

  public init(
    feed: ProductionFeed, editor: LineEditor, viewport: Viewport, isDryRun: Bool, values: LiveBox,
    publish: @escaping @Sendable () async -> Void
  ) {
    state = PromptState(isDryRun: isDryRun, glyphs: viewport.glyphs)
    color = viewport.color
    self.publish = publish
    self.feed = feed
    self.editor = editor
    self.values = values
  }

  deinit { tasks.forEach { $0.cancel() } }

  /// Begins to follow the production, in tasks that end with `stop`.
  public func start() {
    let feed = feed
    tasks.append(Task { await feed.run() })
    tasks.append(Task { [publish] in await publish() })
    tasks.append(
      Task { [weak self] in
        for await update in feed.updates { await self?.receive(update) }
      })
    tasks.append(
      Task { [weak self] in
        while (try? await Task.sleep(for: .milliseconds(250))) != nil {
          await self?.tellNews()
          await self?.measure()
        }
      })
  }

  public func stop() {
    tasks.forEach { $0.cancel() }
    tasks = []
  }

  /// The prompt for a place, with its right side: what `readLine` begins with.
  func prompt(in context: SessionContext) async -> (left: String, right: String) {
    state.columns = TerminalSize.of(1)?.columns ?? state.columns
    if context != state.context {
      state.context = context
      state.standing = ProductionStanding()
      desk.moved(to: context.run.map { RunID($0.id) })
      await feed.use(context)
    }
    return (left, right)
  }

  /// Columns of the prompt as it stands now; it may have changed while a line was typed.
  var promptWidth: Int { state.width }

  /// Takes over what `set` has changed.
  public func adapt(to settings: [String: String], _ presenter: Presenter) {
    if let news = settings["news"].flatMap(NewsMode.init) { desk.mode = news }
    color = presenter.viewport.color
  }

  /// Something was changed here: the values are read again soon.
  func refresh() async { await feed.refresh() }

  /// Says above the prompt what became of a statement whose outcome is not known, as soon as that can be found out.
  func settle(_ session: ProducerSession) async {
    guard await session.isUnsettled else { return }
    tasks.append(
      Task { [editor, color] in
        guard let found = await session.settle() else { return }
        editor.printAbove(color.paint("* " + found, .warning))
      })
  }

  private var left: String { color.paint(state.text, state.isAway || state.isReadOnly ? .warning : .heading) + " " }

  private var right: String { state.right.painted(color) }

  /// The window may have got another width.
  private func measure() {
    guard let columns = TerminalSize.of(1)?.columns, columns != state.columns else { return }
    state.columns = columns
    editor.setPrompt(left, right: right)
  }

  private func receive(_ update: ProductionFeed.Update) {
    let before = state
    switch update {
    case .values(let values): self.values.set(values)
    case .standing(let standing, let run):
      guard run?.rawValue == state.context.run?.id else { return }
      state.standing = standing
      desk.note(standing, run: run)
    case .events(let groups): desk.note(groups)
    case .actions(let actions): desk.note(actions)
    case .lost: state.isAway = true
    case .connected: state.isAway = false
    case .access(let isReadOnly): state.isReadOnly = isReadOnly
    }
    if state != before { editor.setPrompt(left, right: right) }
  }

  private func tellNews() {
    let lines = desk.take(at: .now)
    if !lines.isEmpty { editor.printAbove(lines.map { color.paint("* " + $0, .hint) }.joined(separator: "\n")) }
  }
}

/// The live values as they were read last, for any thread.
public final class LiveBox: Sendable {
  private let values: Mutex<LiveValues>

  public init(_ values: LiveValues = LiveValues()) { self.values = Mutex(values) }

  public var current: LiveValues { values.withLock { $0 } }

  func set(_ new: LiveValues) {
    values.withLock { old in
      let settings = old.settings
      old = new
      old.settings = settings
    }
  }
}

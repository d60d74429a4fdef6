import Foundation
import Logging
import Orchestrator
import QueryLanguage
import Rendering
import Session
import Shell
import Terminal

extension ShellInvocation {
  /// The loop of the prompt, with what goes on beside it: the history, live values to complete with, and news.
  func prompt(
    _ runner: StatementRunner, _ history: History, _ ticker: WorkTicker, _ access: DatabaseAccess
  ) async throws {
    let folders = UserFolders(environment: Surroundings.environment)
    if !noRc, FileManager.default.fileExists(atPath: folders.rc) {
      runner.isQuiet = true
      _ = try await Batch(sources: [.file(folders.rc)], goesOn: true).run(runner)
      runner.isQuiet = false
    }
    let values = LiveBox(PromptCompletion.initialValues)
    let completion = PromptCompletion(values: values, catalogue: runner.session.catalogue)
    let (prompts, firstPrompt) = AsyncStream.makeStream(of: Never.self)
    let editor = try LineEditor(
      LineEditor.Settings(
        recall: {
          firstPrompt.finish()
          return history.recalled()
        }, keeps: { History.keeps($0) },
        isComplete: { text in
          var reader = StatementReader(name: "<prompt>", mode: .prompt)
          _ = reader.feed(text + "\n")
          return reader.isComplete
        },
        complete: { text, cursor in completion(text, cursor: cursor) }))
    defer { editor.close() }
    let publisher = EventPublisher(
      logger: Logger(label: "callsheet.shell") { _ in SwiftLogNoOpLogHandler() },
      connect: { try await access.connect() })
    let companion = Companion(
      feed: ProductionFeed(
        user: await runner.session.settings.user,
        connect: { try await access.connect() }),
      editor: editor, viewport: runner.presenter.viewport, isDryRun: dryRun, values: values,
      publish: { [publisher] in await publisher.run() })
    await companion.adapt(to: runner.settings, runner.presenter)
    // What goes on beside the prompt waits for it: two more connections would take the processors that it needs.
    let beside = Task(executorPreference: FirstThread.executor) {
      for await _ in prompts {}
      if Task.isCancelled { return }
      await companion.start()
      Task { await HeadStart.take(with: "") }
    }
    defer { beside.cancel() }
    try await greet(runner, isFirstTime: history.isEmpty)
    let loop = PromptLoop(
      session: runner.session, presenter: runner.presenter.behind(results: nil, notes: nil), editor: editor,
      history: history, companion: companion, ticker: ticker)
    do { try await loop.run() } catch {
      await companion.stop()
      throw error
    }
    await companion.stop()
  }
  private func greet(_ runner: StatementRunner, isFirstTime: Bool) async throws {
    if isFirstTime {
      try runner.presenter.note(
        """
        Tab completes with what is in the production, Ctrl-R searches what was typed,
        Ctrl-C cancels, and  help matrix  or  help  alone explains.
        """)
    }
    if await runner.session.context.project == nil {
      try runner.presenter.note(
        "No project is in use. apply \"production.yaml\" makes one; help lists everything; Ctrl-D leaves.")
    }
  }
}

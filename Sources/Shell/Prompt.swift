import Diagnostics
import Foundation
import QueryLanguage
import Rendering
import Session
import Terminal

/// The loop of the prompt: read, run, show, again.
public struct PromptLoop {
  let runner: StatementRunner
  let editor: LineEditor
  let color: ColorMode

  public init(runner: StatementRunner, editor: LineEditor, color: ColorMode) {
    self.runner = runner
    self.editor = editor
    self.color = color
  }

  /// Returns when the person leaves.
  /// - Throws: as `StatementRunner.run`, but for `DiagnosticError`s.
  public func run() async throws {
    var line = 1
    while true {
      let place = await runner.session.context
      let text = Self.prompt(place)
      switch await editor.readLine(prompt: color.paint(text, .heading) + " ") {
      case .line(let statement):
        if ["quit", "exit"].contains(statement.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()) { return }
        try await run(SourceText(name: "<prompt>", text: statement, firstLine: line), promptWidth: text.count + 1)
        line += 1
      case .interrupted:
        continue
      case .endOfInput, .hangUp:
        return
      }
    }
  }

  static func prompt(_ context: SessionContext) -> String {
    guard let project = context.project else { return "callsheet>" }
    return project.name + (context.run.map { "/\($0.name)" } ?? "") + ">"
  }

  /// What was entered, up to the first statement that fails; an interrupt cancels it on the server.
  private func run(_ piece: SourceText, promptWidth: Int) async throws {
    if let size = TerminalSize.of(1) { runner.presenter.viewport.width = size.columns }
    let runner = UncheckedRunner(runner: runner)
    let task = Task { try await runner.runner.run([piece], goesOn: false, promptWidth: promptWidth) }
    let claim = SignalRelay.shared.claim([.interrupt]) { _ in task.cancel() }
    defer { claim.release() }
    do {
      _ = try await task.value
    } catch is CancellationError {
      try runner.runner.presenter.note("cancelled")
    } catch let error as DatabaseAway {
      try runner.runner.presenter.show([error.diagnostic], promptWidth: promptWidth)
    }
  }
}

/// The loop waits for the task, so the runner is only ever used by one of them at a time.
private struct UncheckedRunner: @unchecked Sendable {
  let runner: StatementRunner
}

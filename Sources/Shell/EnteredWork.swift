import Diagnostics
import Foundation
import Model
import QueryLanguage
import Rendering
import Session
import Synchronization
import Terminal

/// What was entered, while it runs: an interrupt cancels it on the server, a second one no longer waits for it.
struct EnteredWork {
  /// What became of it.
  struct Ending: Sendable {
    var result: HistoryRecord.Result
    var action: ActionID?
    /// With what `set` changed; nil: the work was left to itself.
    var presenter: Presenter?
    /// What `set` changed of the shell's own.
    var settings: [String: String] = [:]
    /// The process was asked to end.
    var leaves = false
  }

  private enum News: Sendable {
    case ended(Result<Ending, any Error>)
    case interrupted
    case askedToLeave
    case patienceEnded
  }

  let entry: Entry
  let session: ProducerSession
  let presenter: Presenter
  let ticker: WorkTicker
  /// How long a process that was asked to end waits for the server to cancel.
  private static let patience = Duration.seconds(3)

  init(entry: Entry, session: ProducerSession, presenter: Presenter, ticker: WorkTicker) {
    self.ticker = ticker
    self.entry = entry
    self.session = session
    self.presenter = presenter
  }

  /// - Throws: as `StatementRunner.run`, but for `DatabaseAway` and cancellation.
  func run() async throws -> Ending {
    let (news, tell) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(64))
    let (results, notes) = (Gate { [ticker] in ticker.stop() }, Gate { [ticker] in ticker.stop() })
    let gated = presenter.behind(results: results, notes: notes)
    ticker.start()
    defer { ticker.stop() }
    let task = Task {
      do { tell.yield(.ended(.success(try await carryOut(gated)))) } catch { tell.yield(.ended(.failure(error))) }
    }
    let claim = SignalRelay.shared.claim([.interrupt, .terminate, .hangUp]) { signal in
      tell.yield(signal == .interrupt ? .interrupted : .askedToLeave)
    }
    defer { claim.release() }
    var (interrupts, leaves) = (0, false)
    for await event in news {
      switch event {
      case .ended(let ending):
        var ending = try ending.get()
        ending.leaves = leaves
        ending.presenter = ending.presenter?.behind(results: nil, notes: nil)
        return ending
      case .interrupted:
        interrupts += 1
        results.shut()
        task.cancel()
        if interrupts == 1 { continue }
        notes.shut()
        return try await abandoned(leaves)
      case .askedToLeave:
        leaves = true
        results.shut()
        task.cancel()
        Task {
          try? await Task.sleep(for: Self.patience)
          tell.yield(.patienceEnded)
        }
      case .patienceEnded:
        notes.shut()
        return Ending(result: .unknown, leaves: true)
      }
    }
    return Ending(result: .unknown)
  }

  private func abandoned(_ leaves: Bool) async throws -> Ending {
    await session.abandon()
    ticker.stop()
    try presenter.note("no longer waiting: the server was told to cancel, and has not answered yet")
    return Ending(result: .unknown, leaves: leaves)
  }

  private func carryOut(_ presenter: Presenter) async throws -> Ending {
    let runner = StatementRunner(session: session, presenter: presenter)
    do {
      let isFine = try await runner.run([entry.source], goesOn: false, promptWidth: entry.promptWidth)
      return Ending(
        result: Self.result(runner, isFine), action: runner.lastAction, presenter: runner.presenter,
        settings: runner.settings)
    } catch is CancellationError {
      try presenter.note("cancelled")
      return Ending(result: .cancelled, action: runner.lastAction, presenter: runner.presenter)
    } catch let error as DatabaseAway {
      try presenter.show([error.diagnostic], promptWidth: runner.caretWidth)
      return Ending(result: .unknown, action: runner.lastAction, presenter: runner.presenter)
    } catch let error where !(error is OutputError) {
      // Whatever it is, it is no reason to leave the prompt.
      try presenter.show(
        [Diagnostic(code: "internal", message: "\(error)")], promptWidth: nil)
      return Ending(result: .failed, action: runner.lastAction, presenter: runner.presenter)
    }
  }

  private static func result(_ runner: StatementRunner, _ isFine: Bool) -> HistoryRecord.Result {
    if runner.wasDeclined { return .declined }
    if Task.isCancelled { return .cancelled }
    return isFine ? (runner.status == .partlyDone ? .partlyDone : .done) : .failed
  }
}

extension Presenter {
  /// The same, with gates before what it writes.
  public func behind(results: Gate?, notes: Gate?) -> Presenter {
    var gated = self
    gated.output.gate = results
    gated.errors.gate = notes
    return gated
  }
}

import Diagnostics
import Logging
import Model
import Orchestrator
import PostgresClient
import QueryCompiler
import QueryLanguage
import Store

/// One look of a `watch`.
public struct WatchFrame: Equatable, Sendable {
  public var outcome: Outcome
  /// What `until` waits for has come about.
  public var isOver: Bool
}

extension ProducerSession {
  /// What a pipeline that ends in `watch` has to show now.
  /// - Throws: as `execute`.
  public func frame(of statement: Statement) async throws -> WatchFrame {
    try await connected(for: statement) {
      guard case (.pipeline(let checked)?, _) = try await self.check(statement), let watch = checked.watch else {
        throw self.failure("not_watchable", "this cannot be watched any more", statement)
      }
      var pipeline = checked
      pipeline.watch = nil
      do {
        let outcome = try await self.carryOut(pipeline, statement)
        return WatchFrame(outcome: outcome, isOver: try await self.holds(watch.until, for: pipeline, statement))
      } catch let error as PostgresError where !error.isConnectionTrouble {
        throw DiagnosticError(error.diagnostic(statement))
      }
    }
  }

  private func holds(
    _ end: Watch.End?, for pipeline: CheckedPipeline, _ statement: Statement
  ) async throws -> Bool {
    var asked = pipeline
    let expectation: Expectation
    switch end {
    case nil: return false
    case .everyRow(let condition): expectation = .everyRow(condition)
    case .total(let condition):
      asked = pipeline.counted
      expectation = .everyRow(condition)
    }
    return try await unmet(expectation, of: asked, compiler(for: asked, statement)).unmet == 0
  }

  /// Wakes whenever something happened in the project in use, on a connection of its own that is made anew when it is lost;
  /// it ends with the task that reads it.
  public func pulse() -> AsyncStream<Void> {
    let feed = ProductionFeed(user: settings.user, connect: connect)
    let context = context
    let (stream, tell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let publisher = EventPublisher(
      logger: Logger(label: "callsheet.watch") { _ in SwiftLogNoOpLogHandler() }, connect: connect)
    let publishing = Task { await publisher.run() }
    let running = Task {
      await feed.use(context)
      await feed.run()
    }
    let reading = Task {
      for await update in feed.updates {
        switch update {
        case .events, .connected: tell.yield()
        case .values, .standing, .actions, .lost, .access: break
        }
      }
    }
    tell.onTermination = { _ in
      publishing.cancel()
      running.cancel()
      reading.cancel()
    }
    return stream
  }
}

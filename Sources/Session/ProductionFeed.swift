import Foundation
import Model
import PostgresClient
import QueryLanguage
import Store

/// What goes on in the production, for somebody who sits at a prompt: on a connection of its own, and with no statement ever
/// waiting for it. When the database goes away it says so, and comes back by itself.
public actor ProductionFeed {
  public enum Update: Sendable {
    case values(LiveValues)
    case standing(ProductionStanding, run: RunID?)
    /// Something happened in the project; also when nothing of it is worth a word.
    case events([EventGroup])
    case actions([ColleagueAction])
    case lost
    case connected
    /// Whether nothing can be changed.
    case access(isReadOnly: Bool)
  }

  private let connect: @Sendable () async throws -> PostgresConnection
  private let user: String
  private let tell: AsyncStream<Update>.Continuation
  /// Newest last; a reader who falls far behind misses the oldest.
  public nonisolated let updates: AsyncStream<Update>
  private var context = SessionContext()
  /// The values are to be read again, and not before this moment.
  private var staleValues = true
  private var nextValues = ContinuousClock.now
  /// How far the news have been told, over all connections: what happens while there is none is told by the next.
  private var position: EventPosition?
  private var lastAction: Int64?

  /// As many events are read at a time, and so often the values at most.
  private static let most = 5000
  private static let valuesInterval = Duration.seconds(1)

  public init(user: String, connect: @escaping @Sendable () async throws -> PostgresConnection) {
    self.user = user
    self.connect = connect
    (updates, tell) = AsyncStream.makeStream(of: Update.self, bufferingPolicy: .bufferingNewest(256))
  }

  /// From now on it is about this project and run.
  public func use(_ context: SessionContext) {
    if context == self.context { return }
    self.context = context
    refresh()
  }

  /// Reads the values again soon: something was changed here.
  public func refresh() {
    staleValues = true
    nextValues = .now
  }

  /// Goes on until its task is cancelled.
  public func run() async {
    var delay = Backoff()
    while !Task.isCancelled {
      do {
        let connection = try await connect()
        tell.yield(.connected)
        delay.reset()
        refresh()
        do { try await follow(connection) } catch { await connection.close() }
      } catch {}
      if Task.isCancelled { break }
      tell.yield(.lost)
      try? await Task.sleep(for: delay.next())
    }
    tell.finish()
  }

  private func follow(_ connection: PostgresConnection) async throws {
    let wake = try await wake(connection)
    defer { wake.end() }
    var reader = try await reader(connection)
    for await _ in wake.stream {
      try Task.checkCancellation()
      let project = context.project.map { ProjectID($0.id) }
      let groups = try await news(&reader, of: project)
      if !groups.isEmpty {
        staleValues = true
        tell.yield(.events(groups))
      }
      let reads = FeedReads(connection)
      if let project, !groups.isEmpty || lastAction == nil { try await readActions(reads, project) }
      if staleValues, .now >= nextValues { try await readValues(connection) }
    }
    throw CancellationError()
  }

  /// From where the last connection was, unless that is not reached yet here: then it is another database.
  private func reader(_ connection: PostgresConnection) async throws -> EventReader {
    let now = try await EventReader.fromNow(connection)
    guard let position, position <= now.position else {
      lastAction = nil
      position = now.position
      return now
    }
    return EventReader(connection, from: position)
  }

  private func news(_ reader: inout EventReader, of project: ProjectID?) async throws -> [EventGroup] {
    var counts: [EventGroup: Int] = [:]
    while true {
      let batch = try await reader.next(limit: Self.most)
      for event in batch.events where event.projectID == project {
        counts[EventGroup(run: event.runID, kind: event.kind, entity: event.entity, count: 0), default: 0] +=
          event.count
      }
      // One that was away for too long has to look at everything, as after a start.
      if batch.isIncomplete { staleValues = true }
      if batch.events.count < Self.most { break }
    }
    position = reader.position
    return counts.map { EventGroup(run: $0.run, kind: $0.kind, entity: $0.entity, count: $1) }
  }

  private struct Wake {
    let stream: AsyncStream<Void>
    let end: @Sendable () -> Void
  }

  /// At once, when something happens, when a refresh is due, and now and then without either. It ends with the connection.
  private func wake(_ connection: PostgresConnection) async throws -> Wake {
    let (stream, tell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let notifications = try await connection.listen(EventReader.channel)
    let listening = Task {
      for await _ in notifications { tell.yield() }
      tell.finish()
    }
    let ticking = Task {
      tell.yield()
      var ticks = 0
      while (try? await Task.sleep(for: .milliseconds(100))) != nil {
        ticks += 1
        if self.isDue || ticks % 50 == 0 { tell.yield() }
      }
      tell.finish()
    }
    return Wake(stream: stream) {
      listening.cancel()
      ticking.cancel()
    }
  }

  private var isDue: Bool { staleValues && .now >= nextValues }

  private func readActions(_ reads: FeedReads, _ project: ProjectID) async throws {
    let (actions, last) = try await reads.actions(after: lastAction, project: project, butNotBy: user)
    lastAction = last
    if !actions.isEmpty { tell.yield(.actions(actions)) }
  }

  private func readValues(_ connection: PostgresConnection) async throws {
    staleValues = false
    nextValues = .now + Self.valuesInterval
    let (project, run) = (context.project.map { ProjectID($0.id) }, context.run.map { RunID($0.id) })
    var values = LiveValues()
    let kinds = project == nil ? [.project, .worker] : NameKind.allCases
    let names = try await Names(connection).read(kinds, project: project)
    for kind in ReferenceKind.allCases { values.names[kind] = names[NameKind(kind)]?.map(\.name) ?? [] }
    let reads = FeedReads(connection)
    tell.yield(.access(isReadOnly: try await reads.isReadOnly()))
    if let project {
      values.counts = try await reads.counts(project: project, run: run)
      values.users = values.counts.removeValue(forKey: "users")?["name"]?.keys.sorted() ?? []
      let macros = try await Macros(connection).library(of: project).macros.compactMap(\.definition)
      values.macros = MacroLibrary(texts: macros).definitions.values.map(LiveValues.Macro.init).sorted {
        $0.name < $1.name
      }
      values.scripts = try await Scripts(connection).all(of: project).map(\.name)
      let plans = try await Plans(connection).all(of: project).filter { $0.appliedAt == nil && !$0.isExpired }
      values.plans = plans.map(\.name)
      var standing = try await standing(values, reads, project, run)
      let own = plans.filter { $0.by == user }.sorted { $0.at > $1.at }
      standing.plans = own.map(\.name)
      if let newest = own.first { standing.hasDrifted = try await hasDrifted(newest, connection) }
      tell.yield(.standing(standing, run: run))
    }
    tell.yield(.values(values))
  }

  /// Rows of a plan are no longer what they were when it was made, so that it cannot be applied.
  private func hasDrifted(_ plan: SavedPlan, _ connection: PostgresConnection) async throws -> Bool {
    let verb = plan.action.prefix { $0 != " " }
    return try await Plans(connection).drift(of: plan, verb: String(verb), limit: 1).count > 0
  }

  private func standing(
    _ values: LiveValues, _ reads: FeedReads, _ project: ProjectID, _ run: RunID?
  ) async throws -> ProductionStanding {
    var standing = ProductionStanding()
    if run != nil {
      for (status, count) in values.counts["cells"]?["status"] ?? [:] {
        if let status = CellStatus(rawValue: status) { standing.cells[status] = count }
      }
    }
    standing.variantsInReview = values.counts["variants"]?["status"]?["review"] ?? 0
    standing.budgetsLeft = try await reads.budgetsLeft(project: project, run: run)
    return standing
  }
}

extension LiveValues.Macro {
  init(_ definition: MacroDefinition) {
    var entity: String?
    if case .entity(let name, _) = definition.body.source { entity = name.value }
    self.init(
      name: definition.name.value, parameters: definition.parameters.map(\.name.value),
      needsArguments: definition.parameters.contains { $0.defaultValue == nil },
      summary: definition.documentation ?? "", entity: entity)
  }
}

/// How long to wait before the next try: twice as long each time, up to five seconds.
struct Backoff {
  private var delay = Duration.milliseconds(250)

  mutating func reset() { delay = .milliseconds(250) }

  mutating func next() -> Duration {
    defer { delay = min(delay * 2, .seconds(5)) }
    return delay
  }
}

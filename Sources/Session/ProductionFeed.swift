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
  private var lastAction: Int64?

  /// How often it looks when nobody wakes it, and how often the values are read at most.
  private static let interval = Duration.milliseconds(200)
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
    let reads = FeedReads(connection)
    var position = try await reads.end()
    lastAction = nil
    while true {
      try Task.checkCancellation()
      let project = context.project.map { ProjectID($0.id) }
      let (groups, end) = try await reads.events(after: position, project: project)
      let moved = end != position
      position = end
      if !groups.isEmpty {
        staleValues = true
        tell.yield(.events(groups))
      }
      if let project, moved || lastAction == nil { try await readActions(reads, project) }
      if staleValues, .now >= nextValues { try await readValues(connection) }
      // A full helping means that more is waiting.
      if groups.reduce(0, { $0 + $1.count }) < 10_000 { try await Task.sleep(for: Self.interval) }
    }
  }

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
    if let project {
      let reads = FeedReads(connection)
      values.counts = try await reads.counts(project: project, run: run)
      values.users = values.counts.removeValue(forKey: "users")?["name"]?.keys.sorted() ?? []
      let macros = try await Macros(connection).library(of: project).macros.compactMap(\.definition)
      values.macros = MacroLibrary(texts: macros).definitions.values.map(LiveValues.Macro.init).sorted {
        $0.name < $1.name
      }
      values.scripts = try await Scripts(connection).all(of: project).map(\.name)
      values.plans = try await Plans(connection).all(of: project).filter { $0.appliedAt == nil && !$0.isExpired }.map(
        \.name)
      tell.yield(.standing(try await standing(values, reads, project, run), run: run))
    }
    tell.yield(.values(values))
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

import Foundation
import Model
import PostgresClient
import SQLText

/// Reads what holds cells up, grouped by root cause.
///
/// Cells are grouped on the server before anything is joined to them, and what nobody waits for is not looked for: a run may
/// have a million blocked cells.
public struct WhyReads: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Of more cells only their number is told, unless they are asked for.
  static let mostNamed = 20_000

  /// The causes of these cells, those with most cells first, and how many cells nothing holds up by status.
  /// - Parameters:
  ///   - cells: a query with the columns `id`, `run_id`, `character_id`, `scene_type_id`, `variant_id`, `take_id`, `status`,
  ///     `stale`, `held` and `submitted_at`, of cells of this project.
  ///   - folder: where the producer is; the production file is named from there.
  ///   - naming: every cell, however many.
  ///   - spelling: how remedies are written.
  public func report(
    _ project: ProjectID, _ cells: SQL, from folder: String, naming: Bool = false, _ spelling: RemedySpelling
  ) async throws -> WhyReport {
    let results = try await connection.pipeline([
      classes(cells), "select now(), p.folder, p.file from projects p where p.id = \(project)",
    ])
    let classes = try results[0].rows.map { row in
      let (status, stale, held, count) = try row.decode((String, Bool, Bool, Int).self)
      return CellClass(status: CellStatus(rawValue: status) ?? .notStarted, stale: stale, held: held, count: count)
    }
    let (now, path, file) = try results[1].rows[0].decode((Date, String, String).self)
    let count = classes.reduce(0) { $0 + $1.count }
    let queries = WhyQueries(project: project, cells: cells, isNaming: naming || count <= Self.mostNamed)
    var causes = Causes(file: ShownPath.of("\(path)/\(file)", from: folder), folder: folder)
    for result in try await connection.pipeline(queries.needed(for: classes)) {
      for row in result.rows { try causes.add(row) }
    }
    let blockers = try await counted(causes.blockers.folded(), in: project)
    return WhyReport(
      blockages: blockers.map { $0.blockage(spelling) },
      unblocked: Self.unblocked(classes) + (try await unexplained(cells, classes)), asOf: now)
  }

  /// Of looks that are too many to be named it is told how many wait for a word, chosen or not.
  private func counted(_ blockers: [Blocker], in project: ProjectID) async throws -> [Blocker] {
    guard let index = blockers.firstIndex(where: { $0.cause == .variantApproval && $0.subjects > 1 }) else {
      return blockers
    }
    var blockers = blockers
    blockers[index].whole = try await connection.query(
      "select count(*) from variants where project_id = \(project) and status = 'review'"
    ).rows[0].decode(column: 0)
    return blockers
  }

  /// Blocked cells with nothing in their way: that is our own mistake, and not to be left out. To look for it
  /// among more cells is left to `check matrix`.
  private func unexplained(_ cells: SQL, _ classes: [CellClass]) async throws -> [ActionReport.LeftAlone] {
    if classes.reduce(0, { $0 + $1.count }) > Self.mostNamed { return [] }
    if !classes.contains(where: { $0.status == .blocked }) { return [] }
    let count = try await connection.query(
      """
      select count(*) from (\(cells)) c join query_cells q on q.id = c.id
      where c.status = 'blocked' and q.blocked_by is null
      """
    ).rows[0].decode(Int.self)
    return count == 0 ? [] : [.init(reason: "blocked, and no cause is known:  check matrix", count: count)]
  }

  private func classes(_ cells: SQL) -> SQL {
    "select c.status::text, c.stale, c.held, count(*) from (\(cells)) c group by c.status, c.stale, c.held"
  }

  private static func unblocked(_ classes: [CellClass]) -> [ActionReport.LeftAlone] {
    var counts: [CellStatus: Int] = [:]
    for group in classes where !group.isHeldUp { counts[group.status, default: 0] += group.count }
    return CellStatus.allCases.compactMap { status in
      counts[status].map { ActionReport.LeftAlone(reason: status.rawValue, count: $0) }
    }
  }
}

/// Cells that are alike in what decides about the causes they may have.
struct CellClass: Equatable {
  var status: CellStatus
  var stale: Bool
  var held: Bool
  var count: Int

  /// Whatever it is, somebody has to do something.
  var isHeldUp: Bool { stale || [.blocked, .qaReview, .failed, .rejected].contains(status) }
}

/// Rows of the queries, one for each cause and thing, put together.
private struct Causes {
  private struct Key: Hashable {
    var cause: String
    var subject: Int64?
    var detail: String?
  }

  let file: String
  let folder: String
  private var places: [Key: Int] = [:]
  private(set) var blockers: [Blocker] = []

  init(file: String, folder: String) {
    self.file = file
    self.folder = folder
  }

  mutating func add(_ row: Row) throws {
    let (
      cause, subject, cells, first, ids, since, until, character, variant, lookOf, name, detail, path, left, needed,
      enough
    ) = try row.decode(
      (
        String, Int64?, Int, Int64, [Int64]?, Date?, Date?, String?, String?, String?, String?, String?, String?,
        Double?,
        Double?, Double?
      ).self)
    guard let known = BlockCause(rawValue: cause) else { return }
    var blocker = Blocker(
      cause: known, cells: cells, cellIDs: (ids ?? []).sorted().map(CellID.init), first: first, since: since,
      until: until, character: character, variantType: lookOf == nil ? variant : nil,
      run: known == .sceneTypeHeld ? nil : name, sceneType: known == .sceneTypeHeld ? name : nil, detail: detail,
      path: path.map { ShownPath.of($0, from: folder) }, enough: enough,
      subjectIDs: subject.map { [$0] } ?? [], file: file)
    switch known {
    case .retryLater: (blocker.attempt, blocker.attempts) = (left.map { Int($0) }, needed.map { Int($0) })
    case .limitReached: (blocker.running, blocker.most) = (left.map { Int($0) }, needed.map { Int($0) })
    default: (blocker.left, blocker.needed) = (left, needed)
    }
    if let lookOf, let variant { blocker.looks = [.init(character: lookOf, variantType: variant)] }
    let key = Key(cause: cause, subject: subject, detail: detail)
    if let place = places[key] {
      blockers[place].add(blocker)
    } else {
      places[key] = blockers.count
      blockers.append(blocker)
    }
  }
}

import Model
import PostgresClient
import SQLText

/// Queues whatever can start now for submitted cells: the generation of variants, and takes. A fixed number of
/// statements however many cells. Call it inside the transaction of the cause, after `ProjectLock`.
///
/// Advancing again inserts nothing: a variant is only queued from a status that has no live job, a take only where the
/// scene has none.
public struct Advance: Sendable {
  public struct Outcome: Equatable, Sendable {
    public var variantsQueued = 0
    public var takesStarted = 0
    /// Variants and takes that could start but for a budget.
    public var withoutBudget = 0
    public var jobsQueued: Int { variantsQueued + takesStarted }

    public init() {}

    public mutating func add(_ other: Outcome) {
      variantsQueued += other.variantsQueued
      takesStarted += other.takesStarted
      withoutBudget += other.withoutBudget
    }
  }

  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  @discardableResult
  public func cells(_ ids: [Int64]) async throws -> Outcome {
    if ids.isEmpty { return Outcome() }
    return try await cells(concerned: "select unnest(\(ids)::bigint[])")
  }

  private func cells(concerned query: SQL) async throws -> Outcome {
    let due = try await due(query)
    let ids = due.setAside + due.looks + due.takes
    var outcome = Outcome()
    let left = try await repeated(due.setAside) { Fit.setAside(Self.armed($0)) }.left
    let looks = try await repeated(due.looks) { queueVariants(armed: Self.armed($0)) }
    let takes = try await repeated(due.takes) { Starts.statement(Self.armed($0)) }
    outcome.variantsQueued = looks.started
    outcome.takesStarted = takes.started
    outcome.withoutBudget = left + looks.left + takes.left
    if outcome.withoutBudget > 0 { try await noteShortBudgets(of: ids) }
    if takes.freed > 0 { outcome.add(try await budgetFreed(byCells: ids)) }
    return outcome
  }

  private func budgetFreed(byCells ids: [Int64]) async throws -> Outcome {
    let projects = try await connection.query(
      """
      select distinct r.project_id from cells c join production_runs r on r.id = c.run_id
      where c.id = any (\(ids)) order by 1
      """
    ).rows.map { ProjectID(try $0.decode(Int64.self)) }
    var outcome = Outcome()
    for project in projects { outcome.add(try await budgetFreed(in: project)) }
    return outcome
  }

  /// Starts the takes of cells that a submission found ready, and arms them with it; those that no budget holds are armed
  /// and wait. Returns the cells that were begun.
  public func start(_ ready: [Int64], _ terms: SubmissionTerms) async throws -> (outcome: Outcome, begun: Set<Int64>) {
    var outcome = Outcome()
    var left = ready
    var freed = 0
    for _ in 0..<Self.mostRounds where !left.isEmpty {
      let row = try await connection.query(Starts.statement(Starts.ready(left, terms), arming: terms)).rows[0]
      let (started, unfunded, others, rest) = try row.decode((Int, Int, Int, [Int64]).self)
      outcome.takesStarted += started
      (outcome.withoutBudget, left) = (unfunded, rest)
      freed += others
      if started == 0 || unfunded == 0 { break }
    }
    try await Submissions(connection).block(left, terms)
    if outcome.withoutBudget > 0 { try await noteShortBudgets(of: left) }
    if freed > 0 { outcome.add(try await budgetFreed(byCells: ready)) }
    return (outcome, Set(ready).subtracting(left))
  }

  /// What can be done now for armed cells without a take.
  private struct Due {
    /// Those that begin only as a whole and have nothing set aside yet.
    var setAside: [Int64]
    var looks: [Int64]
    var takes: [Int64]
  }

  private func due(_ concerned: SQL) async throws -> Due {
    let row = try await connection.query(
      """
      with due as (
        select c.id, c.fit and c.reserved_gpu_seconds is null as apart,
          v.status = 'not_started' or v.status in ('approved', 'review') and v.source_sha256 is distinct from i.sha256
            as look,
          look_cause(v.status, v.source_sha256, i.sha256) is null as take, source_cause(i.qa_status) is null as checked
        from (\(concerned)) k (id)
        join cells c on c.id = k.id
        join scenes s on s.id = c.scene_id
        join production_runs r on r.id = c.run_id
        join source_images i on i.character_id = c.character_id
        join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
        where c.submitted and not c.skipped and not c.held and r.status_id <> 3 and s.current_take_id is null)
      select array(select id from due where apart order by id), array(select id from due where checked and look order by id),
        array(select id from due where checked and take order by id)
      """
    ).rows[0]
    let (setAside, looks, takes) = try row.decode(([Int64], [Int64], [Int64]).self)
    return Due(setAside: setAside, looks: looks, takes: takes)
  }

  private static func armed(_ ids: [Int64]) -> SQL {
    """
    select c.id, c.scene_id, c.run_id, c.priority, c.character_id, c.scene_type_id, c.variant_type_id, c.fit,
      c.reserved_gpu_seconds as reserved_gpu, c.reserved_disk_bytes as reserved_disk
    from cells c
    join scenes s on s.id = c.scene_id
    join production_runs r on r.id = c.run_id
    where c.id = any (\(ids)) and c.submitted and not c.skipped and not c.held and r.status_id <> 3
      and s.current_take_id is null
    """
  }

  /// Work that a budget turned away may leave room for smaller work behind it, so what is left is offered again until
  /// nothing fits. Without a budget in the way this is one statement. `freed`: cells that had set aside what another
  /// run's cell has begun.
  private func repeated(
    _ ids: [Int64], _ statement: ([Int64]) -> SQL
  ) async throws -> (started: Int, left: Int, freed: Int) {
    var (total, freed) = (0, 0)
    if ids.isEmpty { return (0, 0, 0) }
    for _ in 0..<Self.mostRounds {
      let (started, left, others) = try await connection.query(statement(ids)).rows[0].decode((Int, Int, Int).self)
      total += started
      freed += others
      if started == 0 || left == 0 { return (total, left, freed) }
    }
    return (total, 0, freed)
  }

  private static let mostRounds = 20

  private func noteShortBudgets(of cells: [Int64]) async throws {
    try await connection.execute(
      """
      update budgets set is_short = true
      where not is_short and project_id in (
        select r.project_id from cells c join production_runs r on r.id = c.run_id where c.id = any (\(cells)))
      """)
  }

  /// Offers what a budget got back to the work that it had turned away, highest priority first. Costs next to nothing
  /// when no work was.
  @discardableResult
  public func budgetFreed(in project: ProjectID) async throws -> Outcome {
    if try await connection.query(Self.shortWithRoom(project)).rows.isEmpty { return Outcome() }
    let waiting = try await connection.query(Self.turnedAway(in: project)).rows.map {
      try $0.decode((Int64, Bool).self)
    }
    let fitting = waiting.filter(\.1).map(\.0)
    let outcome = try await cells(fitting)
    if outcome.withoutBudget == 0, fitting.count == waiting.count, waiting.count < Self.mostOffered {
      try await connection.execute("update budgets set is_short = false where project_id = \(project) and is_short")
    }
    return outcome
  }

  private static let mostOffered = 1000

  /// A row when a budget that turned work away holds the least piece of work that there is. For a take that is set aside
  /// already any room will do.
  private static func shortWithRoom(_ project: ProjectID) -> SQL {
    """
    select 1 from budgets b
    where b.project_id = \(project) and b.is_short and b.allowed > b.reserved + b.spent
      and (b.allowed - b.reserved - b.spent >= least(
        (select min(y.segments * case b.resource
          when 'gpu_hours' then y.estimated_gpu_seconds else y.estimated_disk_bytes::double precision end)
          from scene_types y where y.project_id = b.project_id),
        (select min(case b.resource
          when 'gpu_hours' then w.estimated_gpu_seconds else w.estimated_disk_bytes::double precision end)
          from variant_types w where w.project_id = b.project_id))
        or exists (
          select 1 from production_runs r join cells c on c.run_id = r.id and c.reserved_gpu_seconds is not null
          where r.project_id = b.project_id))
    limit 1
    """
  }

  /// Cells that wait for a budget, as far as anybody can tell, and whether the budgets hold their next step. Those that
  /// fit come first: a run whose own budget is spent does not stand in the way of others. The next step of a cell that
  /// begins only as a whole is to have its take set aside.
  private static func turnedAway(in project: ProjectID) -> SQL {
    """
    select c.id, n.fits from production_runs r
    join cells c on c.run_id = r.id and c.status = 'blocked' and not c.held
    join source_images i on i.character_id = c.character_id
    join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
    join scene_types y on y.id = c.scene_type_id
    join variant_types w on w.id = c.variant_type_id
    cross join lateral (
      select c.fit and c.reserved_gpu_seconds is null
        or v.status = 'approved' and v.source_sha256 is not distinct from i.sha256 as needs_take) k
    cross join lateral (
      select not exists (
        select 1 from budgets b
        where b.project_id = r.project_id and (b.run_id is null or b.run_id = r.id)
          and b.allowed - b.reserved - b.spent < case
            when b.resource = 'gpu_hours' and k.needs_take
              then y.segments * y.estimated_gpu_seconds - coalesce(c.reserved_gpu_seconds, 0)
            when b.resource = 'gpu_hours' then w.estimated_gpu_seconds
            when k.needs_take
              then (y.segments * y.estimated_disk_bytes)::double precision - coalesce(c.reserved_disk_bytes, 0)
            else w.estimated_disk_bytes::double precision end) as fits) n
    where r.project_id = \(project) and r.status_id <> 3 and (y.tripped_at is null or not k.needs_take)
      and (c.fit and c.reserved_gpu_seconds is null or i.qa_status in ('passed', 'waived')
        and (v.status in ('approved', 'not_started') or v.source_sha256 is distinct from i.sha256))
    order by n.fits desc, c.priority desc, c.id limit \(mostOffered)
    """
  }

  /// The submitted cells that the change of these variants concerns.
  public func variants(_ ids: [Int64]) async throws -> Outcome {
    try await cells(
      concerned: """
        select c.id from variants v
        join cells c on c.character_id = v.character_id and c.variant_type_id = v.variant_type_id
        where v.id = any (\(ids)) and c.submitted
        """)
  }

  public func sources(_ ids: [Int64]) async throws -> Outcome {
    try await cells(
      concerned: """
        select c.id from source_images i
        join cells c on c.character_id = i.character_id
        where i.id = any (\(ids)) and c.submitted
        """)
  }

  /// Every blocked cell of a project: after a budget grew or the project's file changed.
  public func project(_ id: ProjectID) async throws -> Outcome {
    try await cells(
      concerned: """
        select c.id from cells c
        join production_runs r on r.id = c.run_id
        where r.project_id = \(id) and c.status = 'blocked'
        """)
  }

  /// Every blocked cell of these scene types.
  public func sceneTypes(_ ids: [Int64]) async throws -> Outcome {
    try await cells(
      concerned: "select c.id from cells c where c.scene_type_id = any (\(ids)) and c.status = 'blocked'")
  }

  public func run(_ id: RunID) async throws -> Outcome {
    try await cells(concerned: "select c.id from cells c where c.run_id = \(id) and c.status = 'blocked'")
  }

  private func queueVariants(armed: SQL) -> SQL {
    """
    with armed as materialized (\(armed)),
    wanted as (
      select v.id, v.generation, v.project_id, w.estimated_gpu_seconds as gpu,
        w.estimated_disk_bytes::double precision as disk, g.max_attempts, max(a.priority) as priority,
        (array_agg(a.run_id order by a.priority desc, a.id))[1] as run_id, min(a.id) as first_cell
      from armed a
      join variants v on v.character_id = a.character_id and v.variant_type_id = a.variant_type_id
      join source_images i on i.character_id = v.character_id
      join variant_types w on w.id = v.variant_type_id
      join generators g on g.id = w.generator_id
      where i.qa_status in ('passed', 'waived') and (not a.fit or a.reserved_gpu is not null)
        and (v.status = 'not_started' or (v.status in ('approved', 'review') and v.source_sha256 is distinct from i.sha256))
      group by v.id, w.id, g.id),
    fitting as (\(Budgets.fitting("wanted"))),
    changed as (
      update variants v
      set status = 'queued', generation = v.generation + 1, error = null, run_id = f.run_id,
        reserved_gpu_seconds = f.gpu, reserved_disk_bytes = f.disk, reviewer_id = null, reviewed_at = null, note = null
      from fitting f where v.id = f.id and v.generation = f.generation
      returning v.id, v.generation, f.project_id, f.run_id, f.priority, f.max_attempts, f.gpu, f.disk),
    queued as (
      insert into jobs (project_id, run_id, kind, subject_id, generation, priority, max_attempts)
      select project_id, run_id, 'variant', id, generation, priority, max_attempts from changed order by priority desc, id
      returning id, project_id, run_id, kind, subject_id, priority),
    \(Enqueue.tail("queued")),
    moved as (select project_id, run_id, gpu as gpu_reserved, disk as disk_reserved, 0::double precision as gpu_spent,
      0::double precision as disk_spent from changed),
    settled as (\(Budgets.settle("moved"))),
    told as (
      insert into events (project_id, run_id, kind, entity, ids, count)
      select project_id, run_id, 'queued', 'variants', array_agg(subject_id), count(*) from queued
      group by project_id, run_id)
    select (select count(*) from queued), (select count(*) from wanted) - (select count(*) from fitting), 0
    """
  }
}

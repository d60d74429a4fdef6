import Model
import PostgresClient
import SQLText
import Store
import TestFixtures
import Testing

@testable import Orchestrator

/// Draws one statement, result or fault after the other, and tells the model what was done.
struct RandomPlay {
  struct LastAction {
    let id: ActionID
    let before: ProductionModel
    /// Of no cell's: what has come of it stays.
    var isSetting = false
    /// In days.
    var age = 0
  }

  struct Hand {
    let job: ClaimedJob
    let place: JobPlace
  }

  let fixture: PipelineFixture
  var random: SeededGenerator
  var model: ProductionModel
  var hands: [Hand] = []
  /// The last job that failed for good at each place, and how many days ago.
  var failedJobs: [JobPlace: (id: JobID, age: Int)] = [:]
  var counts: [String: Int] = [:]
  let cellIDs: [Int64]
  let runIDs: [RunID]
  let sceneIDs: [Int64]
  let lookIDs: [Int64]
  let sourceIDs: [Int64]
  var file: ProductionFile
  var versions: [Int]
  var lastAction: LastAction?
  /// The last action that is too old to be undone.
  var forgotten: ActionID?
  private(set) var history: [String] = []

  init(_ fixture: PipelineFixture, _ size: PipelineFixture.Size, seed: Int) async throws {
    self.fixture = fixture
    random = SeededGenerator(seed: seed)
    model = ProductionModel(characters: size.characters, sceneTypes: size.sceneTypes, runs: 2)
    let connection = fixture.connection
    _ = try await connection.transaction {
      try await Runs(connection).create(
        name: "summer", project: fixture.project, characters: nil, sceneTypes: nil, variantTypes: nil, by: nil)
    }
    runIDs = try await fixture.ids("select id from production_runs order by id").map(RunID.init)
    cellIDs = try await fixture.ids("select id from cells order by run_id, character_id, scene_type_id")
    sceneIDs = try await fixture.ids("select id from scenes order by character_id, scene_type_id")
    lookIDs = try await fixture.ids("select id from variants order by character_id")
    sourceIDs = try await fixture.ids("select id from source_images order by character_id")
    file = PipelineFixture.file(size)
    for index in file.variantTypes.indices {
      file.variantTypes[index].estimatedGPUSeconds = ProductionModel.lookCost
    }
    file.gpuHours = model.allowed / 3600
    versions = Array(repeating: 0, count: size.characters)
    try await apply()
  }

  func apply() async throws {
    let (applied, pictures, connection) = (file, currentSources, fixture.connection)
    _ = try await connection.transaction {
      try await Productions(connection).apply(applied, sources: pictures)
    }
  }

  var figures: String { counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ") }

  mutating func step() async throws -> String {
    let before = (model, lastAction?.id)
    let what: String
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<28: what = try await act()
    case 28..<35: what = try await review()
    case 35..<59: what = try await claim()
    case 59..<83: what = try await finish()
    case 83..<85: what = try await loseLeases()
    case 85..<87: what = try await replaceSource()
    case 87..<88: what = try await pause()
    case 88..<91: what = try await retry()
    case 91..<94: what = try await changeBudget()
    case 94..<95: what = try await limit()
    case 95..<96: what = try await keep()
    case 96..<97: what = try await letDaysPass()
    default: what = try await undo()
    }
    counts[String(what.prefix { $0 != " " }), default: 0] += 1
    // Only what was done last is undone here, so that nothing can have moved on.
    if lastAction?.id == before.1, model != before.0 { lastAction = nil }
    history.append(what)
    return what
  }

  mutating func act() async throws -> String {
    let actions: [ProducerAction] = [
      .submit(takeNew: false, priority: nil), .submit(takeNew: false, priority: 70),
      .submit(takeNew: true, priority: nil), .submit(takeNew: false, priority: nil, fit: true),
      .submit(takeNew: true, priority: 60, fit: true), .resubmit(priority: nil), .resubmit(priority: nil, fit: true),
      .cancel, .skip(reason: "cut"), .unskip, .hold,
      .release, .release, .approve(note: nil), .reject(reason: "dull"), .prioritize(20), .tag("night"),
    ]
    let action = actions[Int.random(in: 0..<actions.count, using: &random)]
    let chosen = cellIDs.indices.filter { _ in Bool.random(using: &random) }
    let before = model
    let report = try await fixture.act(action, .cells(chosen.map { cellIDs[$0] }))
    model.act(action, cells: chosen)
    note(report, before)
    return "\(action) on \(chosen): \(report.changed) changed"
  }

  mutating func note(_ report: ActionReport, _ before: ProductionModel) {
    // What a release does to scene types is no decision about cells, and is not undone.
    let isKept = report.changed > 0 && before.tripped == model.tripped
    lastAction = isKept ? report.id.map { LastAction(id: $0, before: before) } : nil
  }

  mutating func review() async throws -> String {
    let look = Int.random(in: 0..<lookIDs.count, using: &random)
    let approves = Int.random(in: 0..<4, using: &random) > 0
    let before = model
    let report = try await fixture.act(
      approves ? .approve(note: nil) : .reject(reason: "hat"), .variants([lookIDs[look]]))
    if approves { model.approve(look: look) } else { model.reject(look: look) }
    note(report, before)
    return "\(approves ? "approve" : "reject") look \(look): \(report.changed) changed"
  }

  mutating func claim() async throws -> String {
    try await fixture.connection.execute(
      "update ready_jobs set run_at = now() where run_at between now() and now() + interval '1 hour'")
    let kinds: [JobKind] = [.sourceQA, .variant, .segment, .sceneQA]
    let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
    let room = try await room(for: kind)
    guard let job = try await fixture.claim(kind).first else {
      let isReady = try await isReady(kind)
      #expect(room <= 0 || !isReady, "no \(kind) job was to be had")
      return "claim nothing"
    }
    #expect(room > 0, "one \(kind) job too many")
    let place = try await place(of: job)
    failedJobs[place] = nil
    hands.append(Hand(job: job, place: place))
    #expect(!model.isHeldBack(place), "\(place) is held")
    model.claimed(job.attemptID, place)
    return "claim \(job.kind) \(place)"
  }

  func place(of job: ClaimedJob) async throws -> JobPlace {
    switch job.kind {
    case .sourceQA: return .source(sourceIDs.firstIndex(of: job.subjectID) ?? -1)
    case .variant: return .look(lookIDs.firstIndex(of: job.subjectID) ?? -1)
    case .segment, .sceneQA, .delivery, .noop:
      let scene = try await fixture.ids(
        """
        select scene_id from takes
        where id = case when \(job.kind == .segment)
          then (select take_id from segments where id = \(job.subjectID)) else \(job.subjectID) end
        """)
      return .take(scene: sceneIDs.firstIndex(of: scene.first ?? 0) ?? -1)
    }
  }

  mutating func finish() async throws -> String {
    guard !hands.isEmpty else { return "finish nothing" }
    let hand = hands.remove(at: Int.random(in: 0..<hands.count, using: &random))
    let isOurs = try await isLeased(hand.job)
    let usesGPU = hand.job.kind == .segment || hand.job.kind == .variant
    let seconds = usesGPU ? Double(Int.random(in: 1...9, using: &random)) : 0
    var report = PipelineFixture.success(hand.job)
    report.gpuSeconds = seconds
    let outcome = Int.random(in: 0..<10, using: &random)
    switch outcome {
    case 0..<7: break
    case 7: report.end = .failed("no", isFinal: false)
    case 8: report.end = .failed("never", isFinal: true)
    default: report.end = .cancelled
    }
    if !isOurs {
      // Too late: refused, but paid for.
      #expect(try await fixture.settle(hand.job, report) == false)
      model.spent += seconds
      return "late \(hand.place)"
    }
    if hand.job.kind != .sourceQA { #expect(model.isInHand(hand.job.attemptID, hand.place)) }
    try await fixture.settle(hand.job, report)
    switch report.end {
    case .cancelled: model.comesBack(hand.place, seconds)
    case .failed(_, let isFinal):
      if isFinal || hand.job.isLastAttempt {
        fail(hand, seconds)
      } else {
        model.comesBack(hand.place, seconds)
      }
    default: model.succeeded(hand.place, seconds)
    }
    return "finish \(hand.place) \(report.end)"
  }

  mutating func fail(_ hand: Hand, _ seconds: Double) {
    failedJobs[hand.place] = (hand.job.id, 0)
    model.failed(hand.place, seconds)
  }

  func isLeased(_ job: ClaimedJob) async throws -> Bool {
    try await !fixture.ids(
      "select job_id from leased_jobs where job_id = \(job.id) and attempt = \(job.attempt)"
    ).isEmpty
  }

  /// As if this worker had been suspended: everything in its hand is somebody else's, or failed for good.
  mutating func loseLeases() async throws -> String {
    var live: [Hand] = []
    for hand in hands where try await isLeased(hand.job) { live.append(hand) }
    try await fixture.connection.execute("update leased_jobs set leased_until = now() - interval '1 second'")
    try await fixture.rescue()
    for hand in live where !hand.job.isLastAttempt { model.comesBack(hand.place, 0) }
    for hand in live.filter(\.job.isLastAttempt).sorted(by: { $0.job.id.rawValue < $1.job.id.rawValue }) {
      fail(hand, 0)
    }
    // Those that failed for good have a result, to which nothing is charged any more.
    let over = Set(live.filter(\.job.isLastAttempt).map(\.job.attemptID))
    hands.removeAll { over.contains($0.job.attemptID) }
    return "lose \(live.map(\.place))"
  }

  mutating func replaceSource() async throws -> String {
    let character = Int.random(in: 0..<versions.count, using: &random)
    versions[character] += 1
    file.gpuHours = model.allowed / 3600
    try await apply()
    model.replaceSource(character)
    model.advance()
    return "replace source \(character)"
  }

  var currentSources: [StoredSource] {
    var sources = PipelineFixture.sources(file)
    let letters = Array("abcdef0123456789")
    for index in sources.indices where versions[index] > 0 {
      sources[index].sha256 = PipelineFixture.sha(
        "\(sources[index].character) \(versions[index] / letters.count)", letters[versions[index] % letters.count])
    }
    return sources
  }

  mutating func pause() async throws -> String {
    let number = Int.random(in: 0..<runIDs.count, using: &random)
    let (connection, run, paused) = (fixture.connection, runIDs[number], !model.paused[number])
    try await connection.transaction {
      if paused {
        _ = try await Runs(connection).pause(run)
      } else {
        _ = try await Runs(connection).resume(run)
        _ = try await Advance(connection).run(run)
      }
    }
    model.pause(number, paused)
    return "\(paused ? "pause" : "resume") run \(number)"
  }

  mutating func retry() async throws -> String {
    let places = failedJobs.keys.filter { model.isFailed($0) }.sorted { "\($0)" < "\($1)" }
    guard !places.isEmpty else { return "retry nothing" }
    let place = places[Int.random(in: 0..<places.count, using: &random)]
    guard let job = failedJobs[place] else { return "retry nothing" }
    let before = model
    let report = try await fixture.act(.retry, .jobs([job.id.rawValue]))
    let isTaken = model.retry(place)
    #expect(report.changed == (isTaken ? 1 : 0), "retry \(place)")
    note(report, before)
    return "retry \(place): \(report.changed) changed"
  }

  mutating func undo() async throws -> String {
    guard let lastAction else { return "undo nothing" }
    let (id, before) = (lastAction.id, lastAction.before)
    self.lastAction = nil
    do {
      try await fixture.undo(id)
    } catch UndoRefusal.changedNothing {
      return "undo \(id), which changed nothing"
    } catch UndoRefusal.movedOn(_, _, _, let reasons, _)
      where reasons.allSatisfy({ $0.reason.contains("budget") }) && !before.isFunded(after: model)
    {
      return "undo \(id), refused for the budget"
    } catch UndoRefusal.forgotten where forgotten == id {
      return "undo \(id), which is forgotten"
    }
    #expect(forgotten != id, "action \(id) should be forgotten")
    model = lastAction.isSetting ? model.reset(to: before) : before.restored(from: model)
    return "undo \(id)"
  }

  /// What the database says otherwise than the model; nil: nothing.
  mutating func difference() async throws -> String? {
    let expected = expected
    let found = try await fixture.connection.query(
      """
      select line from (
        select 1 as part, row_number() over (order by run_id, character_id, scene_type_id) as n,
          'cell ' || status || case when stale then ' stale' else '' end
            || case when reserved_gpu_seconds is not null then ' reserved' else '' end as line from cells
        union all
        select 2, row_number() over (order by character_id), 'look ' || status from variants
        union all
        select 3, row_number() over (order by character_id), 'source ' || qa_status from source_images
        union all
        select 4, row_number() over (order by kind), 'jobs ' || kind || ' ' || count(*) from live_jobs group by kind
        union all
        select 5, 1, 'allowed ' || round(allowed::numeric, 1) || ', reserved ' || round(reserved) || ', spent ' || round(spent)
        from budgets
        union all
        select 6, row_number() over (order by kind), 'limit ' || kind || ' ' || most from kind_limits where most is not null
        union all
        select 7, row_number() over (order by subject), 'keep ' || subject || ' ' || (extract(epoch from kept) / 86400)::integer from retention) x
      order by part, n
      """
    ).rows.map { try $0.decode(String.self) }
    if found == expected { return nil }
    let lines = zip(found, expected).filter { $0 != $1 }.map { "found \($0), expected \($1)" }
    history.append(contentsOf: lines)
    return lines.joined(separator: "; ") + (found.count == expected.count ? "" : "; \(found) for \(expected)")
  }

  var expected: [String] {
    let kinds = JobKind.allCases.filter { model.jobs[$0] != nil }
    return cellIDs.indices.map {
      "cell \(model.status($0).rawValue)\(model.isStale($0) ? " stale" : "")\(model.cells[$0].isReserved ? " reserved" : "")"
    }
      + model.looks.map { "look \($0.status.rawValue)" } + model.sources.map { "source \($0.status.rawValue)" }
      + kinds.map { "jobs \($0.rawValue) \(model.jobs[$0] ?? 0)" }
      + ["allowed \(model.allowed), reserved \(Int(model.reserved)), spent \(Int(model.spent))"]
      + JobKind.allCases.compactMap { kind in model.limits[kind].map { "limit \(kind.rawValue) \($0)" } }
      + ["events", "jobs", "undo"].map { "keep \($0) \(model.kept[$0] ?? 0)" }
  }
}

import Model
import Store

@testable import Orchestrator

/// A production as a few pure values: what the database, the triggers and the queue have to agree with after every step.
/// Characters, scene types and runs are numbered from 0; there is one look of each character, and every run has a cell at
/// every scene.
struct ProductionModel: Equatable {
  struct Source: Equatable {
    var status = QAStatus.pending
    var version = 0
  }

  struct Look: Equatable {
    var status = VariantStatus.notStarted
    /// Which picture it was made from, and a number that no other generation has.
    var source: Int?
    var made = 0
    var running: AttemptID?
    var isInTheMaking: Bool { status == .queued || status == .generating }
  }

  struct Take: Equatable {
    enum State { case working, checking, review, approved, rejected, failed }
    var number: Int
    var look: Int
    var done = 0
    var state = State.working
    var running: AttemptID?
    /// Somebody has had it in hand, whatever became of that.
    var isBegun = false
    var isUnfinished: Bool { state == .working || state == .checking }
  }

  struct Scene: Equatable {
    var character: Int
    var sceneType: Int
    /// The current one.
    var take: Take?
    var takes = 0
  }

  struct Cell: Equatable {
    var run: Int
    var scene: Int
    var submitted = false
    var held = false
    var skipped = false
    var priority = 50
    /// Begins only as a whole: with its take set aside from the start.
    var fit = false
    var isReserved = false
    var isWanting: Bool { submitted && !skipped }
  }

  static let segments = 2
  static let segmentCost = 10.0
  static let takeCost = Double(segments) * segmentCost
  /// More than it ever takes, so that what a look gives back is enough for a take.
  static let lookCost = 30.0

  var sources: [Source]
  var looks: [Look]
  var scenes: [Scene]
  var cells: [Cell]
  var failuresInARow: [Int]
  var tripped: [Bool]
  var paused: [Bool]
  /// GPU seconds; half a second is never needed, so that nothing ever fits to the hair.
  var allowed = 200.5
  var spent = 0.0
  var generations = 0
  /// How many jobs of a kind run at a time; nil: any number.
  var limits: [JobKind: Int] = [:]
  /// For how many days what is over is kept.
  var kept = ["events": 30, "jobs": 90, "undo": 90]

  init(characters: Int, sceneTypes: Int, runs: Int) {
    sources = Array(repeating: Source(), count: characters)
    looks = Array(repeating: Look(), count: characters)
    scenes = (0..<characters).flatMap { character in
      (0..<sceneTypes).map { Scene(character: character, sceneType: $0) }
    }
    let places = scenes.indices
    cells = (0..<runs).flatMap { run in places.map { Cell(run: run, scene: $0) } }
    failuresInARow = Array(repeating: 0, count: sceneTypes)
    tripped = Array(repeating: false, count: sceneTypes)
    paused = Array(repeating: false, count: runs)
  }

  // MARK: What follows from the facts

  func status(_ index: Int) -> CellStatus {
    let cell = cells[index]
    if cell.skipped { return .skipped }
    guard let take = scenes[cell.scene].take else { return cell.submitted ? .blocked : .notStarted }
    switch take.state {
    case .working: return take.done > 0 || take.running != nil ? .generating : .queued
    case .checking: return .generating
    case .review: return .qaReview
    case .approved: return .approved
    case .rejected: return .rejected
    case .failed: return .failed
    }
  }

  func isStale(_ index: Int) -> Bool {
    guard let take = scenes[cells[index].scene].take, !cells[index].skipped, take.state != .failed,
      take.state != .rejected
    else { return false }
    return isOld(take, of: scenes[cells[index].scene].character)
  }

  func isOld(_ take: Take, of character: Int) -> Bool {
    let look = looks[character]
    return look.status != .approved || look.made != take.look || look.source != sources[character].version
  }

  var reserved: Double {
    let takes = scenes.compactMap(\.take).filter { $0.state == .working }
    return takes.reduce(0) { $0 + Self.cost(of: $1) } + Double(looks.count(where: \.isInTheMaking)) * Self.lookCost
      + Double(cells.count(where: \.isReserved)) * Self.takeCost
  }

  /// Nobody may begin its take: all cells that want it are held.
  func isHeldBack(_ place: JobPlace) -> Bool {
    guard case .take(let scene) = place, let take = scenes[scene].take, !take.isBegun else { return false }
    let wanting = cells.filter { $0.scene == scene && $0.isWanting }
    return !wanting.isEmpty && wanting.allSatisfy(\.held)
  }

  static func cost(of take: Take) -> Double { Double(segments - take.done) * segmentCost }

  func fits(_ cost: Double) -> Bool { allowed - reserved - spent >= cost }

  /// How many jobs of each kind live.
  var jobs: [JobKind: Int] {
    [
      .sourceQA: sources.count { $0.status == .pending }, .variant: looks.count(where: \.isInTheMaking),
      .segment: scenes.count { $0.take?.state == .working }, .sceneQA: scenes.count { $0.take?.state == .checking },
    ].filter { $0.value > 0 }
  }

  private func isArmed(_ index: Int) -> Bool {
    let cell = cells[index]
    return cell.isWanting && !cell.held && !paused[cell.run] && scenes[cell.scene].take == nil
  }

  // MARK: What starts by itself

  /// Everything that can start and that the budget holds has started, the most urgent first: takes are set aside whole
  /// where that was asked for, then looks are ordered, then takes begin. Nothing waits for a second push.
  /// - Parameter among: of these cells' work first.
  mutating func advance(among chosen: [Int]? = nil) {
    while let index = urgent((chosen ?? Array(cells.indices)).filter { asksForItsTake($0) }), fits(Self.takeCost) {
      cells[index].isReserved = true
    }
    let chosen = (chosen ?? Array(cells.indices)).filter { !cells[$0].fit || cells[$0].isReserved }
    while let character = urgentLook(chosen.filter { canOrderLook($0) }), fits(Self.lookCost) {
      looks[character].status = .queued
    }
    var isFreed = false
    while let index = urgent(firsts(chosen.filter { canStartTake($0) }).filter { fits(missing($0)) }) {
      let scene = cells[index].scene
      scenes[scene].takes += 1
      scenes[scene].take = Take(number: scenes[scene].takes, look: looks[scenes[scene].character].made)
      // Others had set the same take aside.
      isFreed = isFreed || cells.indices.contains { $0 != index && cells[$0].scene == scene && cells[$0].isReserved }
      for cell in cells.indices where cells[cell].scene == scene { cells[cell].isReserved = false }
    }
    if isFreed { advance() }
  }

  private func asksForItsTake(_ index: Int) -> Bool {
    isArmed(index) && cells[index].fit && !cells[index].isReserved
  }

  /// Of the cells of one scene, the one that its take is begun for.
  private func firsts(_ waiting: [Int]) -> [Int] {
    Dictionary(grouping: waiting) { cells[$0].scene }.values.compactMap { same in
      urgent(same.filter { cells[$0].isReserved }) ?? urgent(same)
    }
  }

  private func missing(_ index: Int) -> Double { cells[index].isReserved ? 0 : Self.takeCost }

  private func urgent(_ waiting: [Int]) -> Int? {
    waiting.min { (-cells[$0].priority, $0) < (-cells[$1].priority, $1) }
  }

  /// As urgent as its most urgent cell, as old in line as its first.
  private func urgentLook(_ waiting: [Int]) -> Int? {
    let places = Dictionary(grouping: waiting) { scenes[cells[$0].scene].character }.mapValues { cells in
      (-(cells.map { self.cells[$0].priority }.max() ?? 0), cells.min() ?? 0)
    }
    return places.min { $0.value < $1.value }?.key
  }

  private func canOrderLook(_ index: Int) -> Bool {
    let character = scenes[cells[index].scene].character
    let look = looks[character]
    let isOld = [.approved, .review].contains(look.status) && look.source != sources[character].version
    return isArmed(index) && hasGoodSource(character) && (look.status == .notStarted || isOld)
  }

  private func canStartTake(_ index: Int) -> Bool {
    let scene = scenes[cells[index].scene]
    let look = looks[scene.character]
    return isArmed(index) && !tripped[scene.sceneType] && hasGoodSource(scene.character) && look.status == .approved
      && look.source == sources[scene.character].version
  }

  func hasGoodSource(_ character: Int) -> Bool {
    sources[character].status == .passed || sources[character].status == .waived
  }

  // MARK: Ending what is in the making

  private mutating func dropUnfinished(_ scene: Int) {
    if scenes[scene].take?.isUnfinished == true { scenes[scene].take = nil }
  }

  /// What only these cells wanted.
  private mutating func dropUnwanted(by changed: [Int]) {
    for index in changed { cells[index].isReserved = false }
    for scene in Set(changed.map { cells[$0].scene }) {
      let others = cells.indices.filter { cells[$0].scene == scene && !changed.contains($0) }
      if !others.contains(where: { cells[$0].isWanting }) { dropUnfinished(scene) }
    }
    for character in Set(changed.map { scenes[cells[$0].scene].character }) where looks[character].isInTheMaking {
      if !cells.contains(where: { scenes[$0.scene].character == character && $0.isWanting }) { cancelLook(character) }
    }
  }

  mutating func cancelLook(_ index: Int) {
    looks[index].status = .notStarted
    looks[index].running = nil
  }

  // MARK: Producers

  mutating func act(_ action: ProducerAction, cells chosen: [Int]) {
    let before = self
    let changed = chosen.filter { before.takes($0, action) }
    if ["submit", "resubmit"].contains(action.verb) { part(from: changed) }
    for index in changed { change(action, index) }
    if action == .cancel || action.verb == "skip" { dropUnwanted(by: changed) }
    if ["submit", "resubmit"].contains(action.verb) { advance(among: changed) }
    if action == .release {
      let freed = Set(chosen.map { scenes[cells[$0].scene].sceneType }).filter { tripped[$0] }
      let waiting = chosen.filter {
        freed.contains(scenes[cells[$0].scene].sceneType) && cells[$0].isWanting
          && [.blocked, .queued].contains(before.status($0))
      }
      for type in freed { release(type) }
      advance(among: Array(Set(changed + waiting)).sorted())
    }
    advance()
  }

  /// Whether the action changes this cell.
  private func takes(_ index: Int, _ action: ProducerAction) -> Bool {
    let (cell, status) = (cells[index], status(index))
    switch action {
    case .submit(let takeNew, let priority, let fit):
      if waits(index, priority, fit) { return false }
      return SubmissionRule.taken(takeNew: takeNew).contains(status)
        || isStale(index) && [.qaReview, .approved].contains(status)
    case .resubmit: return SubmissionRule.resubmitted.contains(status)
    case .cancel: return cell.submitted && [.blocked, .queued, .generating, .skipped].contains(status)
    case .skip, .prioritize: return status != .approved && status != .skipped
    case .unskip: return cell.skipped
    case .hold: return !cell.held
    case .release: return cell.held
    case .approve: return status == .qaReview && !isStale(index)
    case .reject: return status == .qaReview
    case .tag, .untag, .retry: return false
    }
  }

  /// Just as it would after having been submitted.
  private func waits(_ index: Int, _ priority: Int?, _ fit: Bool) -> Bool {
    let cell = cells[index]
    let character = scenes[cell.scene].character
    let look = looks[character]
    let isOld = [.approved, .review].contains(look.status) && look.source != sources[character].version
    return cell.submitted && status(index) == .blocked && cell.fit == fit
      && (priority ?? cell.priority) == cell.priority
      && ![.failed, .rejected].contains(look.status) && !isOld
  }

  private mutating func change(_ action: ProducerAction, _ index: Int) {
    switch action {
    case .submit(_, let priority, let fit), .resubmit(let priority, let fit): arm(index, priority, fit)
    case .cancel: cells[index].submitted = false
    case .skip: cells[index].skipped = true
    case .unskip: cells[index].skipped = false
    case .hold: cells[index].held = true
    case .release: cells[index].held = false
    case .approve: scenes[cells[index].scene].take?.state = .approved
    case .reject: scenes[cells[index].scene].take?.state = .rejected
    case .prioritize(let priority): cells[index].priority = priority
    case .tag, .untag, .retry: break
    }
  }

  /// Other runs' cells whose takes are set aside for these got what they wanted.
  private mutating func part(from chosen: [Int]) {
    let scenes = Set(chosen.map { cells[$0].scene }).filter { self.scenes[$0].take != nil }
    for other in cells.indices where scenes.contains(cells[other].scene) && !chosen.contains(other) {
      if !cells[other].skipped { cells[other].submitted = false }
    }
  }

  private mutating func arm(_ index: Int, _ priority: Int?, _ fit: Bool) {
    let scene = cells[index].scene
    cells[index].submitted = true
    cells[index].isReserved = cells[index].isReserved && fit
    cells[index].fit = fit
    cells[index].priority = priority ?? cells[index].priority
    scenes[scene].take = nil
    let character = scenes[scene].character
    if [.failed, .rejected].contains(looks[character].status) { looks[character].status = .notStarted }
  }

  mutating func release(_ sceneType: Int) {
    tripped[sceneType] = false
    failuresInARow[sceneType] = 0
  }

  mutating func approve(look index: Int) {
    if looks[index].status == .review && looks[index].source == sources[index].version {
      looks[index].status = .approved
    }
    advance()
  }

  mutating func reject(look index: Int) {
    guard [.review, .approved].contains(looks[index].status) else { return }
    looks[index].status = .rejected
    for scene in scenes.indices where scenes[scene].character == index && scenes[scene].take?.look == looks[index].made
    { dropUnfinished(scene) }
    advance()
  }

  mutating func replaceSource(_ index: Int) {
    sources[index].version += 1
    sources[index].status = .pending
    if looks[index].isInTheMaking { cancelLook(index) }
    for scene in scenes.indices where scenes[scene].character == index { dropUnfinished(scene) }
  }

  mutating func pause(_ run: Int, _ isPaused: Bool) {
    paused[run] = isPaused
    advance()
  }

  mutating func allow(_ seconds: Double) {
    allowed = seconds
    advance()
  }
}

/// What a job works on, by its number in the model.
enum JobPlace: Hashable {
  case source(Int)
  case look(Int)
  case take(scene: Int)
}

import Model
import Store

@testable import Orchestrator

/// A production as a few pure values: what the database, the triggers and the queue have to agree with after every step.
/// Characters and scene types are numbered from 0; there is one look of each character.
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
  }

  struct Take: Equatable {
    enum State { case working, checking, review, approved, rejected, failed }
    var number: Int
    var look: Int
    var done = 0
    var state = State.working
    var running: AttemptID?
    var isUnfinished: Bool { state == .working || state == .checking }
  }

  struct Cell: Equatable {
    var character: Int
    var sceneType: Int
    var submitted = false
    var held = false
    var skipped = false
    var take: Take?
    var takes = 0
  }

  static let segments = 2
  static let segmentCost = 10.0
  static let lookCost = 1.0

  var sources: [Source]
  var looks: [Look]
  var cells: [Cell]
  var failuresInARow: [Int]
  var tripped: [Bool]
  var isPaused = false
  var spent = 0.0
  private var generations = 0

  init(characters: Int, sceneTypes: Int) {
    sources = Array(repeating: Source(), count: characters)
    looks = Array(repeating: Look(), count: characters)
    cells = (0..<characters).flatMap { character in
      (0..<sceneTypes).map { Cell(character: character, sceneType: $0) }
    }
    failuresInARow = Array(repeating: 0, count: sceneTypes)
    tripped = Array(repeating: false, count: sceneTypes)
  }

  // MARK: What follows from the facts

  func status(_ index: Int) -> CellStatus {
    let cell = cells[index]
    if cell.skipped { return .skipped }
    guard let take = cell.take else { return cell.submitted ? .blocked : .notStarted }
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
    guard let take = cells[index].take, !cells[index].skipped, take.state != .failed, take.state != .rejected else {
      return false
    }
    let look = looks[cells[index].character]
    return look.status != .approved || look.made != take.look || look.source != sources[cells[index].character].version
  }

  var reserved: Double {
    let takes = cells.compactMap(\.take).filter { $0.state == .working }
    return takes.reduce(0) { $0 + Double(Self.segments - $1.done) * Self.segmentCost }
      + Double(looks.count { $0.status == .queued || $0.status == .generating }) * Self.lookCost
  }

  /// How many jobs of each kind live.
  var jobs: [JobKind: Int] {
    [
      .sourceQA: sources.count { $0.status == .pending },
      .variant: looks.count { $0.status == .queued || $0.status == .generating },
      .segment: cells.count { $0.take?.state == .working }, .sceneQA: cells.count { $0.take?.state == .checking },
    ].filter { $0.value > 0 }
  }

  private func isArmed(_ cell: Cell) -> Bool {
    cell.submitted && !cell.skipped && !cell.held && !isPaused && cell.take == nil
  }

  /// Everything that can start has started: nothing waits for a second push.
  mutating func advance() {
    for index in looks.indices where hasGoodSource(index) {
      let isOld = [.approved, .review].contains(looks[index].status) && looks[index].source != sources[index].version
      guard looks[index].status == .notStarted || isOld else { continue }
      if cells.contains(where: { $0.character == index && isArmed($0) }) { looks[index].status = .queued }
    }
    for index in cells.indices where isArmed(cells[index]) && !tripped[cells[index].sceneType] {
      let (look, character) = (looks[cells[index].character], cells[index].character)
      guard hasGoodSource(character), look.status == .approved, look.source == sources[character].version else {
        continue
      }
      cells[index].takes += 1
      cells[index].take = Take(number: cells[index].takes, look: look.made)
    }
  }

  private func hasGoodSource(_ character: Int) -> Bool {
    sources[character].status == .passed || sources[character].status == .waived
  }

  private mutating func dropUnfinished(_ index: Int) {
    if cells[index].take?.isUnfinished == true { cells[index].take = nil }
  }

  private mutating func dropUnwantedLooks() {
    for index in looks.indices where [.queued, .generating].contains(looks[index].status) {
      if cells.contains(where: { $0.character == index && $0.submitted && !$0.skipped }) { continue }
      cancelLook(index)
    }
  }

  private mutating func cancelLook(_ index: Int) {
    looks[index].status = .notStarted
    looks[index].running = nil
  }

  // MARK: Producers

  mutating func act(_ action: ProducerAction, cells chosen: [Int]) {
    for index in chosen { change(action, index) }
    if action.verb == "cancel" || action.verb == "skip" { dropUnwantedLooks() }
    if action == .release { for index in chosen { release(cells[index].sceneType) } }
    advance()
  }

  private mutating func change(_ action: ProducerAction, _ index: Int) {
    let status = status(index)
    switch action {
    case .submit(let takeNew, _, _):
      let isTaken = SubmissionRule.taken(takeNew: takeNew).contains(status)
      if isTaken || isStale(index) && [.qaReview, .approved].contains(status) { arm(index) }
    case .resubmit: if SubmissionRule.resubmitted.contains(status) { arm(index) }
    case .cancel:
      guard cells[index].submitted, [.blocked, .queued, .generating, .skipped].contains(status) else { return }
      cells[index].submitted = false
      dropUnfinished(index)
    case .skip:
      if status == .approved || status == .skipped { return }
      cells[index].skipped = true
      dropUnfinished(index)
    case .unskip: cells[index].skipped = false
    case .hold: cells[index].held = true
    case .release: cells[index].held = false
    case .approve: if status == .qaReview && !isStale(index) { cells[index].take?.state = .approved }
    case .reject: if status == .qaReview { cells[index].take?.state = .rejected }
    case .prioritize, .tag, .untag, .retry: break
    }
  }

  private mutating func arm(_ index: Int) {
    cells[index].submitted = true
    cells[index].take = nil
    let character = cells[index].character
    if [.failed, .rejected].contains(looks[character].status) { looks[character].status = .notStarted }
  }

  private mutating func release(_ sceneType: Int) {
    if !tripped[sceneType] { return }
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
    for cell in cells.indices where cells[cell].character == index && cells[cell].take?.look == looks[index].made {
      dropUnfinished(cell)
    }
  }

  mutating func replaceSource(_ index: Int) {
    sources[index].version += 1
    sources[index].status = .pending
    if [.queued, .generating].contains(looks[index].status) { cancelLook(index) }
    for cell in cells.indices where cells[cell].character == index { dropUnfinished(cell) }
  }

  mutating func pause(_ paused: Bool) {
    isPaused = paused
    advance()
  }

  /// The state before an action, as its undo leaves it: what was in hand and was ended by the action waits again.
  func restored(from after: ProductionModel) -> ProductionModel {
    var back = self
    back.spent = after.spent
    for index in cells.indices {
      back.cells[index].takes = after.cells[index].takes
      if cells[index].take?.isUnfinished == true, after.cells[index].take?.number != cells[index].take?.number {
        back.cells[index].take?.running = nil
      }
    }
    for index in looks.indices where [.queued, .generating].contains(looks[index].status) {
      if after.looks[index].status == .notStarted { back.cancelLook(index) }
    }
    back.advance()
    return back
  }

  // MARK: Workers

  mutating func claimed(_ attempt: AttemptID, _ place: JobPlace) {
    switch place {
    case .source: break
    case .look(let index):
      looks[index].status = .generating
      looks[index].running = attempt
    case .take(let index): cells[index].take?.running = attempt
    }
  }

  func isInHand(_ attempt: AttemptID, _ place: JobPlace) -> Bool {
    switch place {
    case .source: true
    case .look(let index): looks[index].running == attempt
    case .take(let index): cells[index].take?.running == attempt
    }
  }

  mutating func succeeded(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source(let index): sources[index].status = .passed
    case .look(let index):
      generations += 1
      looks[index] = Look(status: .review, source: sources[index].version, made: generations)
    case .take(let index):
      cells[index].take?.running = nil
      if cells[index].take?.state == .checking {
        cells[index].take?.state = .review
      } else {
        cells[index].take?.done += 1
        if cells[index].take?.done == Self.segments { cells[index].take?.state = .checking }
        if !tripped[cells[index].sceneType] { failuresInARow[cells[index].sceneType] = 0 }
      }
    }
    advance()
  }

  /// Another try follows.
  mutating func comesBack(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source: break
    case .look(let index):
      looks[index].status = .queued
      looks[index].running = nil
    case .take(let index): cells[index].take?.running = nil
    }
  }

  mutating func failed(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source(let index): sources[index].status = .failed
    case .look(let index):
      looks[index].status = .failed
      looks[index].running = nil
    case .take(let index):
      let isSegment = cells[index].take?.state == .working
      cells[index].take?.state = .failed
      cells[index].take?.running = nil
      if !isSegment { return }
      let type = cells[index].sceneType
      failuresInARow[type] += 1
      if failuresInARow[type] >= Breaker.failuresToTrip { tripped[type] = true }
    }
  }
}

/// What a job works on, by its number in the model.
enum JobPlace: Hashable {
  case source(Int)
  case look(Int)
  case take(cell: Int)
}

import Model
import Rendering

/// What is worth a word above the prompt.
public enum NewsMode: String, CaseIterable, Sendable {
  case off
  /// What concerns the run in use.
  case mine
  case all
}

/// Gathers what happens and puts it into a few lines: grouped, and the longer it goes on the more rarely, from two seconds
/// to half a minute apart. Pure: it is told the time.
struct NewsDesk {
  var mode = NewsMode.all
  /// The run in use.
  var run: RunID?
  private var groups: [Topic: Int] = [:]
  private var actions: [ColleagueAction] = []
  private var standing: ProductionStanding?
  private var lines: [String] = []
  private var nextAt: ContinuousClock.Instant?

  private var pause = NewsDesk.shortestPause
  private static let shortestPause = Duration.seconds(2)
  private static let longestPause = Duration.seconds(30)
  /// From this share of a budget on it is called low.
  private static let low = 0.1

  /// What happened to what, without the run.
  private struct Topic: Hashable, Comparable {
    var kind: String
    var entity: String

    static func < (left: Self, right: Self) -> Bool { (left.entity, left.kind) < (right.entity, right.kind) }
  }

  mutating func note(_ events: [EventGroup]) {
    for event in events where concerns(event.run) {
      groups[Topic(kind: event.kind, entity: event.entity), default: 0] += event.count
    }
  }

  mutating func note(_ new: [ColleagueAction]) {
    if mode == .all { actions += new }
  }

  /// The run's counts and budgets as they are now; what has just come about is news.
  mutating func note(_ new: ProductionStanding, run: RunID?) {
    defer { standing = new }
    guard let old = standing, mode != .off else { return }
    let open = { (standing: ProductionStanding) in
      standing.cells.filter { $0.key != .approved && $0.key != .skipped }.values.reduce(0, +)
    }
    if open(old) > 0, open(new) == 0, (new.cells[.approved] ?? 0) > 0 {
      lines.append("every cell of the run is approved: deliver")
    }
    for (resource, share) in new.budgetsLeft.sorted(by: { $0.key < $1.key })
    where share < Self.low && (old.budgetsLeft[resource] ?? 1) >= Self.low {
      lines.append("the budget runs low: \(Int(share * 100))% of the \(resource) are left")
    }
  }

  /// Another run or project is in use: what was gathered belongs to the old one.
  mutating func moved(to run: RunID?) {
    self.run = run
    (groups, actions, standing, lines) = ([:], [], nil, [])
  }

  /// The lines to show now; empty when there are none or the last were shown a moment ago.
  mutating func take(at now: ContinuousClock.Instant) -> [String] {
    if let nextAt {
      if now < nextAt { return [] }
      // It was quiet for a while.
      if now > nextAt + pause { pause = Self.shortestPause }
    }
    var told = groups.sorted { $0.key < $1.key }.compactMap { Self.words($0.key.kind, $0.key.entity, $0.value) } + lines
    told += colleagues
    (groups, actions, lines) = ([:], [], [])
    if !told.isEmpty {
      nextAt = now + pause
      pause = min(pause * 2, Self.longestPause)
    }
    return told
  }

  private func concerns(_ run: RunID?) -> Bool {
    switch mode {
    case .off: false
    case .mine: run == nil || run == self.run
    case .all: true
    }
  }

  private static func words(_ kind: String, _ entity: String, _ count: Int) -> String? {
    let things = Wording.count(count, entity)
    switch (kind, entity) {
    case ("failed", "takes"): return "\(things) failed: cells where status=failed | why"
    case ("failed", _): return "\(things) failed: \(entity) where status=failed"
    case ("generated", "variants"): return "\(things) to approve: variants where status=review"
    case ("passed", "takes"): return "\(things) to review: cells where status=qa_review"
    case ("delivered", _):
      return "\(count == 1 ? "a run is" : "\(count) runs are") delivered: deliveries | sort -id | take \(count)"
    default: return nil
    }
  }

  private var colleagues: [String] {
    var sums: [(who: String, verb: String, entity: String, count: Int)] = []
    for action in actions {
      if let place = sums.firstIndex(where: { $0 == (action.user, action.verb, action.entity, $0.count) }) {
        sums[place].count += action.changed
      } else {
        sums.append((action.user, action.verb, action.entity, action.changed))
      }
    }
    return sums.map { "\($0.who): \($0.verb) \(Wording.count($0.count, $0.entity))" }
  }
}

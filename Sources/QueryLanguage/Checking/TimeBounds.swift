import Foundation

/// What a condition on one time field leaves of time.
struct TimeBounds {
  /// The first moment that belongs to it.
  private(set) var from: Date?
  /// The first moment behind it.
  private(set) var until: Date?
  /// One moment and no other.
  private var isInstant = false

  init(_ condition: CheckedCondition) { read(condition) }

  private mutating func read(_ condition: CheckedCondition) {
    switch condition {
    case .and(let operands): for operand in operands { read(operand) }
    case .compare(_, .equal, .time(let date)): (from, until, isInstant) = (date, date, true)
    case .compare(_, .greater, .time(let date)), .compare(_, .greaterOrEqual, .time(let date)): from = date
    case .compare(_, .less, .time(let date)), .compare(_, .lessOrEqual, .time(let date)): until = date
    case .compare, .or, .not, .constant, .flag, .between, .among, .like, .matches, .isNull, .inPipeline: break
    }
  }

  /// `since 2026-11-22 10:00`, `before 2026-11-22`, `from 2026-11-20 to 2026-11-23`, `at 2026-11-22 10:00:30`.
  func text(in zone: TimeZone) -> String {
    switch (from, until) {
    case (let from?, _?) where isInstant: "at \(Self.text(from, zone))"
    case (let from?, let until?): "from \(Self.text(from, zone)) to \(Self.text(until, zone))"
    case (let from?, nil): "since \(Self.text(from, zone))"
    case (nil, let until?): "before \(Self.text(until, zone))"
    case (nil, nil): "at any time"
    }
  }

  /// As short as it is exact to the second; midnight is the day alone.
  private static func text(_ date: Date, _ zone: TimeZone) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let day = "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    if parts.hour == 0, parts.minute == 0, parts.second == 0 { return day }
    let minute = "\(day) \(padded(parts.hour, 2)):\(padded(parts.minute, 2))"
    return parts.second == 0 ? minute : "\(minute):\(padded(parts.second, 2))"
  }

  private static func padded(_ number: Int?, _ width: Int) -> String {
    let digits = String(number ?? 0)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

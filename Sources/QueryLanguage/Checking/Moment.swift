import Foundation

/// What a date or a word such as `today` stands for.
enum Moment: Equatable {
  case instant(Date)
  /// From its first instant to the first one behind it.
  case day(start: Date, end: Date)

  /// The first instant that belongs to it.
  var start: Date {
    switch self {
    case .instant(let date), .day(let date, _): date
    }
  }
}

/// The clock and calendar that dates are read by.
struct MomentReader {
  let now: Date
  let timeZone: TimeZone

  static let words = ["now", "today", "yesterday", "tomorrow"]

  private var calendar: Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    return calendar
  }

  /// nil for what is no time at all.
  func moment(_ literal: Literal) -> Moment? {
    switch literal.kind {
    case .date(let date):
      moment(date)
    case .word:
      moment(word: literal.text.lowercased())
    case .text:
      NumberReader.date(literal.text.replacing(" ", with: "T", maxReplacements: 1)).flatMap(moment)
        ?? moment(word: literal.text.lowercased())
    case .integer, .decimal, .bool, .duration, .percent, .null, .parameter:
      nil
    }
  }

  private func moment(word: String) -> Moment? {
    switch word {
    case "now": .instant(now)
    case "today": day(of: now)
    case "yesterday": calendar.date(byAdding: .day, value: -1, to: now).flatMap(day)
    case "tomorrow": calendar.date(byAdding: .day, value: 1, to: now).flatMap(day)
    default: nil
    }
  }

  private func day(of date: Date) -> Moment? {
    let start = calendar.startOfDay(for: date)
    return calendar.date(byAdding: .day, value: 1, to: start).map { .day(start: start, end: $0) }
  }

  /// nil for a day or time that does not exist, such as 2026-02-30.
  private func moment(_ date: DateLiteral) -> Moment? {
    var calendar = calendar
    if let offset = date.time?.offset {
      guard let zone = TimeZone(secondsFromGMT: offset * 60) else { return nil }
      calendar.timeZone = zone
    }
    var parts = DateComponents(calendar: calendar, year: date.year, month: date.month, day: date.day)
    guard parts.isValidDate, date.year > 0, let noon = calendar.date(from: parts) else { return nil }
    guard let time = date.time else { return day(of: noon) }
    guard time.hour < 24, time.minute < 60, time.second < 60 else { return nil }
    (parts.hour, parts.minute, parts.second) = (time.hour, time.minute, time.second)
    return calendar.date(from: parts).map(Moment.instant)
  }
}

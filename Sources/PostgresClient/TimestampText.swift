import FoundationEssentials

/// PostgreSQL's ISO style: `2026-11-22`, `2026-11-22 09:30:00.123456`, `2026-11-22 09:30:00+05:30`, `0044-03-15 BC`.
enum TimestampText {
  static func date(_ bytes: UnsafeRawBufferPointer) -> Date? {
    if bytes.elementsEqual("infinity".utf8) { return .distantFuture }
    if bytes.elementsEqual("-infinity".utf8) { return .distantPast }
    var scanner = Scanner(bytes: bytes)
    guard var year = scanner.digits(), scanner.take("-"), let month = scanner.digits(), scanner.take("-"),
      let day = scanner.digits(), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    guard let time = scanner.isAt(" ") && !scanner.isAt(" BC") ? scanner.timeOfDay() : (seconds: 0, fraction: 0.0)
    else { return nil }
    if scanner.take(" BC") { year = 1 - year }
    guard scanner.isAtEnd else { return nil }
    // Whole seconds and the fraction are added last, so that a microsecond survives as far as a double can hold it.
    let seconds = (daysSince1970(year, month, day) - daysTo2001) * 86_400 + time.seconds
    return Date(timeIntervalSinceReferenceDate: Double(seconds) + time.fraction)
  }

  /// The inverse for what is sent as text.
  static func text(microsecondsSince2000 microseconds: Int64) -> String {
    let (days, rest) = floorDivide(Int(microseconds), 86_400_000_000)
    let (year, month, day) = calendarDay(daysSince1970: days + 10_957)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let second = rest / 1_000_000
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
    let date = [padded(year > 0 ? year : 1 - year, 4), padded(month, 2), padded(day, 2)].joined(separator: "-")
    return "\(date) \(time).\(padded(rest % 1_000_000, 6))+00" + (year > 0 ? "" : " BC")
  }

  private static func floorDivide(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func calendarDay(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static let daysTo2001 = 11_323

  /// Days of the proleptic Gregorian calendar, by eras of 400 years that begin in March.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    func isAt(_ text: StaticString) -> Bool {
      text.withUTF8Buffer { text in
        bytes.count - at >= text.count && bytes[at..<(at + text.count)].elementsEqual(text)
      }
    }

    mutating func take(_ text: StaticString) -> Bool {
      guard isAt(text) else { return false }
      at += text.utf8CodeUnitCount
      return true
    }

    /// One to nine digits.
    mutating func digits() -> Int? {
      var value = 0
      let start = at
      while at < bytes.count, at - start < 9, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") {
        value = value * 10 + Int(bytes[at] - UInt8(ascii: "0"))
        at += 1
      }
      return at > start ? value : nil
    }

    /// ` HH:MM:SS[.ffffff][+HH[:MM[:SS]]]` as seconds of the day in UTC, and the fraction.
    mutating func timeOfDay() -> (seconds: Int, fraction: Double)? {
      guard take(" "), let hour = digits(), take(":"), let minute = digits(), take(":"), let second = digits() else {
        return nil
      }
      var fraction = 0.0
      if take(".") {
        let start = at
        guard let digits = digits() else { return nil }
        var scale = 1.0
        for _ in start..<at { scale *= 10 }
        fraction = Double(digits) / scale
      }
      guard let offset = zoneOffset() else { return nil }
      return (hour * 3600 + minute * 60 + second - offset, fraction)
    }

    /// Seconds east of UTC; 0 where no zone is given.
    private mutating func zoneOffset() -> Int? {
      let sign: Int
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return 0 }
      guard var offset = digits().map({ $0 * 3600 }) else { return nil }
      if take(":") {
        guard let minutes = digits() else { return nil }
        offset += minutes * 60
      }
      if take(":") {
        guard let seconds = digits() else { return nil }
        offset += seconds
      }
      return sign * offset
    }
  }
}

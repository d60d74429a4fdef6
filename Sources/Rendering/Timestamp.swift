import Foundation

/// Instants as text, by plain arithmetic: a result may have a million of them.
enum Timestamp {
  /// `2026-11-22T20:42:15Z`, with as many places of a second as the database keeps when there are any.
  static func iso8601(_ date: Date) -> String {
    let parts = Parts(date, offset: 0)
    return "\(parts.day)T\(parts.clock)\(parts.fraction)Z"
  }

  /// `2026-11-22 20:42:15` in the given zone, rounded down to the second.
  static func readable(_ date: Date, _ zone: TimeZone) -> String {
    let parts = Parts(date, offset: zone.secondsFromGMT(for: date))
    return "\(parts.day) \(parts.clock)"
  }

  private struct Parts {
    let day: String
    let clock: String
    let fraction: String

    init(_ date: Date, offset: Int) {
      // Beyond these bounds a date is the database's infinity, and arithmetic on integers would trap.
      let seconds = min(max(date.timeIntervalSince1970, -6e10), 2.5e11)
      let micros = Int64((seconds * 1e6).rounded()) + Int64(offset) * 1_000_000
      let second = micros.flooredQuotient(1_000_000)
      let days = second.flooredQuotient(86400)
      let clock = second - days * 86400
      let (year, month, dayOfMonth) = civil(days)
      day = joined([(year, 4), (month, 2), (dayOfMonth, 2)], separator: 0x2D)
      self.clock = joined([(clock / 3600, 2), (clock / 60 % 60, 2), (clock % 60, 2)], separator: 0x3A)
      let rest = micros - second * 1_000_000
      if rest == 0 {
        fraction = ""
      } else {
        var digits = joined([(rest, 6)], separator: 0)[...]
        while digits.last == "0" { digits.removeLast() }
        fraction = "." + digits
      }
    }
  }

  /// Numbers with leading zeros, an ASCII character between them.
  private static func joined(_ numbers: [(value: Int64, digits: Int)], separator: UInt8) -> String {
    String(unsafeUninitializedCapacity: 32) { bytes in
      var count = 0
      for (index, number) in numbers.enumerated() {
        if index > 0 {
          bytes[count] = separator
          count += 1
        }
        let digits = max(number.digits, number.value >= 10_000 ? 5 : 0)
        var rest = abs(number.value)
        for place in stride(from: count + digits - 1, through: count, by: -1) {
          bytes[place] = 0x30 + UInt8(rest % 10)
          rest /= 10
        }
        count += digits
      }
      return count
    }
  }

  /// Days since 1970-01-01 to a date of the Gregorian calendar, by counting in eras of 400 years from a 1 March.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

import Foundation

/// Numbers and spans of time as people say them. Pure: what "now" is comes in.
public enum Wording {
  /// `8 cells`, `1 cell`: the plural loses its s for one. Thousands are grouped.
  public static func count(_ number: Int, _ plural: String) -> String {
    "\(grouped(number)) \(noun(number, plural))"
  }

  /// The plural noun, or its singular for one.
  public static func noun(_ number: Int, _ plural: String) -> String {
    if number != 1 { return plural }
    if plural.hasSuffix("ies") { return plural.dropLast(3) + "y" }
    return plural.hasSuffix("s") ? String(plural.dropLast()) : plural
  }

  /// `12,345`
  public static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// Seconds in the two largest units that matter: `0.4 s`, `12 s`, `3 min`, `2 min 5 s`, `1 h 5 min`, `3 d 4 h`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "unknown" }
    if seconds < 0 { return "-" + duration(-seconds) }
    if seconds > 0, seconds < 0.0005 { return "under 1 ms" }
    if seconds > 0, seconds < 1, (seconds * 1000).rounded() < 1000 {
      return seconds < 0.1 ? "\(Int((seconds * 1000).rounded())) ms" : number(seconds, decimals: 1) + " s"
    }
    if seconds < 10, seconds != seconds.rounded(), number(seconds, decimals: 1) != "10" {
      return number(seconds, decimals: 1) + " s"
    }
    return wholeDuration(Int(min(seconds, 1e15).rounded()))
  }

  private static func wholeDuration(_ seconds: Int) -> String {
    func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
      small == 0 ? "\(grouped(large)) \(largeUnit)" : "\(grouped(large)) \(largeUnit) \(small) \(smallUnit)"
    }
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return pair(seconds / 60, "min", seconds % 60, "s") }
    let minutes = seconds / 60
    if minutes < 24 * 60 { return pair(minutes / 60, "h", minutes % 60, "min") }
    let hours = minutes / 60
    return pair(hours / 24, "d", hours % 24, "h")
  }

  /// One unit, rounded, for what is not known better: `3 min`, `2 h`, `4 d`.
  public static func roughDuration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "unknown" }
    let seconds = abs(seconds)
    if seconds < 59.5 { return "\(Int(seconds.rounded())) s" }
    if seconds < 59.5 * 60 { return "\(Int((seconds / 60).rounded())) min" }
    if seconds < 10 * 3600 {
      let halves = (seconds / 1800).rounded() / 2
      return number(halves, decimals: 1) + " h"
    }
    if seconds < 47.5 * 3600 { return "\(Int((seconds / 3600).rounded())) h" }
    return "\(grouped(Int(min(seconds / 86400, 1e15).rounded()))) d"
  }

  /// `14 min ago`, `just now`, `in 2 h`.
  public static func relative(_ date: Date, now: Date) -> String {
    let seconds = now.timeIntervalSince(date)
    if abs(seconds) < 5 { return "just now" }
    return seconds > 0 ? "\(roughDuration(seconds)) ago" : "in \(roughDuration(seconds))"
  }

  /// Decimal units, as disks are sold: `512 bytes`, `1.2 MB`, `340 GB`.
  public static func bytes(_ count: Int64) -> String {
    if count.magnitude < 1000 { return "\(count) \(noun(Int(count), "bytes"))" }
    var value = Double(count) / 1000
    var unit = 0
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    while abs(value) >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return "\(number(value, decimals: abs(value) < 9.95 ? 1 : 0)) \(units[unit])"
  }

  /// At most `decimals` places, without trailing zeros: `0.4`, `11.2`, `40`.
  public static func number(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let units = Int64(scaled)
    let (whole, rest) = units.quotientAndRemainder(dividingBy: Int64(scale))
    let sign = value < 0 && units > 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    let digits = String(rest)
    var fraction = (String(repeating: "0", count: decimals - digits.count) + digits)[...]
    while fraction.last == "0" { fraction.removeLast() }
    return "\(sign)\(whole).\(fraction)"
  }

  /// For a table: three places, or three significant digits below one, so that a small number never reads as 0.
  public static func shortNumber(_ value: Double) -> String {
    if value == 0 || abs(value) >= 1 || !value.isFinite {
      return abs(value) < 1e15 || !value.isFinite ? number(value, decimals: 3) : "\(value)"
    }
    if abs(value) < 1e-6 { return "\(value)" }
    return number(value, decimals: 2 - Int(log10(abs(value)).rounded(.down)))
  }

  /// For sentences: two places, or two significant digits below one, so that a small amount never reads as 0.
  public static func figure(_ value: Double) -> String {
    if value == 0 || abs(value) >= 1 || !value.isFinite { return number(value, decimals: 2) }
    return abs(value) < 1e-6 ? "\(value)" : number(value, decimals: max(2, 1 - Int(log10(abs(value)).rounded(.down))))
  }

  /// Whole percent; 100 only when it is all, 0 only when it is nothing. nil when there is nothing to measure.
  public static func percent(_ done: Int, of total: Int) -> String? {
    guard total > 0 else { return nil }
    let rounded = Int((Double(done) * 100 / Double(total)).rounded())
    let honest = done >= total ? rounded : min(rounded, 99)
    return "\(done > 0 ? max(honest, 1) : 0)%"
  }
}

import Foundation
import Model

extension Value {
  /// As a person reads it in a table: short numbers, durations in words, times in the given zone.
  func readable(_ viewport: Viewport) -> String {
    switch self {
    case .null: viewport.glyphs.none
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): Wording.shortNumber(value)
    case .text(let value): value
    case .time(let value): Timestamp.readable(value, viewport.timeZone)
    case .duration(let value): Wording.duration(value)
    case .list(let values): values.map { $0.readable(viewport) }.joined(separator: ", ")
    }
  }

  /// As a program reads it in a text format: nothing rounded, times in UTC, durations in seconds, lists as JSON; nil
  /// for null.
  var exact: String? {
    switch self {
    case .null: nil
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value), .duration(let value): exactNumber(value)
    case .text(let value): value
    case .time(let value): Timestamp.iso8601(value)
    case .list: JSONText.plain(self)
    }
  }
}

/// The shortest text that reads back as the same number, laid out as PostgreSQL does it: whole numbers without a point,
/// an exponent below 1e-4 and from 1e15 on.
func exactNumber(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
  if value == 0 { return value.sign == .minus ? "-0" : "0" }
  if abs(value) < 1e15 {
    if value == value.rounded() { return String(Int64(value)) }
    return "\(value)"
  }
  let text = "\(value)"
  if text.contains("e") { return text.replacing(".0e", with: "e") }
  // Swift begins with exponents somewhat later.
  let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
  var fraction = digits.dropFirst()
  while fraction.last == "0" { fraction.removeLast() }
  let sign = value < 0 ? "-" : ""
  return "\(sign)\(digits.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")e+\(digits.count - 1)"
}

extension ColumnKind {
  var alignsRight: Bool {
    switch self {
    case .int, .double, .duration: true
    case .bool, .text, .status, .time, .list: false
    }
  }

  /// Whether its values may be spread over several lines when there is no room: only what is read as words.
  var wraps: Bool {
    switch self {
    case .text, .list: true
    case .bool, .int, .double, .status, .time, .duration: false
    }
  }
}

/// Reads the words that begin with a digit: numbers, durations, percentages and dates. Anything else is a word after all.
enum NumberReader {
  static func literal(_ text: String) -> Literal? {
    kind(text).map { Literal($0, text) }
  }

  private static func kind(_ text: String) -> Literal.Kind? {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy(Grammar.isDigit) {
      return Int64(text).map(Literal.Kind.integer) ?? number(text).map(Literal.Kind.decimal)
    }
    if let value = number(text) { return .decimal(value) }
    if text.hasSuffix("%"), let value = number(String(text.dropLast())) { return .percent(value / 100) }
    // Names are kept in lower case: what is none then must be none as it is written.
    if let seconds = duration(Array(text.lowercased().utf8)) { return .duration(seconds) }
    return date(text).map(Literal.Kind.date)
  }

  /// Digits with at most one dot among them: no exponents, no `inf`.
  private static func number(_ text: String) -> Double? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 64,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Grammar.isDigit) })
    else { return nil }
    return Double(text)
  }

  private static let units: [(name: [UInt8], seconds: Double)] = [
    (Array("ms".utf8), 0.001), (Array("s".utf8), 1), (Array("m".utf8), 60), (Array("h".utf8), 3600),
    (Array("d".utf8), 86400), (Array("w".utf8), 604_800),
  ]

  /// `90s`, `1h30m`, `1.5d`: every number with its unit, up to some 300 years.
  private static func duration(_ bytes: [UInt8]) -> Double? {
    var seconds = 0.0
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { Grammar.isDigit($0) || $0 == UInt8(ascii: ".") }
      rest = rest.dropFirst(digits.count)
      guard let amount = number(String(decoding: digits, as: UTF8.self)),
        let unit = units.first(where: { rest.starts(with: $0.name) })
      else { return nil }
      rest = rest.dropFirst(unit.name.count)
      seconds += amount * unit.seconds
    }
    return seconds < 1e10 ? seconds : nil
  }

  /// `2026-11-22`, `2026-11-22T10:30`, with seconds, with `Z` or `+01:00`. Whether there is such a day is the checker's question.
  static func date(_ text: String) -> DateLiteral? {
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    let day = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, day.count == 3, let year = digits(day[0], 4), let month = digits(day[1], 2),
      let number = digits(day[2], 2)
    else { return nil }
    guard parts.count == 2 else { return DateLiteral(year: year, month: month, day: number) }
    return time(parts[1]).map { DateLiteral(year: year, month: month, day: number, time: $0) }
  }

  private static func time(_ text: Substring) -> DateLiteral.Time? {
    var clock = text
    var offset: Int?
    if clock.hasSuffix("Z") {
      clock.removeLast()
      offset = 0
    } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      let zone = clock[clock.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
      guard zone.count == 2, let hours = digits(zone[0], 2), let minutes = digits(zone[1], 2) else { return nil }
      offset = (hours * 60 + minutes) * (clock[sign] == "-" ? -1 : 1)
      clock = clock[..<sign]
    }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hour = digits(parts[0], 2), let minute = digits(parts[1], 2) else {
      return nil
    }
    guard let second = parts.count == 3 ? digits(parts[2], 2) : 0 else { return nil }
    return DateLiteral.Time(hour: hour, minute: minute, second: second, offset: offset)
  }

  private static func digits(_ text: Substring, _ count: Int) -> Int? {
    text.utf8.count == count && text.utf8.allSatisfy(Grammar.isDigit) ? Int(text) : nil
  }
}

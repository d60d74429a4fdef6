import Foundation
import QueryLanguage
import TestFixtures

/// A condition as a person writes it, beside what it means, said in Swift: whether a row meets it. Made from the same draw,
/// but neither from the other.
struct RandomCondition {
  let text: String
  let holds: (RowOfCells) -> Bool

  /// Any condition on these fields, with values that the rows have and values that they have not.
  static func draw(
    _ random: inout SeededGenerator, fields: [Field], rows: [RowOfCells], depth: Int = 3
  ) -> RandomCondition {
    if depth == 0 || random.isOne(in: 3) {
      return leaf(&random, random.any(fields), rows)
    }
    let left = draw(&random, fields: fields, rows: rows, depth: depth - 1)
    let right = draw(&random, fields: fields, rows: rows, depth: depth - 1)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return RandomCondition(text: "not (\(left.text))") { !left.holds($0) }
    case 1: return RandomCondition(text: "(\(left.text)) and (\(right.text))") { left.holds($0) && right.holds($0) }
    case 2: return RandomCondition(text: "(\(left.text)) or (\(right.text))") { left.holds($0) || right.holds($0) }
    case 3:
      let third = leaf(&random, random.any(fields), rows)
      // "and" binds before "or".
      return RandomCondition(text: "\(third.text) or (\(left.text)) and (\(right.text))") {
        third.holds($0) || left.holds($0) && right.holds($0)
      }
    default:
      let first = leaf(&random, random.any(fields), rows)
      // "not" binds before everything.
      return RandomCondition(text: "not \(first.text) and (\(right.text))") { !first.holds($0) && right.holds($0) }
    }
  }

  private static func leaf(_ random: inout SeededGenerator, _ field: Field, _ rows: [RowOfCells]) -> RandomCondition {
    let name = field.name
    if random.isOne(in: 8) { return emptiness(&random, field) }
    switch field.type {
    case .bool: return flag(&random, name)
    case .int, .double, .duration: return number(&random, field, rows)
    case .text:
      return random.isOne(in: 4) ? order(&random, name) : words(&random, name, RandomRows.texts, isClosed: false)
    case .word(let vocabulary): return words(&random, name, vocabulary.words, isClosed: true)
    case .time: return moment(&random, name)
    case .list(let vocabulary):
      return elements(&random, name, vocabulary?.words ?? ["hero", "night", "Night shoot", "b_c", "none"])
    case .reference: return reference(&random, name, rows)
    }
  }

  // MARK: Presence

  private static func emptiness(_ random: inout SeededGenerator, _ field: Field) -> RandomCondition {
    let isEmpty: (RowOfCells) -> Bool = { row in
      switch row[field.name] ?? .null {
      case .null: true
      case .list(let elements): elements.isEmpty
      case .bool, .int, .double, .text, .time: false
      }
    }
    let name = field.name
    let asks = random.any(["\(name) is null", "\(name) = null", "\(name) is not set", "not \(name) is set"])
    let denies = random.any(["\(name) is set", "\(name) != null", "\(name) is not null", "not \(name) is null"])
    return random.isOne(in: 2)
      ? RandomCondition(text: asks, holds: isEmpty) : RandomCondition(text: denies) { !isEmpty($0) }
  }

  private static func flag(_ random: inout SeededGenerator, _ name: String) -> RandomCondition {
    let wanted = random.isOne(in: 2)
    let equals: (RowOfCells) -> Bool = { $0[name] == .bool(wanted) }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return RandomCondition(text: name) { $0[name] == .bool(true) }
    case 1: return RandomCondition(text: "\(name) = \(wanted)", holds: equals)
    default: return RandomCondition(text: "\(name) != \(wanted)") { !equals($0) }
    }
  }

  // MARK: Numbers

  private static func number(
    _ random: inout SeededGenerator, _ field: Field, _ rows: [RowOfCells]
  ) -> RandomCondition {
    let name = field.name
    let known = rows.compactMap { number($0[name]) }.filter { $0 * 8 == ($0 * 8).rounded() }
    let isWhole = field.type == .int
    func draw() -> Double {
      let value =
        known.isEmpty || random.isOne(in: 3) ? Double(Int.random(in: -2...100, using: &random)) : random.any(known)
      return isWhole ? value.rounded() : value
    }
    func written(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
    let (first, second, third) = (draw(), draw(), draw())
    func compare(_ symbol: String, _ holds: @escaping (Double) -> Bool) -> RandomCondition {
      RandomCondition(text: "\(name) \(symbol) \(written(first))") { number($0[name]).map(holds) ?? false }
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return compare("=") { $0 == first }
    case 1: return RandomCondition(text: "\(name) != \(written(first))") { number($0[name]) != first }
    case 2: return compare("<") { $0 < first }
    case 3: return compare("<=") { $0 <= first }
    case 4: return compare(">") { $0 > first }
    case 5: return compare(">=") { $0 >= first }
    case 6:
      return RandomCondition(text: "\(name) in (\(written(first)), \(written(second)))") {
        [first, second].contains(number($0[name]))
      }
    case 7:
      return RandomCondition(text: "\(name) not in (\(written(first)), null, \(written(second)))") { row in
        number(row[name]).map { $0 != first && $0 != second } ?? false
      }
    case 8:
      let (lower, upper) = (min(first, second), max(first, second))
      return RandomCondition(text: "\(name) = \(written(lower))..\(written(upper))") { row in
        number(row[name]).map { (lower...upper).contains($0) } ?? false
      }
    default:
      let (lower, upper) = (min(first, second), max(first, second))
      return RandomCondition(text: "\(name) not in (\(written(third)), \(written(lower))..\(written(upper)))") { row in
        number(row[name]).map { $0 != third && !(lower...upper).contains($0) } ?? true
      }
    }
  }

  private static func number(_ cell: Cell?) -> Double? {
    switch cell {
    case .int(let value): Double(value)
    case .double(let value): value
    case .null, .bool, .text, .time, .list, nil: nil
    }
  }

  // MARK: Texts

  private static func words(
    _ random: inout SeededGenerator, _ name: String, _ pool: [String], isClosed: Bool
  ) -> RandomCondition {
    let (first, second) = (random.any(pool), random.any(pool))
    func quoted(_ text: String) -> String { Literal.quoted(text) }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return RandomCondition(text: "\(name) = \(quoted(first))") { text($0[name]) == first }
    case 1: return RandomCondition(text: "\(name) != \(quoted(first))") { text($0[name]) != first }
    case 2:
      return RandomCondition(text: "\(name) in (\(quoted(first)), \(quoted(second)))") {
        [first, second].contains(text($0[name]))
      }
    case 3:
      return RandomCondition(text: "\(name) not in (\(quoted(first)), \(quoted(second)))") {
        ![first, second].contains(text($0[name]))
      }
    case 4:
      return RandomCondition(text: "\(name) in (\(quoted(first)), null)") { row in
        text(row[name]).map { $0 == first } ?? true
      }
    case 5:
      let glob = Pattern.glob(&random, pool)
      return RandomCondition(text: "\(name) like \(quoted(glob))") { row in
        text(row[name]).map { Pattern.matches($0, glob: glob) } ?? false
      }
    case 6:
      let glob = Pattern.glob(&random, pool)
      return RandomCondition(text: "\(name) not like \(quoted(glob))") { row in
        !(text(row[name]).map { Pattern.matches($0, glob: glob) } ?? false)
      }
    default:
      let (pattern, ignoresCase) = (random.any(Pattern.expressions), random.isOne(in: 2))
      return RandomCondition(text: "\(name) ~ /\(pattern)/\(ignoresCase ? "i" : "")") { row in
        text(row[name]).map { Pattern.matches($0, expression: pattern, ignoresCase) } ?? false
      }
    }
  }

  /// By their bytes, as the database's collation has it.
  private static func order(_ random: inout SeededGenerator, _ name: String) -> RandomCondition {
    let first = random.any(RandomRows.texts)
    func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
    let value = Literal.quoted(first)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return RandomCondition(text: "\(name) < \(value)") { text($0[name]).map { precedes($0, first) } ?? false }
    case 1: return RandomCondition(text: "\(name) >= \(value)") { text($0[name]).map { !precedes($0, first) } ?? false }
    default:
      let last = random.any(RandomRows.texts)
      return RandomCondition(text: "\(name) = \(value)..\(Literal.quoted(last))") { row in
        text(row[name]).map { !precedes($0, first) && !precedes(last, $0) } ?? false
      }
    }
  }

  private static func text(_ cell: Cell?) -> String? {
    if case .text(let text) = cell { text } else { nil }
  }

  // MARK: Lists

  private static func elements(_ random: inout SeededGenerator, _ name: String, _ pool: [String]) -> RandomCondition {
    let (first, second) = (random.any(pool), random.any(pool))
    func has(_ row: RowOfCells, _ wanted: (String) -> Bool) -> Bool {
      if case .list(let elements) = row[name] { elements.contains(where: wanted) } else { false }
    }
    let value = Literal.quoted(first)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return RandomCondition(text: "\(name) = \(value)") { has($0) { $0 == first } }
    case 1: return RandomCondition(text: "\(name) != \(value)") { !has($0) { $0 == first } }
    case 2:
      return RandomCondition(text: "\(name) in (\(value), \(Literal.quoted(second)))") {
        has($0) { [first, second].contains($0) }
      }
    case 3:
      return RandomCondition(text: "\(name) not in (\(value), \(Literal.quoted(second)))") {
        !has($0) { [first, second].contains($0) }
      }
    case 4:
      let glob = Pattern.glob(&random, pool)
      return RandomCondition(text: "\(name) like \(Literal.quoted(glob))") {
        has($0) { Pattern.matches($0, glob: glob) }
      }
    default:
      return RandomCondition(text: "\(name) ~ /ig|b_/") { has($0) { Pattern.matches($0, expression: "ig|b_", false) } }
    }
  }

  // MARK: References

  private static func reference(
    _ random: inout SeededGenerator, _ name: String, _ rows: [RowOfCells]
  ) -> RandomCondition {
    let pairs = rows.compactMap { row -> (Int64, String)? in
      if case .int(let id) = row[name + "_id"], let called = text(row[name]) { (id, called) } else { nil }
    }
    guard !pairs.isEmpty else { return RandomCondition(text: "\(name) is null") { text($0[name]) == nil } }
    let (first, second) = (random.any(pairs), random.any(pairs))
    let byName = Literal.quoted(random.isOne(in: 3) ? first.1.uppercased() : first.1)
    func id(_ row: RowOfCells) -> Int64? { if case .int(let id) = row[name + "_id"] { id } else { nil } }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return RandomCondition(text: "\(name) = \(first.0)") { id($0) == first.0 }
    case 1: return RandomCondition(text: "\(name) = \(byName)") { id($0) == first.0 }
    case 2: return RandomCondition(text: "\(name) != \(byName)") { id($0) != first.0 }
    case 3:
      return RandomCondition(text: "\(name) in (\(byName), \(second.0))") { [first.0, second.0].contains(id($0)) }
    case 4:
      return RandomCondition(text: "\(name) not in (\(byName), \(second.0))") { ![first.0, second.0].contains(id($0)) }
    case 5:
      let (lower, upper) = (min(first.0, second.0), max(first.0, second.0))
      return RandomCondition(text: "\(name) = \(lower)..\(upper)") {
        id($0).map { (lower...upper).contains($0) } ?? false
      }
    case 6:
      let glob = Pattern.glob(&random, pairs.map(\.1))
      return RandomCondition(text: "\(name) like \(Literal.quoted(glob))") { row in
        text(row[name]).map { Pattern.matches($0, glob: glob) } ?? false
      }
    default:
      return RandomCondition(text: "\(name) ~ /^[a-k]/i") { row in
        text(row[name]).map { Pattern.matches($0, expression: "^[a-k]", true) } ?? false
      }
    }
  }

  // MARK: Times

  private static func moment(_ random: inout SeededGenerator, _ name: String) -> RandomCondition {
    func time(_ row: RowOfCells) -> Date? { if case .time(let date) = row[name] { date } else { nil } }
    let hours = Int.random(in: 1...120, using: &random)
    let ago = World.now.addingTimeInterval(Double(-hours) * 3600)
    let day = Int.random(in: 18...22, using: &random)
    let midnight = Date(timeIntervalSince1970: 1_795_305_600).addingTimeInterval(Double(day - 22) * 86_400)
    let nextDay = midnight.addingTimeInterval(86_400)
    let clock = midnight.addingTimeInterval(Double(hours % 24) * 3600)
    let hour = hours % 24 < 10 ? "0\(hours % 24)" : "\(hours % 24)"
    let written = "2026-11-\(day)T\(hour):00"
    func condition(_ text: String, _ holds: @escaping (Date) -> Bool) -> RandomCondition {
      RandomCondition(text: text) { time($0).map(holds) ?? false }
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return condition("\(name) since \(hours)h") { $0 >= ago }
    case 1: return condition("\(name) older than \(hours)h") { $0 < ago }
    case 2: return condition("\(name) before 2026-11-\(day)") { $0 < midnight }
    case 3: return condition("\(name) since 2026-11-\(day)") { $0 >= midnight }
    case 4: return condition("\(name) = 2026-11-\(day)") { $0 >= midnight && $0 < nextDay }
    case 5:
      return RandomCondition(text: "\(name) != 2026-11-\(day)") { row in
        !(time(row).map { $0 >= midnight && $0 < nextDay } ?? false)
      }
    case 6: return condition("\(name) <= 2026-11-\(day)") { $0 < nextDay }
    case 7: return condition("\(name) > 2026-11-\(day)") { $0 >= nextDay }
    case 8: return condition("\(name) >= \(written)") { $0 >= clock }
    default:
      return condition("\(name) = 2026-11-\(day)..\(day == 22 ? "today" : "yesterday")") {
        $0 >= midnight && $0 < Date(timeIntervalSince1970: day == 22 ? 1_795_392_000 : 1_795_305_600)
      }
    }
  }
}

/// Globs and regular expressions, said in Swift.
enum Pattern {
  static let expressions = [
    "out", "OUT of", "^a", "y$", "a.b", "[xyz]", "(done|off)", "\\d", "^$", "e+d?", "\\[dr", "one.line", "s[^t]",
  ]

  /// A text of the pool with some of its letters made wild.
  static func glob(_ random: inout SeededGenerator, _ pool: [String]) -> String {
    let text = random.any(pool).replacing("%", with: "?")
    let wild = String(text.map { letter in random.isOne(in: 4) ? random.any(["*", "?"]) : letter })
    return random.any([wild, "*" + wild.suffix(4), wild.prefix(3) + "*"])
  }

  static func matches(_ text: String, glob: String) -> Bool {
    let text = Array(text.lowercased().unicodeScalars)
    let glob = Array(glob.lowercased().unicodeScalars)
    // ends[i]: the glob so far ends behind the first i letters.
    var ends = [Bool](repeating: false, count: text.count + 1)
    ends[0] = true
    for part in glob {
      var next = [Bool](repeating: false, count: text.count + 1)
      for place in 0...text.count {
        if part == "*" {
          next[place] = ends[place] || (place > 0 && next[place - 1])
        } else if place > 0, part == "?" || part == text[place - 1] {
          next[place] = ends[place - 1]
        }
      }
      ends = next
    }
    return ends[text.count]
  }

  static func matches(_ text: String, expression: String, _ ignoresCase: Bool) -> Bool {
    guard let regex = try? Regex(expression).ignoresCase(ignoresCase).dotMatchesNewlines() else { return false }
    return text.firstMatch(of: regex) != nil
  }
}

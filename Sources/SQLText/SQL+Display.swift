import FoundationEssentials

extension SQL {
  /// For people: the statement with its values as literals, on several lines, so that it can be pasted into psql. Never
  /// for sending: that is `rendered()`.
  public func displayed(width: Int = 100) -> String {
    var layout = SQLLayout(width: width)
    for segment in segments {
      switch segment {
      case .text(let text): layout.add(text)
      case .binding(let value): layout.add(literal: value.literal)
      }
    }
    return layout.text
  }
}

extension SQLValue {
  /// As PostgreSQL reads it in a statement, with its type where that is not plain.
  public var literal: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): Self.number(value)
    case .text(let value): Self.quoted(value)
    case .bytes(let value): "'\\x\(value.map { byte in Self.hexadecimal(byte) }.joined())'::bytea"
    case .timestamp(let value): "'\(value.formatted(Self.instant))'::timestamptz"
    case .json(let value): Self.quoted(value) + "::jsonb"
    case .ints(let values): "'{\(values.map(String.init).joined(separator: ","))}'::int8[]"
    case .doubles(let values): "'{\(values.map { "\($0)" }.joined(separator: ","))}'::float8[]"
    case .texts(let values): "array[\(values.map(Self.quoted).joined(separator: ", "))]::text[]"
    case .bools(let values): "'{\(values.map { $0 ? "t" : "f" }.joined(separator: ","))}'::bool[]"
    }
  }

  private static let instant = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  private static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)::float8" : "'\(value)'::float8"
  }

  /// What cannot be seen, and what could be taken for something else, stands as an escape.
  private static func quoted(_ text: String) -> String {
    var body = ""
    var hasEscapes = false
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        body += escape(scalar)
        hasEscapes = true
      default:
        if scalar == "'" || scalar == "\\" { body.unicodeScalars.append(scalar) }
        body.unicodeScalars.append(scalar)
        hasEscapes = hasEscapes || scalar == "\\"
      }
    }
    return (hasEscapes ? "E'" : "'") + body + "'"
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\n" { return "\\n" }
    let digits = String(scalar.value, radix: 16)
    let zeros = String(repeating: "0", count: (scalar.value > 0xFFFF ? 8 : 4) - digits.count)
    return (scalar.value > 0xFFFF ? "\\U" : "\\u") + zeros + digits
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// Breaks a statement before its clauses and puts what is nested two columns further in.
struct SQLLayout {
  private static let clauses = [
    " from ", " where ", " group by ", " order by ", " limit ", " offset ", " union all ", " and ",
  ]

  let width: Int
  private(set) var text = ""
  private var column = 0
  /// For each open bracket, whether a select stands in it.
  private var brackets: [Bool] = []
  /// The next `and` belongs to a `between`.
  private var isBetween = false

  init(width: Int) { self.width = width }

  mutating func add(literal: String) { write(literal) }

  mutating func add(_ piece: String) {
    var rest = piece[...]
    while let first = rest.first {
      if first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") {
        write(String(rest[...end]))
        rest = rest[rest.index(after: end)...]
      } else if brackets.last != false, let clause = Self.clauses.first(where: { rest.hasPrefix($0) }) {
        begin(clause)
        rest = rest.dropFirst(clause.count)
      } else {
        if rest.hasPrefix("between ") { isBetween = true }
        rest = rest.dropFirst(add(first, followedBy: rest.dropFirst()))
      }
    }
  }

  /// Adds one character, and says how many it has used up.
  private mutating func add(_ character: Character, followedBy rest: Substring) -> Int {
    switch character {
    case "(":
      let opensSelect = rest.hasPrefix("select ") || rest.hasPrefix("(select ")
      write("(")
      brackets.append(opensSelect)
      if opensSelect { breakLine() }
    case ")":
      if brackets.popLast() == true { breakLine() }
      write(")")
    case "," where rest.first == " " && brackets.last != false && column > width - 20:
      write(",")
      breakLine()
      write("  ")
      return 2
    default:
      write(String(character))
    }
    return 1
  }

  private mutating func begin(_ clause: String) {
    if clause == " and ", isBetween {
      isBetween = false
      write(clause)
    } else {
      breakLine()
      write((clause == " and " ? "  " : "") + clause.dropFirst())
    }
  }

  private mutating func breakLine() {
    text += "\n"
    column = 0
    write(String(repeating: "  ", count: brackets.count { $0 }))
  }

  private mutating func write(_ piece: String) {
    text += piece
    column += piece.count
  }
}
